// Whether a folder is laid out as results are (results/run_directory.h), and what is wrong where it is not.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "results/run_directory.h"

namespace stoker::reports {

struct TreeIssue {
  enum class Kind { kMissing, kMalformed, kOdd };
  // kInvalid: there is nothing to report on. kError: a run may be missing from it. kWarning: worth a look.
  enum class Severity { kInvalid, kError, kWarning };
  Kind kind = Kind::kOdd;
  Severity severity = Severity::kWarning;
  std::filesystem::path path;
  std::string message, remedy;
};

struct ResultsTree {
  std::vector<TreeIssue> issues;  // in the order of the walk
  [[nodiscard]] bool valid() const;
};

// Looks at names and at which files exist; of those it opens the metadata of runs without a summary only. Folders that
// cannot be listed are kError.
[[nodiscard]] ResultsTree inspect_results(const std::filesystem::path& results);

// "path: message; remedy".
[[nodiscard]] std::string to_text(const TreeIssue& issue);
// What a tree should look like, for whoever has none.
[[nodiscard]] std::string_view example_tree();

}  // namespace stoker::reports
