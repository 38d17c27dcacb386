// The hosts of a command: how its ranks get there, whether they can, and what the metadata says of them.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/commands/common_options.h"
#include "app/commands/timeseries_options.h"
#include "base/clock.h"
#include "base/status.h"
#include "cluster/environment/finding.h"
#include "cluster/environment/hosts.h"
#include "cluster/host/sampler.h"
#include "config/workload.h"
#include "results/metadata.h"
#include "results/run_directory.h"

namespace stoker::app {

// How the ranks of a command are started, as its options say.
struct RankStart {
  bool launched = false;           // by an MPI launcher; else as threads of one process on this host
  launch::MpirunOptions launcher;  // with the command's number of processes
  std::vector<std::pair<std::string, std::string>> variables;  // for the launcher's process
};
// kInvalidArgument for options that cannot be: bad hosts, too few slots, a remote host without a launcher.
[[nodiscard]] Result<RankStart> rank_start(const MpiOptions& options, int processes);

// What a command needs of its surroundings.
struct Surroundings {
  std::string results_dir;
  std::optional<std::filesystem::path> writes;  // folder of the data set, for a command that writes it
  const config::Workload* writes_what = nullptr;
  bool needs_facts = false;  // the hosts' facts go into the metadata
  bool what_if = false;
  bool skip_validation = false;
  int client_host_memory_in_gb = 0;  // what the user says of each host, where nobody is asked
};

// The environment checks and the hosts' facts in one, because asking the hosts is a check. What stands in the way is
// collected after the `known` findings and told together. With skip_validation nothing stands in the way: hosts that do
// not answer are warnings and missing_hosts of the answer.
//
// This is also what a verification before a run uses: environment::shortfall(system) says whose facts are missing.
[[nodiscard]] Result<results::SystemInfo> check_surroundings(const RankStart& start, const Surroundings& surroundings,
                                                             environment::Findings known);

// Facts as the user gives them, where nobody is asked (method "args"): memory only, for each distinct host.
[[nodiscard]] results::SystemInfo facts_of_options(const RankStart& start, int memory_gib);

// The hosts of one run while it goes on. Stoker's engine records them itself and is told to by these options; beside
// another one, this host is sampled from here, and hosts are asked again at the end.
class HostWatch {
 public:
  HostWatch(const RankStart& start, const TimeseriesOptions& timeseries, results::SystemInfo before,
            const results::RunDirectory& directory, bool own_engine);

  // For the engine's command line; none for another engine.
  [[nodiscard]] std::vector<std::string> engine_options() const;
  void begin();
  // Puts facts, snapshots and time series into the metadata; what is missing of them is a warning.
  void end(results::RunMetadata& metadata);

 private:
  void take_record(results::RunMetadata& metadata);
  void ask_again(results::RunMetadata& metadata);

  const RankStart& start_;
  const TimeseriesOptions timeseries_;
  const results::SystemInfo before_;
  const results::RunDirectory& directory_;
  const bool own_engine_;
  const host::Proc proc_;
  const SteadyClock clock_;
  results::WallTime began_;
  std::optional<host::Sampler> sampler_;
};

}  // namespace stoker::app
