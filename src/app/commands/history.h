// `stoker history show` and `stoker history rerun`, and the line that every other command leaves there.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

namespace stoker::app {

// `run_again` parses and runs words without the program's name, and returns the exit code.
void add_history(CLI::App& app, int& exit_code, const std::function<int(const std::vector<std::string>&)>& run_again);

// Best effort: a home that cannot be written to is a warning.
void record_in_history(const std::vector<std::string>& command_line);

}  // namespace stoker::app
