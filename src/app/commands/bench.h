// `stoker bench`: the most that a client, and a storage, can give a workload.
#pragma once

#include <CLI/CLI.hpp>

namespace stoker::app {

void add_bench(CLI::App& app, int& exit_code);

// Its commands, one file each.
void add_bench_client(CLI::App& bench, int& exit_code);
void add_bench_storage(CLI::App& bench, int& exit_code);

}  // namespace stoker::app
