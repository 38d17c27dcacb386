#include "app/commands/bench.h"

namespace stoker::app {

void add_bench(CLI::App& app, int& exit_code) {
  CLI::App* bench = app.add_subcommand("bench", "the most that a client, and a storage, can give a workload");
  bench->require_subcommand(1);
  bench->footer(
      "example:\n  stoker bench client workload=dlrm_b200\n"
      "  stoker bench storage --data-dir /mnt/data workload=dlrm_b200");
  add_bench_client(*bench, exit_code);
  add_bench_storage(*bench, exit_code);
}

}  // namespace stoker::app
