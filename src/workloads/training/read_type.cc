#include "workloads/training/read_type.h"

#include <fmt/format.h>

#include <array>

#include "base/units.h"

namespace stoker::training {

ReadTypeStorage::ReadTypeStorage(Context& c)
    : c_(c),
      memory_(c.environment.storage,
              c.environment.proc.available_memory().bytes / 2 / static_cast<std::uint64_t>(c.comm.node().local_size)) {}

Status ReadTypeStorage::report() {
  if (!keeps()) return {};
  std::array<double, 2> sums{static_cast<double>(memory_.cached_bytes()), memory_.full() ? 1.0 : 0.0};
  STOKER_TRY(c_.comm.all_reduce(sums, dist::Op::kSum));
  c_.reporter.output(fmt::format("{} were kept in memory", format_bytes(sums[0])));
  if (sums[1] > 0) {
    c_.warn(
        fmt::format("reader.read_type: memory: the data do not fit into half of the available memory; what is above "
                    "{} was read from the storage in every epoch",
                    format_bytes(sums[0])));
  }
  return {};
}

}  // namespace stoker::training
