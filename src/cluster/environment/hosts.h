// Asks every host of a run what it is, through the launcher that will start the run: one answer is both the host's
// facts and the proof that it can be reached, runs the program and can communicate.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "cluster/environment/finding.h"
#include "cluster/host/proc.h"
#include "cluster/launch/mpirun_command.h"
#include "cluster/launch/process.h"
#include "results/system_info.h"
#include "results/timestamp.h"

namespace stoker::environment {

struct HostQuery {
  bool launched = false;             // ranks are started by a launcher; else this host is read directly
  launch::MpirunOptions launcher;    // its hosts are those asked; processes are set here
  std::vector<std::string> command;  // what answers: {".../stoker", "host-facts"}
  std::vector<std::pair<std::string, std::string>> variables;  // launcher_variables()
  std::string nodes_of_job;                                    // for a hint
  std::chrono::milliseconds timeout{60'000};                   // of a question to all hosts
  std::chrono::milliseconds timeout_alone{20'000};             // of one to a single host
};

struct HostAnswer {
  // collection_method: "local" without a launcher; "mpi" when hosts answered, those that did not are in missing_hosts;
  // "local_fallback" when none did and the facts are those of this host only.
  results::SystemInfo system;
  // Why hosts are missing, one entry each: E501 launcher or MPI module missing, E502 host, E503 communication, E504
  // answer. Empty when all is well.
  Findings problems;
};

// A launcher of its own for each question, as several hosts may be asked at a time.
using MakeLauncher = std::function<std::unique_ptr<launch::Launcher>()>;

// One process per distinct host. When that fails, each host alone (at most 10 at a time), so that the one that is to
// blame can be named. Takes at most about timeout + hosts / 10 * timeout_alone; ends early on `stop`.
[[nodiscard]] HostAnswer ask_hosts(const HostQuery& query, const MakeLauncher& make_launcher, const host::Proc& proc,
                                   results::WallTime now, const std::stop_token& stop);

// For the user and for verdicts: "" when the facts are of all hosts; else, say, "host facts of this host only
// (local_fallback): node-b is missing".
[[nodiscard]] std::string shortfall(const results::SystemInfo& system);

}  // namespace stoker::environment
