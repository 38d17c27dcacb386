// `stoker data`: looks at data files, whoever wrote them.
#pragma once

#include <CLI/CLI.hpp>

namespace stoker::app {

void add_data(CLI::App& app, int& exit_code);

// Its commands, one file each.
void add_data_inspect(CLI::App& data, int& exit_code);
void add_data_verify(CLI::App& data, int& exit_code);
void add_data_digest(CLI::App& data, int& exit_code);

}  // namespace stoker::app
