// stoker system init: begins the description of a system under test.
#pragma once

#include <CLI/CLI.hpp>

namespace stoker::app {

void add_system(CLI::App& app, int& exit_code);

}  // namespace stoker::app
