// One run on one rank, from checked configuration to summary.json: the program's table of contents.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "cluster/dist/communicator.h"
#include "config/load.h"
#include "workloads/training/context.h"
#include "workloads/training/host_record.h"

namespace stoker::training {

struct RunRequest {
  const config::Loaded* loaded = nullptr;  // outlives the run
  std::filesystem::path run_dir;           // hydra.run.dir; empty: ./hydra_log/<model>/<date>-<time>, fixed by rank 0
  std::string output_subdir = ".hydra";    // hydra.output_subdir: folder of the three configuration copies
  std::vector<std::string> command_line;   // overrides as typed, `workload=<name>` first
  bool quiet = false;
  std::vector<std::filesystem::path> ceilings;   // documents of `stoker bench` that the run is compared with
  std::optional<HostRecordRequest> host_record;  // none: nothing is recorded of the hosts
};

// What this build cannot do: formats it has not got, storages, checkpoints. Code::kUnsupported names key and value, and
// what a format cannot do of what is asked is Code::kConfig. No I/O; any thread.
[[nodiscard]] Status check_supported(const config::Workload& workload);

// Collective. Rank 0 prints, writes the results and, when the run fails, a summary that says so; the error comes back
// on every rank, and is for the caller of rank 0 to print, once.
[[nodiscard]] Status run_rank(const RunRequest& request, const Environment& environment, dist::Communicator& comm);

}  // namespace stoker::training
