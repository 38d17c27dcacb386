#include "cli/error_text.h"

#include <fmt/format.h>

#include "base/printable.h"

namespace stoker::cli {

namespace {

// A list within a message goes on in lines that are indented. Any other line feed is one of somebody's names.
std::string message_text(std::string_view message) {
  std::string text;
  while (true) {
    const std::size_t end = message.find("\n  ");
    text += printable_line(message.substr(0, end));
    if (end == std::string_view::npos) return text;
    text += '\n';
    message.remove_prefix(end + 1);
  }
}

}  // namespace

std::string format_error(const Error& error, Numbers numbers, bool colours) {
  std::string text = colours ? "\x1b[1;31mstoker: error:\x1b[0m " : "stoker: error: ";
  if (numbers == Numbers::kShown) text += fmt::format("[{}] ", to_string(number_of(error)));
  text += message_text(error.message) + "\n";
  if (error.where) {
    text += fmt::format("  --> {}", printable_line(error.where->file));
    if (error.where->line > 0) text += fmt::format(":{}:{}", error.where->line, error.where->column);
    text += '\n';
  }
  if (!error.hint.empty()) text += fmt::format("  hint: {}\n", message_text(error.hint));
  return text;
}

}  // namespace stoker::cli
