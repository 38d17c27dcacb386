#include "workloads/training/summarize.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <sstream>

#include "base/host_name.h"
#include "base/units.h"
#include "config/formats.h"
#include "config/sample_geometry.h"
#include "data/dataset/layout.h"
#include "data/format/open_options.h"
#include "data/io/request_bytes.h"
#include "data/pipeline/data_loader.h"
#include "metrics/verdict.h"
#include "results/read_facts.h"
#include "results/summary.h"
#include "results/summary_text.h"
#include "results/timestamp.h"
#include "workloads/training/ceiling_shares.h"
#include "workloads/training/memory.h"
#include "workloads/training/run_storage.h"

namespace stoker::training {
namespace {

// CPU seconds of all processes and the largest process's memory.
struct ProcessTotals {
  double cpu_seconds = 0;
  double peak_rss_mib = 0;
};

ProcessTotals own_totals(const Context& c) {
  if (!c.comm.node().process_leader) return {};
  return {host::process_cpu_times().total(),
          static_cast<double>(c.environment.proc.peak_rss_bytes()) / static_cast<double>(kMiB)};
}

double usable_cpus(const SummaryDraft& draft) {
  double cpus = 0;
  for (const auto& host : draft.hosts) cpus += host.usable_cpus;
  return cpus;
}

Nanos training_wall(const TrainOutcome& training) {
  Nanos wall{0};
  for (const auto& epoch : training.train) wall += epoch.wall;
  return wall;
}

// That a reader thread may have: as told, or what the storage chooses for requests of their mean size.
std::uint64_t requests_under_way(const config::Workload& w, const metrics::LoaderTotals& loader) {
  if (w.reader.io_depth > 0) return static_cast<std::uint64_t>(w.reader.io_depth);
  const std::uint64_t mean = loader.requests > 0 ? loader.bytes_requested / loader.requests : 0;
  const std::uint64_t fit = mean > 0 ? io::kBytesUnderWay / mean : io::kRequestsUnderWay;
  return std::clamp<std::uint64_t>(fit, 1, io::kRequestsUnderWay);
}

metrics::RunTotals run_totals(const Context& c, const SummaryDraft& draft, const metrics::RateMetrics& rates) {
  const TrainOutcome& training = *draft.training;
  metrics::RunTotals totals;
  totals.accelerators = static_cast<std::uint64_t>(c.comm.size());
  totals.wall = training_wall(training);
  totals.steps = training.steps;
  totals.loader = training.loader;
  totals.au_percent = rates.au_mean_percent;
  totals.measured_steps = std::accumulate(rates.measured_steps.begin(), rates.measured_steps.end(), std::uint64_t{0});
  totals.target = c.workload.metric_au;
  totals.read_threads = std::max(1U, c.read_threads) * static_cast<std::uint64_t>(c.comm.size());
  totals.cpus = usable_cpus(draft);
  totals.cpu_seconds = training.counted.cpu_seconds;
  totals.throttled_seconds = training.counted.throttled_seconds;
  totals.device_bytes = training.counted.device_bytes ? static_cast<std::int64_t>(*training.counted.device_bytes) : -1;
  totals.io_depth = requests_under_way(c.workload, training.loader);
  totals.io_depth_chosen = c.workload.reader.io_depth > 0;
  totals.device = training.counted.host_load.device();
  totals.pressure = training.counted.host_load.pressure();
  totals.hosts_busy = training.counted.host_load.cpus_busy();
  totals.slow = training.slow;
  // Waits of a model that stands before them are the model's.
  const auto model = model_limits(c.workload);
  totals.generated = is_generated(c.workload) && model && !model->any();
  totals.verifies = c.workload.reader.verify;
  totals.decode_optional = config::spec_of(c.workload.dataset.format).has_columns &&
                           c.workload.dataset.parquet.decode != config::Decode::kNone;
  return totals;
}

std::vector<metrics::EpochBytes> epoch_bytes(const TrainOutcome& training) {
  std::vector<metrics::EpochBytes> list;
  list.reserve(training.train.size());
  for (const auto& epoch : training.train) list.push_back({epoch.bytes_read, epoch.wall});
  return list;
}

results::ClientFacts client_facts(const Context& c, const SummaryDraft& draft) {
  results::ClientFacts facts;
  facts.ranks_as = c.environment.ranks_in_process == c.comm.size() ? "threads" : "mpi processes";
  facts.storage = c.environment.storage.describe_reads(format::open_options(c.workload));
  if (draft.generation && draft.generation->files > 0)
    facts.writing = c.environment.storage.describe_writes(draft.generation->direct_bytes > 0);
  if (!is_generated(c.workload))
    facts.file_system = c.environment.proc.file_system_type(dataset::Layout(c.workload).root());
  facts.cpu_model = c.environment.proc.cpu_model();
  facts.architecture = host::architecture();
  facts.kernel = c.environment.proc.kernel_release();
  facts.read_threads = c.read_threads;
  facts.prefetch_batches = static_cast<std::int64_t>(pipeline::window_depth(loader_shape(c.workload, c.read_threads)));
  facts.cpus = usable_cpus(draft);
  if (draft.training) facts.throttled_seconds = draft.training->counted.throttled_seconds;
#ifdef __OPTIMIZE__
  facts.optimised_build = true;
#else
  facts.optimised_build = false;
#endif
  return facts;
}

std::vector<results::EpochCoverage> coverage_list(const std::vector<EpochOutcome>& epochs) {
  std::vector<results::EpochCoverage> list;
  for (const auto& epoch : epochs) {
    if (epoch.coverage) list.push_back(*epoch.coverage);
  }
  return list;
}

std::vector<metrics::EpochMetrics> epoch_list(const std::vector<EpochOutcome>& epochs) {
  std::vector<metrics::EpochMetrics> list;
  list.reserve(epochs.size());
  for (const auto& epoch : epochs) list.push_back(epoch.metrics);
  return list;
}

results::Summary summarize(const Context& c, const SummaryDraft& draft, const Status& outcome,
                           const ProcessTotals& process) {
  const config::Workload& w = c.workload;
  const double record_bytes = config::record_bytes(w);
  results::Summary s;
  s.start = results::format_timestamp(draft.start);
  s.num_accelerators = c.comm.size();
  s.num_hosts = c.comm.node().count;
  s.hostname = host_name();
  s.num_files_train = w.dataset.num_files_train;
  s.num_files_eval = w.dataset.num_files_eval;
  s.num_samples_per_file = w.dataset.num_samples_per_file;
  if (draft.training && draft.training->samples_per_file > 0) {
    s.num_samples_per_file = static_cast<std::int64_t>(draft.training->samples_per_file);
  }
  s.host_processor_name = host::architecture();
  s.host_cpuinfo = c.environment.proc.cpuinfo();
  s.host_meminfo = c.environment.proc.meminfo();
  for (std::size_t i = 0; i < draft.hosts.size(); ++i) {
    const HostFacts& host = draft.hosts[i];
    const double on_host = results::data_size_per_host_gib(host.ranks, c.comm.size(), s.num_files_train,
                                                           s.num_samples_per_file, record_bytes);
    if (i == 0) s.data_size_per_host_gib = on_host;
    s.host_cpu_count.push_back(host.cpu_count);
    s.host_memory_gib.push_back(host.memory_gib);
    s.potential_caching.push_back(host.memory_gib > on_host ? 1 : 0);
  }
  s.program = "stoker";
  s.version = STOKER_VERSION;
  s.workload = c.loaded.source;
  s.model = w.model.name;
  s.format = config::to_string(w.dataset.format);
  if (config::spec_of(w.dataset.format).has_columns) s.parquet_decode = config::to_string(w.dataset.parquet.decode);
  if (config::spec_of(w.dataset.format).is_image) s.decode_images = w.reader.decode_images;
  s.odirect = w.reader.odirect && !is_generated(w);
  s.peak_rss_mib = process.peak_rss_mib;
  s.cpu_seconds = process.cpu_seconds;
  s.client = client_facts(c, draft);
  s.warnings = c.warnings;
  s.generation = draft.generation;
  if (draft.training && !draft.training->train.empty()) {
    const TrainOutcome& training = *draft.training;
    s.epochs = static_cast<std::int64_t>(training.train.size());
    const double bytes_per_sample = reads_nothing(w) ? 0 : record_bytes;
    s.train = metrics::rate_metrics(epoch_list(training.train), bytes_per_sample, w.metric_au);
    if (!training.eval.empty()) {
      s.eval = metrics::rate_metrics(epoch_list(training.eval), bytes_per_sample, w.metric_au);
    }
    results::CoverageFacts coverage{coverage_list(training.train), coverage_list(training.eval)};
    if (!coverage.train.empty()) s.coverage = std::move(coverage);
    // Of a run that failed rank 0 knows what its epochs came to, and not what the other ranks have counted.
    if (outcome) {
      const metrics::RunTotals totals = run_totals(c, draft, *s.train);
      s.read = results::read_facts(totals, epoch_bytes(training));
      if (c.ceilings != nullptr && totals.wall > Nanos{0}) {
        s.ceilings = ceiling_shares(*c.ceilings, w.reader.odirect,
                                    static_cast<double>(totals.loader.bytes_requested) / to_seconds(totals.wall),
                                    usable_cpus(draft));
      }
      s.verdict = metrics::verdict(totals).sentence;
    }
  }
  if (!outcome) {
    s.status = "failed";
    s.error = outcome.error().message;
    for (const std::string& line : outcome.error().list) s.error += "\n  " + line;
  }
  return s;
}

}  // namespace

Status gather_hosts(Context& c, SummaryDraft& draft) {
  std::string mine;
  if (c.comm.node().local_rank == 0) {
    const auto limit = c.environment.proc.cpu_limit();
    mine = fmt::format("{} {} {} {:.17g} {:.17g}", c.comm.node().index, c.comm.node().local_size,
                       c.environment.proc.cpu_count(), limit ? limit->cpus : std::numeric_limits<double>::infinity(),
                       static_cast<double>(c.environment.proc.memory_total_bytes()) / static_cast<double>(kGiB));
  }
  STOKER_ASSIGN(const auto texts, c.comm.gather(mine, 0));
  // A launcher may have bound each process to CPUs of its own.
  std::string cpus;
  if (c.comm.node().process_leader)
    cpus = fmt::format("{} {}", c.comm.node().index, fmt::join(host::allowed_cpus(), " "));
  STOKER_ASSIGN(const auto masks, c.comm.gather(cpus, 0));
  if (!c.root()) return {};
  std::map<std::size_t, std::set<int>> allowed;  // by host
  for (const std::string& mask : masks) {
    std::istringstream in(mask);
    std::size_t index = 0;
    in >> index;
    for (int cpu = 0; in >> cpu;) allowed[index].insert(cpu);
  }
  draft.hosts.resize(static_cast<std::size_t>(c.comm.node().count));
  for (const auto& text : texts) {
    std::size_t index = 0;
    HostFacts host;
    if (std::sscanf(text.c_str(), "%zu %ld %ld %lf %lf", &index, &host.ranks, &host.cpu_count, &host.usable_cpus,
                    &host.memory_gib) == 5 &&
        index < draft.hosts.size()) {
      host.usable_cpus = std::min(host.usable_cpus, static_cast<double>(allowed[index].size()));
      draft.hosts[index] = host;
    }
  }
  return {};
}

Status write_results(Context& c, const SummaryDraft& draft, const Status& outcome) {
  ProcessTotals process = own_totals(c);
  if (outcome) {
    std::array<double, 1> cpu{process.cpu_seconds};
    std::array<double, 1> rss{process.peak_rss_mib};
    STOKER_TRY(c.comm.all_reduce(cpu, dist::Op::kSum));
    STOKER_TRY(c.comm.all_reduce(rss, dist::Op::kMax));
    process = {cpu[0], rss[0]};
  }
  Status written;
  if (c.root()) {
    results::Summary summary = summarize(c, draft, outcome, process);
    summary.end = results::format_timestamp(c.clock().wall());
    written = results::write_summary(c.output_dir, summary);
    if (outcome) {
      c.reporter.block(results::human_summary(summary));
      if (summary.train) c.reporter.plain(results::metric_block(summary));
      c.reporter.output(fmt::format("results saved in {}", c.output_dir.string()));
    }
  }
  return outcome ? dist::agree_on_root(c.comm, written) : written;
}

}  // namespace stoker::training
