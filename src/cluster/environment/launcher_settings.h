// What the MPI launcher is told beyond the command line, so that it neither waits for a person nor for a dead host.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cluster/launch/mpirun_command.h"

namespace stoker::environment {

// The value of an environment variable; nullopt when it is not set.
using Variables = std::function<std::optional<std::string>(const std::string& name)>;
[[nodiscard]] std::optional<std::string> process_variable(const std::string& name);

// Whether Open MPI would start its daemons on other hosts with ssh: not inside a batch system that does it, and not
// when the user has named another agent, in the variables, in `mpi_params`, or in the settings file of the home folder.
[[nodiscard]] bool starts_with_ssh(std::span<const std::string> mpi_params, const Variables& variables);

// Variables for the launcher's process. They are Open MPI's; other launchers do not know them. Where the user has set
// one of them, it stays as it is.
//
// With ssh: BatchMode, so that it fails where it would ask for a password, and a connection within 5 seconds. Always:
// a host that has gone without a word (power, cable) is noticed within about 40 seconds instead of 8 minutes. With a
// full host name among `hosts`: Open MPI 4 keeps it whole, where it would go to node1 for node1.example.org.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> launcher_variables(
    std::span<const std::string> mpi_params, std::span<const launch::Host> hosts, const Variables& variables);

// In a job of a batch system Open MPI knows the nodes of the job and "localhost", but no loopback address: those become
// localhost. Elsewhere nothing changes.
void name_as_in_job(std::span<launch::Host> hosts, const Variables& variables);

// What the job's nodes are called, for a hint: "in a job of Slurm the hosts are its nodes (SLURM_JOB_NODELIST=n[1-2])";
// "" where there is no job.
[[nodiscard]] std::string nodes_of_job(const Variables& variables);

// `mpi_params` without what says how many ranks go where (--map-by, -npernode, a rank file) and how their output is
// shown (--tag-output): a question to each host has its own layout, and its answer is read by a program. Nothing of
// words that split_mpi_params() refuses.
[[nodiscard]] std::vector<std::string> without_layout(std::span<const std::string> mpi_params);

}  // namespace stoker::environment
