// The training phase of a run: files, epochs, steps, evaluation.
#pragma once

#include "base/status.h"
#include "workloads/training/context.h"
#include "workloads/training/outcome.h"

namespace stoker::training {

// Collective. Writes `<rank>_output.json` and `<rank>_per_epoch_stats.json`. After a failure these files and the lists
// of `outcome` have the epochs that had ended by then; its sums over ranks have not been made.
[[nodiscard]] Status train(Context& context, TrainOutcome& outcome);

}  // namespace stoker::training
