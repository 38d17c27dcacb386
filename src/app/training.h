// `stoker training datagen|run|configview|datasize`.
#pragma once

#include <CLI/CLI.hpp>

namespace stoker::app {

// Adds the command and its options. The exit code of the chosen command is left in `exit_code`.
void add_training(CLI::App& app, int& exit_code);

}  // namespace stoker::app
