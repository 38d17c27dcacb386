#include "app/commands/print_error.h"

#include <cstdio>
#include <utility>

#include "app/cli/console.h"
#include "app/cli/error_text.h"
#include "base/error_number.h"

namespace stoker::app {
namespace {

std::map<std::string, SourcePos>& option_places() {
  static std::map<std::string, SourcePos> places;
  return places;
}

// "--loops: found 'x'", also behind the name of the command: "training run: --loops: ...".
void add_place(Error& error) {
  if (error.where) return;
  const std::size_t at = error.message.find("--");
  if (at == std::string::npos) return;
  const std::string name =
      error.message.substr(at, error.message.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", at) - at);
  if (const auto place = option_places().find(name); place != option_places().end()) error.where = place->second;
}

int print(const Error& error, cli::Numbers numbers) {
  std::fflush(stdout);
  cli::print_above(cli::format_error(error, numbers, cli::stderr_is_live()));
  return static_cast<int>(exit_code(error));
}

}  // namespace

void set_option_places(std::map<std::string, SourcePos> places) {
  option_places() = std::move(places);
}

int print_error(const Error& error) {
  Error placed = error;
  add_place(placed);
  return print(placed, cli::Numbers::kShown);
}

int print_engine_error(const Error& error) {
  return print(error, cli::Numbers::kHidden);
}

}  // namespace stoker::app
