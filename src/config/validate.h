// Rules that need several keys, none of which needs I/O or knows how a format lays out its bytes. Messages name the
// keys, what was found and what is expected; the hint is the remedy.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "config/workload.h"

namespace stoker::config {

struct Validation {
  Status status;                      // the first refusal
  std::vector<std::string> warnings;  // what is odd but can be run
};

// Every rule that does not depend on the number of ranks. load() has already applied it; call it again for a Workload
// that was changed since.
[[nodiscard]] Validation validate(const Workload&);

// Those rules once more, and those that need the number of ranks (at least 1): steps, and the ranks of a checkpoint.
// The warnings are only those of the latter, so that load()'s are not printed twice.
[[nodiscard]] Validation validate(const Workload&, int ranks);

// Full batches in an epoch and in an evaluation: what ranks * batch_size samples are taken from.
[[nodiscard]] std::int64_t steps_per_epoch(const Workload&, int ranks);
[[nodiscard]] std::int64_t steps_per_eval(const Workload&, int ranks);

}  // namespace stoker::config
