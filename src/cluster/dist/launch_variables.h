// What started this process, as its environment tells: an MPI launcher, a batch system without MPI, or neither.
#pragma once

#include <optional>
#include <string_view>

#include "base/status.h"

namespace stoker::dist {

// Whether an MPI launcher (Open MPI, MPICH and its relatives, or Slurm's srun with a PMI) started this process. Slurm's
// own variables alone say nothing: every process of a batch job has them.
[[nodiscard]] bool launched_by_mpi();

// The variable that says so; nullptr: none does.
[[nodiscard]] const char* launcher_variable();

// How many ranks the launcher says that it started; nullopt where it does not.
[[nodiscard]] std::optional<int> launched_size();

// For a process that is about to run ranks of its own, not launched_by_mpi(): E501 when a batch system (Slurm, PALS,
// Flux) has started several like it. Each would believe to be alone and write into the same folders.
[[nodiscard]] Status check_started_alone();

// For a command that starts ranks itself, or has them started: E105 when a launcher has started the command, since the
// ranks would take themselves for the launcher's. One task of Slurm or Flux (`srun -n 1`, a shell of `srun --pty`) is
// no launch: then the variables of its PMI are taken out of the environment, so that children do not find them. Before
// threads start.
[[nodiscard]] Status leave_launcher(std::string_view command);

}  // namespace stoker::dist
