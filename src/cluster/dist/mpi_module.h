// Ranks that are MPI processes. MPI stays outside the program, in a module (dist/mpi/) that is loaded only when an MPI
// launcher has started this process, so that the program itself starts on machines without MPI.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "cluster/dist/communicator.h"

namespace stoker::dist {

// Loads the module, initialises MPI and returns the communicator over all ranks. Once in a process, from the main
// thread, before other threads start: it also lets this process run on all the CPUs that the launcher may use, where
// the launcher has bound it to fewer (reader threads must not share one core; STOKER_KEEP_BINDING=1 leaves the binding
// as it is).
//
// The module is looked for in $STOKER_MPI_MODULE, next to the executable, in ../lib/stoker and in the
// ../<libdir>/stoker of the installation. kUnsupported when it or the MPI library is missing or does not fit.
//
// Destroying the communicator is collective: it waits for all ranks and finalises MPI. So a rank that leaves because of
// an error that the ranks have not agreed upon must call abort() first, and end with an exit code other than 0.
[[nodiscard]] Result<std::unique_ptr<Communicator>> make_mpi_communicator();

// The first line of what the MPI library behind the module says of itself ("Open MPI v4.1.4, ..."). Does not initialise
// MPI. Errors as above.
[[nodiscard]] Result<std::string> mpi_library_version();

}  // namespace stoker::dist
