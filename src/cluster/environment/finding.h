// What stands in the way of a run, found before it starts.
#pragma once

#include <vector>

#include "base/error_number.h"
#include "base/status.h"

namespace stoker::environment {

// Each says what, where and what to do, and has the number that users know (E501).
using Findings = std::vector<Error>;

[[nodiscard]] inline Error numbered(ErrorNumber number, Error error) {
  error.number = number;
  return error;
}

// All of them as one error: a single one as it is, several numbered in their order, with the first one's code and
// number, which decide the exit code. There is at least one.
[[nodiscard]] Error report(const Findings& findings);

}  // namespace stoker::environment
