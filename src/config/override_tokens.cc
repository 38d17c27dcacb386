#include "config/override_tokens.h"

#include <algorithm>
#include <array>

#include "base/printable.h"
#include "config/node.h"
#include "config/overrides.h"

namespace stoker::config {
namespace {

using Kind = OverrideToken::Kind;

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kLoneChars = "/-\\+.$%*@?|";
constexpr std::string_view kEscapable = "\\()[]{}:=, \t";

// Which blanks around a sign are part of its token.
struct Punctuation {
  char sign;
  Kind kind;
  bool blanks_before, blanks_after;
};

constexpr std::array kPunctuation = {
    Punctuation{'(', Kind::kParenOpen, true, true},     Punctuation{',', Kind::kComma, true, true},
    Punctuation{')', Kind::kParenClose, true, false},   Punctuation{'[', Kind::kBracketOpen, false, true},
    Punctuation{']', Kind::kBracketClose, true, false}, Punctuation{'{', Kind::kBraceOpen, false, true},
    Punctuation{'}', Kind::kBraceClose, true, false},   Punctuation{':', Kind::kColon, true, true},
    Punctuation{'=', Kind::kEqual, true, true},
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// How many characters of `text` from `at` on are among `set`.
std::size_t run_of(std::string_view text, std::size_t at, std::string_view set) {
  return std::min(text.find_first_not_of(set, at), text.size()) - at;
}

// The following return how many characters at the start of `text` fit; 0: it begins otherwise.

// DIGIT ('_'? DIGIT)*
std::size_t digits(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size()) {
    const std::size_t next = n + (n > 0 && text[n] == '_' ? 1 : 0);
    if (next >= text.size() || !is_digit(text[next])) break;
    n = next + 1;
  }
  return n;
}

// 0, or digits that begin otherwise.
std::size_t unsigned_int(std::string_view text) {
  return text.starts_with('0') ? 1 : digits(text);
}

std::size_t sign(std::string_view text) {
  return text.starts_with('+') || text.starts_with('-') ? 1 : 0;
}

std::size_t unsigned_float(std::string_view text) {
  const std::string name = lower(text.substr(0, 3));
  if (name == "inf" || name == "nan") return 3;
  const std::size_t whole = unsigned_int(text);
  std::size_t n = whole;
  if (n < text.size() && text[n] == '.') n += 1 + digits(text.substr(n + 1));
  if (n == 1 && whole == 0) return 0;  // a point alone
  if (n > 0 && n < text.size() && (text[n] == 'e' || text[n] == 'E')) {
    const std::size_t exponent = n + 1 + sign(text.substr(n + 1));
    const std::size_t power = digits(text.substr(exponent));
    if (power > 0) return exponent + power;
  }
  return n > whole ? n : 0;
}

std::size_t with_sign(std::string_view text, std::size_t (*number)(std::string_view)) {
  const std::size_t first = sign(text);
  const std::size_t n = number(text.substr(first));
  return n == 0 ? 0 : first + n;
}

std::size_t identifier(std::string_view text) {
  if (text.empty() || !is_letter(text.front())) return 0;
  return static_cast<std::size_t>(
      std::ranges::find_if_not(text, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; }) - text.begin());
}

std::size_t escapes(std::string_view text) {
  std::size_t n = 0;
  while (n + 1 < text.size() && text[n] == '\\' && kEscapable.find(text[n + 1]) != std::string_view::npos) n += 2;
  return n;
}

// Up to the first quote of the same kind that an even number of backslashes stands before.
std::size_t quoted(std::string_view text) {
  for (std::size_t n = 1; n < text.size(); ++n) {
    if (text[n] == text.front()) return n + 1;
    if (text[n] == '\\') ++n;
  }
  return 0;
}

std::size_t interpolation(std::string_view text) {
  if (!text.starts_with("${")) return 0;
  const std::size_t end = text.find('}', 2);
  return end == std::string_view::npos || end == 2 ? 0 : end + 1;
}

Kind word_kind(std::string_view word) {
  const std::string name = lower(word);
  if (name == "true" || name == "false") return Kind::kBool;
  return name == "null" ? Kind::kNull : Kind::kId;
}

// The token at the start of a text that begins with no blank and no punctuation; an empty one when there is none.
OverrideToken word(std::string_view text) {
  const std::size_t letters = identifier(text);
  const std::array<std::pair<Kind, std::size_t>, 6> candidates = {{
      {Kind::kFloat, with_sign(text, unsigned_float)},
      {Kind::kInt, with_sign(text, unsigned_int)},
      {word_kind(text.substr(0, letters)), letters},
      {Kind::kChar, kLoneChars.find(text.front()) == std::string_view::npos ? 0U : 1U},
      {Kind::kEscape, escapes(text)},
      {Kind::kInterpolation, interpolation(text)},
  }};
  const auto& [kind, length] = *std::ranges::max_element(candidates, {}, &std::pair<Kind, std::size_t>::second);
  return {kind, text.substr(0, length)};
}

Error bad_character(std::string_view text) {
  // A character of several bytes is shown whole.
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xc0U) == 0x80U) ++length;
  return Error{.code = Code::kConfig,
               .message = fmt::format("'{}' outside quotes", printable_line(text.substr(0, length))),
               .hint = "put the value into quotes, as in \"KEY='a text'\""};
}

}  // namespace

