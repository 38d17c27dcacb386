// `stoker kvcache datasize|run` (preview).
#pragma once

#include <CLI/CLI.hpp>

namespace stoker::app {

void add_kvcache(CLI::App& app, int& exit_code);

}  // namespace stoker::app
