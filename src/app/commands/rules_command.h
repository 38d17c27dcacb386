// `stoker rules list|explain`.
#pragma once

#include <CLI/CLI.hpp>

namespace stoker::app {

void add_rules(CLI::App& app, int& exit_code);

}  // namespace stoker::app