Result<std::vector<OverrideToken>> override_tokens(std::string_view text) {
  std::vector<OverrideToken> tokens;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t blanks = run_of(text, at, kBlanks);
    const std::size_t next = at + blanks;
    const auto* const punctuation = std::ranges::find_if(kPunctuation, [&](const Punctuation& p) {
      return next < text.size() && p.sign == text[next] && (blanks == 0 || p.blanks_before);
    });
    OverrideToken token{.kind = Kind::kSpace, .text = text.substr(at, blanks)};
    if (punctuation != kPunctuation.end()) {
      const std::size_t after = punctuation->blanks_after ? run_of(text, next + 1, kBlanks) : 0;
      token = {punctuation->kind, text.substr(at, blanks + 1 + after)};
    } else if (blanks == 0 && (text[at] == '\'' || text[at] == '"')) {
      token = {Kind::kQuoted, text.substr(at, quoted(text.substr(at)))};
      if (token.text.empty()) {
        return Error{.code = Code::kConfig,
                     .message = fmt::format("the closing {} is missing", text[at]),
                     .hint = "in quotes, \\' and \\\" stand for a quote; a backslash before the last one is \\\\"};
      }
    } else if (blanks == 0) {
      token = word(text.substr(at));
      if (token.text.empty()) return bad_character(text.substr(at));
    }
    at += token.text.size();
    tokens.push_back(token);
  }
  return tokens;
}

std::string unescaped(const OverrideToken& token) {
  std::string result;
  if (token.kind == Kind::kEscape) {
    for (std::size_t i = 1; i < token.text.size(); i += 2) result += token.text[i];
    return result;
  }
  const char quote = token.text.front();
  std::string_view rest = token.text.substr(1);
  while (true) {
    const std::size_t slashes = run_of(rest, 0, "\\");
    const bool before_quote = slashes < rest.size() && rest[slashes] == quote;
    result.append(before_quote ? slashes / 2 : slashes, '\\');
    if (before_quote && slashes + 1 == rest.size()) return result;  // the closing one
    result += rest[slashes];
    rest.remove_prefix(slashes + 1);
  }
}

std::string override_text(std::string_view text) {
  constexpr std::string_view kSafe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
  // With a slash it can be taken for nothing but a text.
  if (text.find('/') != std::string_view::npos && text.find_first_not_of(kSafe) == std::string_view::npos) {
    return std::string(text);
  }
  std::string result = "'";
  while (true) {
    const std::size_t slashes = run_of(text, 0, "\\");
    const bool at_end = slashes == text.size();
    const bool before_quote = at_end || text[slashes] == '\'';
    result.append(before_quote ? 2 * slashes : slashes, '\\');
    if (at_end) return result + "'";
    if (before_quote) result += '\\';
    result += text[slashes];
    text.remove_prefix(slashes + 1);
  }
}

}  // namespace stoker::config
