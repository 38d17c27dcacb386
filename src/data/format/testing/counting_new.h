// Counts the calls of operator new, in a test binary that links counting_new.cc.
#pragma once

#include <cstdint>

namespace stoker::format::testing {

// Of the calling thread, since it started.
[[nodiscard]] std::uint64_t allocations();

}  // namespace stoker::format::testing
