#include <fmt/format.h>

#include <memory>
#include <string>

#include "app/cli/console.h"
#include "app/commands/bench.h"
#include "app/commands/bench_options.h"
#include "app/commands/number_option.h"
#include "app/commands/print_error.h"
#include "base/clock.h"
#include "base/interrupt.h"
#include "cluster/host/proc.h"
#include "data/format/format.h"
#include "data/storages/registry.h"
#include "workloads/ceilings/client_work.h"
#include "workloads/ceilings/text.h"

namespace stoker::app {
namespace {

struct ClientOptions {
  BenchOptions bench;
  double seconds = 0.3;
};

Status measure(const ClientOptions& o, const std::stop_token& stop) {
  STOKER_ASSIGN(const config::Loaded loaded, load_workload(o.bench));
  const config::Workload& w = loaded.workload;
  STOKER_ASSIGN(const format::Format* format, format::find_format(w.dataset.format));
  const SteadyClock clock;
  STOKER_ASSIGN(const auto storage, storages::open_storage_of("."));
  results::Ceilings ceilings = begin_ceilings(loaded, w);
  STOKER_ASSIGN(ceilings.client,
                ceilings::bench_client({.workload = w,
                                        .format = *format,
                                        .storage = *storage,
                                        .clock = clock,
                                        .process_cpu = [] { return from_seconds(host::process_cpu_times().total()); },
                                        .seconds = o.seconds,
                                        .say = [&](const std::string& text) { say(o.bench, text); }},
                                       stop));
  cli::print("{}", ceilings::client_text(*ceilings.client));
  return save(o.bench, results::CeilingKind::kClient, ceilings);
}

int execute(const ClientOptions& o) {
  if (const Status fine = check_standard(o.bench.standard, "bench client"); !fine) return print_error(fine.error());
  const InterruptGuard interrupt;
  const Status done = measure(o, interrupt.token());
  return done ? 0 : print_error(done.error());
}

}  // namespace

void add_bench_client(CLI::App& bench, int& exit_code) {
  constexpr double kLeastSeconds = 0.01, kMostSeconds = 60;
  const auto o = std::make_shared<ClientOptions>();
  CLI::App* sub = bench.add_subcommand("client", "what one core of this client does with a workload and no storage");
  sub->footer("example:\n  stoker bench client workload=dlrm_b200");
  sub->add_option("--seconds", o->seconds, "CPU seconds of each run; each figure takes 3 to 10 of them")
      ->transform(real_number(kLeastSeconds, kMostSeconds))
      ->capture_default_str();
  add_bench_options(*sub, o->bench);
  sub->callback([o, &exit_code] { exit_code = execute(*o); });
}

}  // namespace stoker::app
