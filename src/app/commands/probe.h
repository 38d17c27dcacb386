// How fast a storage takes the files of a data set: writes a few of them with the real engine, in a temporary folder
// that is gone afterwards.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/status.h"
#include "mlperf/plan/datasize_plan.h"

namespace stoker::app {

struct ProbeResult {
  std::uint64_t files = 0, bytes = 0;  // bytes as stored
  std::int64_t samples = 0;
  int ranks = 1;
  double write_seconds = 0, flush_seconds = 0;  // flush: until everything was on the storage

  [[nodiscard]] double seconds() const { return write_seconds + flush_seconds; }
  [[nodiscard]] double samples_per_second() const { return static_cast<double>(samples) / seconds(); }
};

// The command that is run, for `folder` (--what-if prints it).
[[nodiscard]] std::vector<std::string> probe_command(const mlperf::DatasizePlan& plan, const std::string& config_dir,
                                                     int ranks, const std::filesystem::path& folder);
[[nodiscard]] int probe_ranks(int processes);

// Below `data_dir`, or the nearest folder above it that exists. Code::kInterrupted after SIGINT or SIGTERM; the folder
// is removed in every case.
[[nodiscard]] Result<ProbeResult> probe(const mlperf::DatasizePlan& plan, const std::filesystem::path& data_dir,
                                        const std::string& config_dir, int processes);

}  // namespace stoker::app
