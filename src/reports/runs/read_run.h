// A run directory read back: stoker's own, those of mlpstorage with a metadata file (v3), and those without, of which
// summary.json and the configuration copies are all there is (v2.0 and DLIO itself).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "mlperf/rules/run.h"
#include "results/json.h"
#include "results/system_info.h"

namespace stoker::reports {

// Two files of a run that do not agree, where it matters which one is right.
struct Contradiction {
  enum class Kind {
    kFigures,  // the run was smaller than the one that is judged, or had settings that are not judged
    kPlace,    // it lies where runs of another benchmark, model or command belong
  };
  Kind kind = Kind::kFigures;
  std::string text;
};

struct RunRecord {
  rules::Run run;  // run.directory is the directory that was read
  // summary.json's node `metric`, of the key/value cache its result file's `summary`, as it stands.
  results::Json metrics = results::Json::object();
  std::string coverage;       // which samples training read, in one line; empty when the run does not say
  results::Json system_info;  // cluster object with all hosts, or null
  bool has_metadata = false, has_summary = false;
  bool is_plan = false;  // left by --what-if: nothing was run
  // What had to be guessed, what is missing, and harmless contradictions: sentences for the reader of a report.
  std::vector<std::string> notes;
  std::vector<Contradiction> contradictions;

  // A `run` that ended well, the only kind that counts in a submission.
  [[nodiscard]] bool counts() const { return run.finished && run.id.command == "run"; }
};

// Needs a metadata file that can be read, or a summary.json and the copy of the configuration. Everything else is used
// where it is there. Code::kNotFound when there is nothing to go by, Code::kCorrupt naming file and place otherwise.
[[nodiscard]] Result<RunRecord> read_run(const std::filesystem::path& directory);

// The hosts that a run recorded, with everything known of them; for `stoker system init`. Code::kNotFound when neither
// metadata nor summary name one.
[[nodiscard]] Result<results::SystemInfo> read_hosts(const std::filesystem::path& directory);

// What the folders above a run say, if it is not what `id` says: "lies in training/unet3d/run, its metadata say ...".
[[nodiscard]] std::optional<Contradiction> misplacement(const std::filesystem::path& directory,
                                                        const results::RunId& id);

// Text that holds a number or a truth value as that (Python keeps overrides as they were typed); deep.
[[nodiscard]] results::Json typed(const results::Json& value);

}  // namespace stoker::reports
