// The verdict over a run or over the runs of a submission. Pure: nothing is read, printed or timed here.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "mlperf/rules/finding.h"
#include "mlperf/rules/run.h"

namespace stoker::rules {

// Checks of one run, planned or done. Checks of what a run measured (AU) are made only where there is an outcome.
// A check that throws becomes an INVALID finding that names it.
[[nodiscard]] Judgement judge(const Run& run);

// Checks over the runs of one group: same benchmark type, model and accelerator. The findings of judge() on each run
// are not repeated; `runs` must be completed runs of the command that is submitted. `judgements` are theirs, by index.
[[nodiscard]] Judgement judge_submission(std::span<const Run> runs, std::span<const Judgement> judgements);

// Of the training runs of a submission, by index and in the order of their start: those that are measured. With one run
// more than the five that are required, the earliest is the warm-up and is left out.
inline constexpr std::size_t kMeasuredRuns = 5;
[[nodiscard]] std::vector<std::size_t> measured_runs(std::span<const Run> runs);

}  // namespace stoker::rules
