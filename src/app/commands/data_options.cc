#include "app/commands/data_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <thread>

#include "app/cli/number_text.h"
#include "app/commands/number_option.h"

namespace stoker::app {

unsigned cpus() {
  return std::max(std::thread::hardware_concurrency(), 1U);
}

void add_path_option(CLI::App& app, std::string& path, const std::string& help) {
  const auto fault = [](const std::string& text) {
    return text.empty() ? "is empty, expected a file or folder; is a shell variable not set?" : "";
  };
  app.add_option("path", path, help)->required()->check(CLI::Validator(fault, ""));
}

void add_quiet_option(CLI::App& app, bool& quiet) {
  app.add_flag("--quiet", quiet, "no progress line");
}

void add_ranks_option(CLI::App& app, unsigned& ranks) {
  constexpr std::int64_t kMostRanks = 1024;
  app.add_option("--ranks", ranks, "files that are worked on at a time, each by a thread (default: one per CPU)")
      ->transform(whole_number(1, kMostRanks));
}

CLI::Validator percentage() {
  return {[](std::string& text) -> std::string {
            std::string number = text;
            if (number.ends_with('%')) number.pop_back();
            constexpr double kLeast = 1e-6;
            const auto read = cli::real_number(number, kLeast, 100);
            if (!read) return fmt::format("found '{}', expected a percentage, more than 0 and at most 100", text);
            text = *read;
            return {};
          },
          "0% to 100%"};
}

}  // namespace stoker::app
