#include "app/commands/number_option.h"

#include <fmt/format.h>

#include "app/cli/number_text.h"

namespace stoker::app {
namespace {

std::string take(Result<std::string> number, std::string& text) {
  if (!number) return number.error().message;
  text = std::move(*number);
  return {};
}

}  // namespace

CLI::Validator whole_number(std::int64_t least, std::int64_t most) {
  return {[least, most](std::string& text) { return take(cli::whole_number(text, least, most), text); },
          fmt::format("{} to {}", least, most)};
}

CLI::Validator real_number(double least, double most) {
  return {[least, most](std::string& text) { return take(cli::real_number(text, least, most), text); },
          fmt::format("{} to {}", least, most)};
}

}  // namespace stoker::app
