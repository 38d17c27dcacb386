#include "cluster/environment/finding.h"

namespace stoker::environment {

Error report(const Findings& findings) {
  STOKER_CHECK(!findings.empty());
  if (findings.size() == 1) return findings.front();
  Error all{findings.front().code, fmt::format("{} things stand in the way of a run", findings.size()),
            "what is checked here can be skipped: --skip-validation"};
  all.number = number_of(findings.front());
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const Error& error = findings[i];
    all.list.push_back(fmt::format("{}. [{}] {}", i + 1, to_string(number_of(error)), error.message));
    for (const std::string& line : error.list) all.list.push_back("   " + line);
    if (error.where) {
      std::string& place = all.list.emplace_back(fmt::format("   --> {}", error.where->file));
      if (error.where->line > 0) place += fmt::format(":{}:{}", error.where->line, error.where->column);
    }
    if (!error.hint.empty()) all.list.push_back("   hint: " + error.hint);
  }
  return all;
}

}  // namespace stoker::environment
