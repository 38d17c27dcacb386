#include "data/audit/parallel.h"

#include "data/datagen/share.h"

namespace stoker::audit {

Status for_each(std::uint64_t count, unsigned ranks, const std::stop_token& stop,
                const std::function<WorkFunction()>& make_work) {
  const auto make_worker = [&make_work]() -> Result<datagen::Worker> {
    return datagen::Worker(
        [work = make_work()](std::uint64_t i, std::uint64_t, const std::stop_token& inner) { return work(i, inner); });
  };
  STOKER_TRY(datagen::for_share(count, 1, ranks, make_worker, stop));
  if (stop.stop_requested()) return make_error(Code::kInterrupted, "interrupted");
  return {};
}

Status for_each(std::uint64_t count, unsigned ranks, const std::stop_token& stop, const WorkFunction& work) {
  return for_each(count, ranks, stop, [&work]() -> WorkFunction { return work; });
}

}  // namespace stoker::audit
