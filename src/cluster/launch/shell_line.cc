#include "cluster/launch/shell_line.h"

#include <algorithm>

namespace stoker::launch {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view(".-_/:=,+@%^").find(c) != std::string_view::npos;
}

std::string with_escapes(const std::string& word) {
  std::string out = "$'";
  for (const char c : word) {
    switch (c) {
      case '\n': out += "\\n"; break;
      case '\t': out += "\\t"; break;
      case '\r': out += "\\r"; break;
      case '\'': out += "\\'"; break;
      case '\\': out += "\\\\"; break;
      default:
        if (is_control(c)) {
          // Three octal digits: never taken for more than this byte, whatever follows.
          out += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
        } else {
          out += c;
        }
    }
  }
  return out + "'";
}

std::string quoted(const std::string& word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return word;
  if (std::any_of(word.begin(), word.end(), is_control)) return with_escapes(word);
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'') {
      out += R"('\'')";
    } else {
      out += c;
    }
  }
  return out + "'";
}

Error no_end(std::string_view line, std::string_view what, std::size_t at) {
  return Error{Code::kInvalidArgument,
               fmt::format("the {} at character {} of the line has no end: {}", what, at + 1, line)};
}

// What follows a backslash inside $'...'; `at` is moved past it.
char escaped(std::string_view line, std::size_t& at) {
  const char c = line[at++];
  switch (c) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case 'a': return '\a';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'v': return '\v';
    case 'e': return '\x1b';
    default: break;
  }
  const auto number = [&](int base, std::size_t most) {
    int value = 0;
    for (std::size_t n = 0; n < most && at < line.size(); ++n, ++at) {
      const char digit = line[at];
      const int d = digit >= '0' && digit <= '9'   ? digit - '0'
                    : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
                    : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
                                                   : base;
      if (d >= base) break;
      value = value * base + d;
    }
    return static_cast<char>(value);
  };
  if (c == 'x') return number(16, 2);
  if (c >= '0' && c <= '7') {
    --at;
    return number(8, 3);
  }
  return c;
}

// The text of '...', "..." or $'...' whose opening quote stands at `at`, which is moved past the closing one.
Result<std::string> quoted_part(std::string_view line, std::size_t& at, bool escapes) {
  const std::size_t begin = at;
  const char quote = line[at++];
  std::string text;
  while (at < line.size()) {
    const char c = line[at++];
    if (c == quote) return text;
    if (c != '\\' || (quote == '\'' && !escapes)) {
      text += c;
    } else if (at == line.size()) {
      break;
    } else if (escapes) {
      text += escaped(line, at);
    } else {
      const char next = line[at++];
      if (std::string_view("\"\\$`\n").find(next) == std::string_view::npos) text += '\\';
      if (next != '\n') text += next;
    }
  }
  return no_end(line, quote == '"' ? "double quote" : "single quote", begin);
}

}  // namespace

std::string shell_line(std::span<const std::string> words) {
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty()) line += ' ';
    line += quoted(word);
  }
  return line;
}

Result<std::vector<std::string>> split_shell_line(std::string_view line) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while (true) {
    at = std::min(line.find_first_not_of(kBlanks, at), line.size());
    if (at == line.size()) return words;
    std::string word;
    while (at < line.size() && kBlanks.find(line[at]) == std::string_view::npos) {
      const char c = line[at];
      const bool escapes = c == '$' && at + 1 < line.size() && line[at + 1] == '\'';
      if (escapes) ++at;
      if (escapes || c == '\'' || c == '"') {
        STOKER_ASSIGN(const std::string part, quoted_part(line, at, escapes));
        word += part;
      } else if (c == '\\') {
        if (at + 1 == line.size()) return no_end(line, "backslash", at);
        if (line[at + 1] != '\n') word += line[at + 1];
        at += 2;
      } else {
        word += c;
        ++at;
      }
    }
    words.push_back(std::move(word));
  }
}

}  // namespace stoker::launch
