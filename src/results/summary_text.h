// A Summary as text for people and for scripts. Pure functions; the caller prints.
#pragma once

#include <string>

#include "results/summary.h"

namespace stoker::results {

// The `[METRIC]` lines that scripts look for, rule lines included, each with its newline. Labels are fixed interface
// text.
[[nodiscard]] std::string metric_block(const Summary& summary);

// What was read and from where, where the time went, what it cost the client, and the verdict: aligned lines, each with
// its newline; what was not measured is left out.
[[nodiscard]] std::string human_summary(const Summary& summary);

}  // namespace stoker::results
