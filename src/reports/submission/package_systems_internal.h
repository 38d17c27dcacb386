// The descriptions of a submitter's systems in a submission package: systems/<system>.yaml and <system>.pdf.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "reports/submission/submission.h"

namespace stoker::reports::internal {

class PackageSystems {
 public:
  // `names`: what lies in `folder`. `systems`: those that have results.
  PackageSystems(std::filesystem::path folder, std::vector<std::string> names, std::set<std::string> systems);

  // Adds the findings on the description of one system, and its columns.
  void check(const Origin& system, Submission& out);
  // Adds a warning for each description that no system has taken.
  void check_rest(const Origin& submitter, Submission& out) const;

 private:
  std::filesystem::path folder_;
  std::vector<std::string> names_;
  std::set<std::string> systems_, used_;
};

}  // namespace stoker::reports::internal
