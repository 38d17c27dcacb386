// What a verdict before a run means for the run.
#pragma once

#include <string>

#include "mlperf/rules/finding.h"

namespace stoker::rules {

enum class Division { kNone, kOpen, kClosed };  // that the user asked for

struct Decision {
  bool run = true;
  std::string warning;  // to be printed when it runs all the same
  std::string refusal;  // why it does not
  std::string hint;
};

// | verdict | neither flag | --open | --closed                    |
// | CLOSED  | run, warn    | run    | run                         |
// | OPEN    | run, warn    | run    | refuse, advise --open       |
// | INVALID | run, warn    | refuse | refuse                      |
//
// The warning is that results are not for submission. `allow_invalid` turns the refusals of INVALID runs into one; a
// run that is OPEN is still no CLOSED one.
[[nodiscard]] Decision decide(Category verdict, Division wanted, bool allow_invalid);

}  // namespace stoker::rules
