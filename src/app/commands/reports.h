// stoker reports reportgen|validate: what runs came to, and whether a package can be handed in.
#pragma once

#include <CLI/CLI.hpp>

namespace stoker::app {

void add_reports(CLI::App& app, int& exit_code);

}  // namespace stoker::app
