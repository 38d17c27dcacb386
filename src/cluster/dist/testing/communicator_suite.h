// What every Communicator must do, as checks that need no test framework: the same list runs over threads
// (local_test.cc) and over MPI processes (tests/mpi/).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cluster/dist/communicator.h"

namespace stoker::dist::testing {

// Run by all ranks together, on one host. Returns what went wrong on this rank, "" when all is well.
struct Case {
  std::string_view name;
  std::string (*run)(Communicator&);
};

[[nodiscard]] std::span<const Case> communicator_cases();

}  // namespace stoker::dist::testing
