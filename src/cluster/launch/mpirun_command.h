// The command that starts N ranks through an MPI launcher. Pure: nothing is started and nothing is looked up here.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cluster/launch/shell_line.h"

namespace stoker::launch {

struct Host {
  std::string name;
  std::optional<int> slots;  // ranks it may hold; from "name:slots"
  friend bool operator==(const Host&, const Host&) = default;
};

// What the user gave as --hosts: several words, or one with commas or spaces in it, quoted or not. Order and repetition
// are kept, as the launcher gives them a meaning. An IPv6 address with slots is written "[address]:slots".
// kInvalidArgument names the bad part.
[[nodiscard]] Result<std::vector<Host>> parse_hosts(std::span<const std::string> words);

// Whether the name can only mean this machine: localhost, a loopback address, or `own_name` (with or without its
// domain).
[[nodiscard]] bool is_local_host(std::string_view name, std::string_view own_name = {});

// How many ranks each distinct host runs, in the order in which hosts are first named, 0 for one that gets none; all
// names of this machine are one host. With slots, as Open MPI deals with --map-by node: a rank to each host in turn up
// to its slots, and what is more than all slots in turn again (--oversubscribe); without, as mpirun_command. Empty when
// only some hosts have slots, which mpirun_command refuses. A --map-by among the user's own words is not looked at.
[[nodiscard]] std::vector<int> ranks_by_host(std::span<const Host> hosts, int processes,
                                             std::string_view own_name = {});

enum class MpiBin { kMpirun, kMpiexec };

// The program for `bin`: what MPI_RUN_BIN or MPI_EXEC_BIN says, else mpirun or mpiexec.
[[nodiscard]] std::string launcher_program(MpiBin bin);

// Whether Open MPI would refuse to start: for root it wants --allow-run-as-root, or both of its variables of that name.
[[nodiscard]] bool launcher_refuses_root();

struct MpirunOptions {
  std::string program = "mpirun";
  int processes = 1;
  std::vector<Host> hosts;     // empty: localhost
  bool oversubscribe = false;  // more processes than slots are fine
  bool allow_run_as_root = false;
  bool refuses_root = false;            // launcher_refuses_root(), asked by the caller
  std::vector<std::string> mpi_params;  // the user's own, as split_mpi_params() gives them; last and verbatim
};

// <program> -n P -host h1:s1,h2:s2 [--bind-to none] [--map-by node|socket] [--oversubscribe] [--allow-run-as-root]
// [mpi_params...] command...
//
// What the user's own words bind or map (cluster/launch/mpi_params.h) is left to them.
// Hosts have slots all or none. Without, processes are dealt evenly, the first hosts getting one more (8 on 3: 3, 3,
// 2), and a host that would get none is left out. --map-by is node when there are two or more distinct hosts.
// kInvalidArgument for bad numbers, too few slots, and root without permission; the hint says what to add to the
// command line.
[[nodiscard]] Result<std::vector<std::string>> mpirun_command(const MpirunOptions& options,
                                                              std::span<const std::string> command);

}  // namespace stoker::launch
