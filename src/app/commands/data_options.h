// What the commands of `stoker data` have in common.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace stoker::app {

// CPUs that this process may use.
[[nodiscard]] unsigned cpus();

// What the command looks at; needed, and not empty, which an unset shell variable leaves.
void add_path_option(CLI::App& app, std::string& path, const std::string& help);

// --quiet: no progress.
void add_quiet_option(CLI::App& app, bool& quiet);

// --ranks: how many files are read at a time.
void add_ranks_option(CLI::App& app, unsigned& ranks);

// "5", "5%", "0.1%": more than 0 and at most 100, for CLI::Option::transform().
[[nodiscard]] CLI::Validator percentage();

}  // namespace stoker::app
