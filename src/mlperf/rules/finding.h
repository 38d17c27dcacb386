// What a check has to say, and what all of them come to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stoker::rules {

enum class Category { kClosed, kOpen, kInvalid };
[[nodiscard]] std::string_view to_string(Category category);  // CLOSED, OPEN, INVALID

enum class Severity { kError, kWarning, kInfo };

struct Finding {
  std::string rule;  // id of the rule (mlperf/rules/catalogue.h)
  Category category = Category::kInvalid;
  std::string message;    // one sentence; a CLOSED finding is a positive remark
  std::string parameter;  // dotted key or option; "" : none
  std::string expected, actual;
  std::string remedy;  // what to do about it; "" : nothing
  Severity severity = Severity::kError;
};

// "parameter: message", or the message alone where it names the parameter itself or there is none.
[[nodiscard]] std::string message_text(const Finding& finding);
// "[OPEN] parameter: message (expected e, found a)"; expected and found only if both are known.
[[nodiscard]] std::string to_string(const Finding& finding);

struct Judgement {
  std::vector<Finding> findings;
  // Any INVALID makes INVALID, else any OPEN makes OPEN, else CLOSED.
  [[nodiscard]] Category category() const;
};

}  // namespace stoker::rules
