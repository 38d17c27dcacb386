// The words of a value on the command line, as Hydra's lexer cuts them: the longest that fits, the earlier kind of the
// list below among equals. Blanks around punctuation belong to it.
#pragma once

#include <string_view>
#include <vector>

#include "base/status.h"

namespace stoker::config {

struct OverrideToken {
  enum class Kind {
    kParenOpen,
    kComma,
    kParenClose,
    kBracketOpen,
    kBracketClose,
    kBraceOpen,
    kBraceClose,
    kColon,
    kEqual,
    kFloat,
    kInt,
    kBool,
    kNull,
    kChar,  // one of / - \ + . $ % * @ ? |
    kId,
    kEscape,  // one or more escaped characters
    kSpace,
    kQuoted,
    kInterpolation,  // ${...}
  } kind;
  std::string_view text;  // of the text given: valid as long as that is
};

// Refuses a character that may only stand in quotes, and quotes that are not closed (Code::kConfig).
[[nodiscard]] Result<std::vector<OverrideToken>> override_tokens(std::string_view text);

// What an escaped sequence or a quoted text (with its quotes) stands for. In quotes a backslash is itself, unless only
// backslashes are between it and a quote of the same kind: then the text has every second of them, and the quote.
[[nodiscard]] std::string unescaped(const OverrideToken&);

}  // namespace stoker::config
