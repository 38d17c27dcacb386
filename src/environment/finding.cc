#include "environment/finding.h"

namespace stoker::environment {

Error report(const Findings& findings) {
  STOKER_CHECK(!findings.empty());
  if (findings.size() == 1) return findings.front();
  Error all{findings.front().code, fmt::format("{} things stand in the way of a run", findings.size()),
            "what is checked here can be skipped: --skip-validation"};
  all.number = number_of(findings.front());
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const Error& error = findings[i];
    all.message += fmt::format("\n  {}. [{}] {}", i + 1, to_string(number_of(error)), error.message);
    if (error.where) {
      all.message += fmt::format("\n     --> {}", error.where->file);
      if (error.where->line > 0) all.message += fmt::format(":{}:{}", error.where->line, error.where->column);
    }
    if (!error.hint.empty()) all.message += fmt::format("\n     hint: {}", error.hint);
  }
  return all;
}

}  // namespace stoker::environment
