#include "mlperf/rules/finding.h"

#include <fmt/format.h>

#include <algorithm>

namespace stoker::rules {

std::string_view to_string(Category category) {
  switch (category) {
    case Category::kClosed: return "CLOSED";
    case Category::kOpen: return "OPEN";
    case Category::kInvalid: return "INVALID";
  }
  return "INVALID";
}

std::string message_text(const Finding& finding) {
  if (finding.parameter.empty() || finding.message.find(finding.parameter) != std::string::npos) return finding.message;
  return finding.parameter + ": " + finding.message;
}

std::string to_string(const Finding& finding) {
  std::string text = fmt::format("[{}] {}", to_string(finding.category), message_text(finding));
  if (!finding.expected.empty() && !finding.actual.empty())
    text += fmt::format(" (expected {}, found {})", finding.expected, finding.actual);
  return text;
}

Category Judgement::category() const {
  Category worst = Category::kClosed;
  for (const Finding& finding : findings) worst = std::max(worst, finding.category);
  return worst;
}

}  // namespace stoker::rules
