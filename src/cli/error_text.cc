#include "cli/error_text.h"

#include <fmt/format.h>

#include "base/printable.h"

namespace stoker::cli {

std::string format_error(const Error& error, Numbers numbers, bool colours) {
  std::string text = colours ? "\x1b[1;31mstoker: error:\x1b[0m " : "stoker: error: ";
  if (numbers == Numbers::kShown) text += fmt::format("[{}] ", to_string(number_of(error)));
  text += printable(error.message) + "\n";
  if (error.where) {
    text += fmt::format("  --> {}", printable(error.where->file));
    if (error.where->line > 0) text += fmt::format(":{}:{}", error.where->line, error.where->column);
    text += '\n';
  }
  if (!error.hint.empty()) text += fmt::format("  hint: {}\n", printable(error.hint));
  return text;
}

}  // namespace stoker::cli
