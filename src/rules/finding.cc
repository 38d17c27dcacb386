#include "rules/finding.h"

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

std::string to_string(const Finding& finding) {
  std::string details;
  if (!finding.parameter.empty()) details = "Parameter: " + finding.parameter;
  if (!finding.expected.empty() && !finding.actual.empty()) {
    details += fmt::format("{}Expected: {}, Actual: {}", details.empty() ? "" : ", ", finding.expected, finding.actual);
  }
  return fmt::format("[{}] {}{}", to_string(finding.category), finding.message,
                     details.empty() ? "" : fmt::format(" ({})", details));
}

Category Judgement::category() const {
  Category worst = Category::kClosed;
  for (const Finding& finding : findings) worst = std::max(worst, finding.category);
  return worst;
}

}  // namespace stoker::rules
