#include "app/cli/error_text.h"

#include <fmt/format.h>

#include "base/printable.h"

namespace stoker::cli {

std::string format_error(const Error& error, Numbers numbers, bool colours) {
  std::string text = colours ? "\x1b[1;31mstoker: error:\x1b[0m " : "stoker: error: ";
  if (numbers == Numbers::kShown) text += fmt::format("[{}] ", to_string(number_of(error)));
  // A line feed is one of somebody's names.
  text += printable_line(error.message) + "\n";
  for (const std::string& line : error.list) text += fmt::format("  {}\n", printable_line(line));
  if (error.where) {
    text += fmt::format("  --> {}", printable_line(error.where->file));
    if (error.where->line > 0) text += fmt::format(":{}:{}", error.where->line, error.where->column);
    text += '\n';
  }
  if (!error.hint.empty()) text += fmt::format("  hint: {}\n", printable_line(error.hint));
  return text;
}

}  // namespace stoker::cli
