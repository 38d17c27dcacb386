#include "mlperf/rules/decision.h"

#include <fmt/format.h>

namespace stoker::rules {

Decision decide(Category verdict, Division wanted, bool allow_invalid) {
  Decision decision;
  if (wanted == Division::kNone) {
    decision.warning =
        fmt::format("neither --open nor --closed was given: the run is {} and its results are not for submission",
                    to_string(verdict));
    return decision;
  }
  const std::string_view division = wanted == Division::kOpen ? "--open" : "--closed";
  if (verdict == Category::kInvalid) {
    if (allow_invalid) {
      decision.warning = fmt::format(
          "{}: the run is INVALID; --allow-invalid-params lets it go on, but its results "
          "cannot be submitted",
          division);
      return decision;
    }
    decision.run = false;
    decision.refusal = fmt::format("{}: the run would be INVALID", division);
    decision.hint = fmt::format("mend what is listed above, or leave {} out for a run that is not submitted", division);
  } else if (verdict == Category::kOpen && wanted == Division::kClosed) {
    decision.run = false;
    decision.refusal = "--closed: the run would be OPEN";
    decision.hint = "use --open, or mend what is listed above";
  }
  return decision;
}

}  // namespace stoker::rules
