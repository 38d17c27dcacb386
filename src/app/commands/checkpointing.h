// `stoker checkpointing datasize|run`.
#pragma once

#include <CLI/CLI.hpp>

namespace stoker::app {

void add_checkpointing(CLI::App& app, int& exit_code);

}  // namespace stoker::app
