#include "app/print_error.h"

#include <fmt/format.h>

#include <cstdio>

namespace stoker::app {

std::string format_error(const Error& error) {
  std::string text = fmt::format("stoker: error: {}\n", error.message);
  if (error.where) {
    text += fmt::format("  --> {}", error.where->file);
    if (error.where->line > 0) text += fmt::format(":{}:{}", error.where->line, error.where->column);
    text += '\n';
  }
  if (!error.hint.empty()) text += fmt::format("  hint: {}\n", error.hint);
  return text;
}

int print_error(const Error& error) {
  std::fflush(stdout);
  const std::string text = format_error(error);
  std::fwrite(text.data(), 1, text.size(), stderr);
  return static_cast<int>(exit_code(error.code));
}

}  // namespace stoker::app
