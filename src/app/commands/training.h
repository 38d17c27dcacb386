// `stoker training datagen|run|configview|datasize`.
#pragma once

#include <CLI/CLI.hpp>

#include "app/commands/command_line.h"

namespace stoker::app {

// Adds the command and its options. The exit code of the chosen command is left in `exit_code`.
// `from_file` tells configview which options came from a --config-file; it is read when the command runs.
void add_training(CLI::App& app, int& exit_code, const OptionOrigins& from_file);

}  // namespace stoker::app
