// Where the files of a run do not agree with each other.
#pragma once

#include "reports/runs/config_copy.h"
#include "reports/runs/read_run.h"
#include "results/metadata.h"

namespace stoker::reports::internal {

struct RunFiles {
  const results::RunMetadata* metadata = nullptr;  // nullptr: there are none
  const ConfigCopy* config = nullptr;              // likewise
  const results::Json& summary;                    // as it stands; {} when there is none
};

// What is judged, against the sizes in the summary and in the copy of the configuration, of a run that ended well. Less
// than what is judged is a contradiction, since the run looks better than it was; more is a note.
void compare_figures(const RunFiles& files, RunRecord& record);
// The overrides in the metadata, which are judged, against those in overrides.yaml, which the engine was given.
void compare_overrides(const RunFiles& files, RunRecord& record);

}  // namespace stoker::reports::internal
