#include "data/audit/parallel.h"

#include "data/datagen/share.h"

namespace stoker::audit {

Status for_each(std::uint64_t count, unsigned ranks, const std::stop_token& stop, const WorkFunction& work) {
  const datagen::Worker one = [&work](std::uint64_t i, std::uint64_t, const std::stop_token& inner) {
    return work(i, inner);
  };
  STOKER_TRY(datagen::for_share(
      count, 1, ranks, [&one]() -> Result<datagen::Worker> { return one; }, stop));
  if (stop.stop_requested()) return make_error(Code::kInterrupted, "interrupted");
  return {};
}

}  // namespace stoker::audit
