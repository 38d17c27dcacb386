// The seam between the program and its MPI module: three C names that cluster/dist/mpi_module.cc looks up after dlopen.
// Both sides are compiled together; the stamp proves it, because a Communicator and an Error are handed across as C++
// objects.
#pragma once

#include "base/status.h"
#include "cluster/dist/communicator.h"

namespace stoker::dist {

// Initialises MPI and returns a new communicator over all ranks, or null with `error` set. Throws nothing.
using MpiOpen = Communicator*(Error* error);
inline constexpr const char* kMpiOpenSymbol = "stoker_mpi_open";

// A digest of the headers that both sides include (see CMakeLists.txt).
using MpiStamp = const char*();
inline constexpr const char* kMpiStampSymbol = "stoker_mpi_stamp";

// The MPI library's name and version, without initialising it; valid to the end of the process.
using MpiVersion = const char*();
inline constexpr const char* kMpiVersionSymbol = "stoker_mpi_version";

}  // namespace stoker::dist
