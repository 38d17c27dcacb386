#include "app/print_error.h"

#include <cstdio>

#include "base/error_number.h"
#include "cli/console.h"
#include "cli/error_text.h"

namespace stoker::app {
namespace {

int print(const Error& error, cli::Numbers numbers) {
  std::fflush(stdout);
  cli::print_above(cli::format_error(error, numbers, cli::stderr_is_live()));
  return static_cast<int>(exit_code(error));
}

}  // namespace

int print_error(const Error& error) {
  return print(error, cli::Numbers::kShown);
}

int print_engine_error(const Error& error) {
  return print(error, cli::Numbers::kHidden);
}

}  // namespace stoker::app
