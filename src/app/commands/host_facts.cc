#include "app/commands/host_facts.h"

#include <fmt/format.h>

#include <cstdio>

#include "app/commands/print_error.h"
#include "base/clock.h"
#include "base/log.h"
#include "cluster/dist/launch_variables.h"
#include "cluster/dist/local.h"
#include "cluster/dist/mpi_module.h"
#include "cluster/host/proc.h"
#include "workloads/training/host_snapshot.h"

namespace stoker::app {

namespace {

constexpr const char* kHelp = R"(usage: stoker host-facts
       mpirun -n HOSTS -host A:1,B:1,... stoker host-facts

Prints what this host is (memory, CPUs, disks, network interfaces, system) as JSON; under an MPI launcher, what the hosts
of all its processes are, on one line. It is what the metadata of a run holds as `system_info`.
)";

// One process per host; more than one does no harm.
int facts_over_mpi() {
  auto comm = dist::make_mpi_communicator();
  if (!comm) return print_error(comm.error());
  const SteadyClock clock;
  std::optional<results::HostInfo> mine;
  if ((*comm)->node().local_rank == 0) mine = host::Proc().host_info(clock.wall());
  const auto system = training::gather_snapshot(**comm, mine, "mpi");
  if (!system) {
    const int code = print_error(system.error());
    (*comm)->abort(code);
    return code;
  }
  if ((*comm)->rank() == 0) {
    fmt::print("{}\n", results::dump_line(results::to_json(*system)));
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace

int run_host_facts(const std::vector<std::string>& args) {
  init_log("warning");
  if (!args.empty()) {
    const bool help = args.front() == "--help" || args.front() == "-h";
    std::fputs(kHelp, help ? stdout : stderr);
    return help ? 0 : static_cast<int>(ExitCode::kBadArguments);
  }
  if (dist::launched_by_mpi()) return facts_over_mpi();
  const SteadyClock clock;
  results::SystemInfo system;
  system.hosts = {host::Proc().host_info(clock.wall(), host::Detail::kFull)};
  system.collection_method = "local";
  system.collection_timestamp = system.hosts.front().collection_timestamp;
  fmt::print("{}\n", results::dump(results::to_json(system)));
  return 0;
}

}  // namespace stoker::app
