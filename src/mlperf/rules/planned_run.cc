#include "mlperf/rules/planned_run.h"

#include "base/units.h"
#include "mlperf/plan/checkpoint_sizing.h"
#include "mlperf/rules/checks_internal.h"
#include "results/timestamp.h"

namespace stoker::rules {

PlannedHosts planned_hosts(const std::optional<results::SystemInfo>& collected, std::int64_t num_hosts,
                           std::int64_t memory_gib) {
  PlannedHosts planned;
  planned.num_hosts = num_hosts;
  if (collected && collected->total_memory_bytes() > 0) {
    planned.from = collected->collection_method;
    for (const results::HostInfo& host : collected->hosts) {
      // 0 stands for what was not asked, as of hosts whose memory the command line says.
      const auto cached = host.memory.cached > 0 ? std::optional(host.memory.cached) : std::nullopt;
      planned.hosts.push_back(
          {host.hostname, host.memory.total, cached, host.cpu ? std::optional(host.cpu->num_cores) : std::nullopt});
    }
  } else if (memory_gib > 0) {
    planned.from = "args";
    const HostFacts host{"", static_cast<std::uint64_t>(memory_gib) * kGiB, std::nullopt, std::nullopt};
    planned.hosts.assign(static_cast<std::size_t>(num_hosts), host);
  }
  return planned;
}

Run planned_run(const mlperf::TrainingPlan& plan, const mlperf::TrainingArgs& args, std::string command,
                const PlannedHosts& hosts) {
  Run run;
  run.id.type = results::BenchmarkType::kTraining;
  run.id.model = args.model;
  run.id.command = std::move(command);
  run.accelerator = args.accelerator;
  run.processes = args.processes;
  run.parameters = plan.parameters;
  run.overrides = plan.override_parameters;
  run.hosts = hosts.hosts;
  run.hosts_from = hosts.from;
  run.num_hosts = hosts.num_hosts;
  return run;
}

std::vector<int> dealt_ranks(const Run& run) {
  const std::int64_t hosts = internal::host_count(run);
  if (static_cast<std::int64_t>(run.ranks_by_host.size()) == hosts) return run.ranks_by_host;
  return mlperf::even_ranks(run.processes, hosts);
}

void add_outcome(Run& run, const results::Summary& summary) {
  run.finished = summary.status == "success";
  if (const auto time = results::parse_timestamp(summary.start)) run.start = *time;
  if (const auto time = results::parse_timestamp(summary.end)) run.end = *time;
  if (!summary.train) return;
  TrainingOutcome& outcome = run.training.emplace();
  const auto known = [](const std::vector<std::optional<double>>& values) {
    std::vector<double> list;
    for (const auto& value : values) {
      if (value) list.push_back(*value);
    }
    return list;
  };
  outcome.au_percent = known(summary.train->au_percent);
  outcome.au_mean_percent = summary.train->au_mean_percent;
  outcome.au_meets_expectation = summary.train->meets_expectation;
  outcome.samples_per_second = known(summary.train->samples_per_second);
  outcome.mean_samples_per_second = summary.train->samples_mean_per_second;
  outcome.mean_io_mib_per_second = summary.train->io_mean_mib_per_second;
}

}  // namespace stoker::rules
