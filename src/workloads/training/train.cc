#include "workloads/training/train.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/host_name.h"
#include "base/plural.h"
#include "base/units.h"
#include "config/sample_geometry.h"
#include "data/dataset/layout.h"
#include "data/io/cached_storage.h"
#include "metrics/statistics.h"
#include "results/epoch_stats.h"
#include "results/rank_output.h"
#include "results/summary.h"
#include "results/timestamp.h"
#include "workloads/training/counters.h"
#include "workloads/training/data_set.h"
#include "workloads/training/data_split.h"
#include "workloads/training/drop_caches.h"
#include "workloads/training/epoch.h"
#include "workloads/training/memory.h"
#include "workloads/training/plan_epoch.h"
#include "workloads/training/prove_coverage.h"
#include "workloads/training/verification.h"

namespace stoker::training {
namespace {

using dataset::Split;

// Everything that is fixed before the first epoch.
struct Prepared {
  DataSplit train;
  std::optional<DataSplit> eval;  // when evaluation is wanted, and there are files for it
};

Status write_stats(Context& c, const std::vector<results::EpochStats>& stats) {
  return results::write_epoch_stats(c.output_dir, c.comm.rank(), stats);
}

// Beyond what two clocks that are read one after the other may differ by.
constexpr double kSuspended = 0.1;

std::string rates_text(const metrics::EpochMetrics& m) {
  const std::string au = m.au_percent ? fmt::format("AU {:.2f} %", *m.au_percent) : "AU not measured";
  return m.samples_per_second ? fmt::format("{}, {:.2f} samples/s", au, *m.samples_per_second) : au;
}

// The loop over epochs, with what it keeps from one to the next.
class Trainer {
 public:
  Trainer(Context& c, format::FormatReader& reader, io::Storage& storage, Prepared prepared, TrainOutcome& outcome)
      : c_(c), data_(std::move(prepared)), train_files_(data_.train, reader, storage), outcome_(outcome) {
    if (data_.eval) eval_files_.emplace(*data_.eval, reader, storage);
    outcome_.samples_per_file = data_.train.used.total() / data_.train.used.files();
  }

  Status run();

 private:
  Status one_epoch(std::uint64_t epoch, results::RankOutputWriter& output);
  Status merge_ranks();
  Result<EpochOutcome> evaluate(std::uint64_t epoch, results::EpochStats& stats, std::vector<EpochRun>& runs);
  [[nodiscard]] pipeline::LoaderOptions loader_options(std::optional<pipeline::Verification> verification) const;
  Result<EpochOutcome> over_ranks(const metrics::EpochMetrics& mine, const EpochRun& run);
  Status prove(const DataSplit& data, const dataset::EpochPlan& plan, const EpochRun& run, std::uint64_t epoch,
               EpochOutcome& outcome);

  Context& c_;
  const Prepared data_;
  SplitFiles train_files_;
  std::optional<SplitFiles> eval_files_;
  TrainOutcome& outcome_;
  std::vector<results::EpochStats> stats_;
  std::optional<pipeline::DataLoader> train_loader_, eval_loader_;
  std::optional<Accelerator> train_accelerator_, eval_accelerator_;
};

// Half of the files that the process may have open, for its ranks.
std::uint64_t files_kept_open(int ranks_in_process) {
  constexpr rlim_t kMost = 256;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1;
  return std::clamp<rlim_t>(limit.rlim_cur / 2 / static_cast<rlim_t>(ranks_in_process), 1, kMost);
}

pipeline::LoaderOptions Trainer::loader_options(std::optional<pipeline::Verification> verification) const {
  pipeline::LoaderOptions options = loader_shape(c_.workload, c_.read_threads);
  options.preprocess = c_.workload.reader.preprocess_time;
  options.seed = derive_seed(static_cast<std::uint64_t>(c_.workload.train.seed), c_.comm.rank(), 1);
  options.verification = std::move(verification);
  options.memory = c_.environment.chunk_memory.get();
  options.files_kept_open = files_kept_open(c_.environment.ranks_in_process);
  return options;
}

// One rank's numbers of an epoch become the run's: mean of AU, sum of throughput and bytes, slowest wall.
Result<EpochOutcome> Trainer::over_ranks(const metrics::EpochMetrics& mine, const EpochRun& run) {
  // metrics::over_ranks, as reductions.
  std::array<double, 5> sums{mine.au_percent.value_or(0), mine.au_percent ? 1.0 : 0.0,
                             mine.samples_per_second.value_or(0), mine.samples_per_second ? 1.0 : 0.0,
                             static_cast<double>(run.loader.loader.bytes_requested)};
  std::array<double, 1> slowest{to_seconds(run.wall())};
  std::array<double, 1> fewest{static_cast<double>(mine.measured_steps)};
  STOKER_TRY(c_.comm.all_reduce(sums, dist::Op::kSum));
  STOKER_TRY(c_.comm.all_reduce(slowest, dist::Op::kMax));
  STOKER_TRY(c_.comm.all_reduce(fewest, dist::Op::kMin));
  EpochOutcome outcome;
  if (sums[1] > 0) outcome.metrics.au_percent = sums[0] / sums[1];
  if (sums[3] > 0) outcome.metrics.samples_per_second = sums[2];
  outcome.metrics.measured_steps = static_cast<std::uint64_t>(fewest[0]);
  outcome.metrics.steps = run.steps.size();
  outcome.bytes_read = static_cast<std::uint64_t>(sums[4]);
  outcome.wall = from_seconds(slowest[0]);
  return outcome;
}

// Which rows the epoch read, where it read any.
Status Trainer::prove(const DataSplit& data, const dataset::EpochPlan& plan, const EpochRun& run, std::uint64_t epoch,
                      EpochOutcome& outcome) {
  if (reads_nothing(c_.workload)) return {};
  STOKER_ASSIGN(outcome.coverage, prove_coverage(c_, data, plan, run.loader.coverage, epoch));
  return {};
}

Status Trainer::one_epoch(std::uint64_t epoch, results::RankOutputWriter& output) {
  STOKER_ASSIGN(const dataset::EpochPlan plan, plan_epoch(c_, data_.train, Phase::kTrain, epoch));
  STOKER_TRY(drop_caches(c_, data_.train.files, plan));
  c_.reporter.output(fmt::format("epoch {}: starting, {} expected", epoch, counted_long(plan.steps(), "step")));

  results::EpochStats stats;
  stats.epoch = static_cast<std::int64_t>(epoch);
  if (c_.root()) c_.environment.progress.begin(fmt::format("epoch {}", epoch), "steps", plan.steps());
  STOKER_TRY(c_.comm.barrier());
  stats.start = results::format_timestamp(c_.clock().wall());
  const ProcessCounters before = read_counters(c_);
  auto run = run_epoch(c_, *train_loader_, plan, *train_accelerator_, Phase::kTrain, epoch);
  const ProcessCounters after = read_counters(c_);
  if (c_.root()) c_.environment.progress.end();
  if (!run) return run.error();

  const metrics::Exclude exclude{static_cast<std::uint64_t>(c_.workload.output.exclude_start_steps),
                                 static_cast<std::uint64_t>(c_.workload.output.exclude_end_steps)};
  const metrics::BlockMetrics block =
      metrics::block_metrics(run->steps, metrics::block_exclude(exclude, 0, 1), run->wall(),
                             static_cast<std::uint64_t>(c_.workload.reader.batch_size));
  const std::array blocks{block};
  STOKER_ASSIGN(EpochOutcome outcome, over_ranks(metrics::epoch_metrics(blocks), *run));
  STOKER_TRY(prove(data_.train, plan, *run, epoch, outcome));
  std::array<double, 2> process{after.cpu_seconds - before.cpu_seconds, after.device_bytes - before.device_bytes};
  std::array<double, 1> known{after.device_known ? 1.0 : 0.0};
  STOKER_TRY(c_.comm.all_reduce(process, dist::Op::kSum));
  STOKER_TRY(c_.comm.all_reduce(known, dist::Op::kMin));
  STOKER_ASSIGN(const HostLoad load, over_hosts(c_.comm, load_between(before, after, run->wall())));
  std::array<double, 2> held_up{host::throttled_between(before.throttled, after.throttled),
                                after.suspended_seconds - before.suspended_seconds};
  STOKER_TRY(c_.comm.all_reduce(held_up, dist::Op::kMax));
  if (held_up[1] >= kSuspended) {
    c_.warn(
        fmt::format("epoch {}: a host was suspended for {}: the time is in no duration, and the storage may have gone "
                    "on meanwhile",
                    epoch, format_duration(held_up[1])));
  }
  std::vector<double> compute;
  compute.reserve(run->steps.size());
  for (const auto& step : run->steps) compute.push_back(to_seconds(step.compute));
  c_.reporter.output(fmt::format("epoch {}: {} in {:.2f} s, {}, compute {:.6f} +- {:.6f} s per step", epoch,
                                 counted_long(run->steps.size(), "step"), to_seconds(outcome.wall),
                                 rates_text(outcome.metrics), metrics::mean(compute),
                                 metrics::population_stdev(compute)));

  const std::string block_name = results::block_name(1);
  stats.phases.push_back({block_name, results::format_timestamp(run->wall_begin),
                          results::format_timestamp(run->wall_end), to_seconds(run->wall()), std::nullopt});
  stats.duration_seconds = to_seconds(run->wall());

  results::RankEpoch record;
  record.epoch = static_cast<std::int64_t>(epoch);
  record.blocks.push_back({block_name, run->steps, block.samples_per_second, block.au_percent});

  std::vector<EpochRun> eval_runs;
  std::optional<EpochOutcome> eval_outcome;
  const config::Evaluation& evaluation = c_.workload.evaluation;
  const auto first = static_cast<std::uint64_t>(evaluation.eval_after_epoch);
  const auto between = static_cast<std::uint64_t>(std::max<std::int64_t>(1, evaluation.epochs_between_evals));
  if (data_.eval && epoch >= first && (epoch - first) % between == 0) {
    STOKER_ASSIGN(eval_outcome, evaluate(epoch, stats, eval_runs));
    const auto rates = metrics::eval_metrics(eval_runs.front().steps, {0, 0}, eval_runs.front().wall(),
                                             static_cast<std::uint64_t>(c_.workload.reader.batch_size_eval));
    record.blocks.push_back({"eval", eval_runs.front().steps, rates.samples_per_second, rates.au_percent});
  }
  stats.end = results::format_timestamp(c_.clock().wall());
  record.meminfo = c_.environment.proc.meminfo();
  record.end = stats.end;
  // It has ended, with its evaluation: the figures and the files tell of the same epochs.
  stats_.push_back(std::move(stats));
  outcome_.train.push_back(outcome);
  if (eval_outcome) outcome_.eval.push_back(*eval_outcome);
  outcome_.steps.merge(run->totals);
  outcome_.loader.merge(run->loader.loader);
  outcome_.cpu_seconds += process[0];
  outcome_.throttled_seconds += held_up[0];
  outcome_.host_load += load;
  if (known[0] == 1.0)
    outcome_.device_bytes = outcome_.device_bytes.value_or(0) + static_cast<std::uint64_t>(process[1]);
  // Everything above fails on all ranks alike; writing this rank's own file may fail on one alone.
  return dist::agree(c_.comm, output.add(record));
}

Result<EpochOutcome> Trainer::evaluate(std::uint64_t epoch, results::EpochStats& stats, std::vector<EpochRun>& runs) {
  STOKER_ASSIGN(const dataset::EpochPlan plan, plan_epoch(c_, *data_.eval, Phase::kEval, epoch));
  STOKER_TRY(drop_caches(c_, data_.eval->files, plan));
  c_.reporter.output(fmt::format("epoch {}: evaluation, {}", epoch, counted_long(plan.steps(), "step")));
  if (c_.root()) c_.environment.progress.begin(fmt::format("evaluation {}", epoch), "steps", plan.steps());
  STOKER_TRY(c_.comm.barrier());
  auto run = run_epoch(c_, *eval_loader_, plan, *eval_accelerator_, Phase::kEval, epoch);
  if (c_.root()) c_.environment.progress.end();
  if (!run) return run.error();
  const metrics::Exclude exclude{static_cast<std::uint64_t>(c_.workload.output.exclude_start_steps),
                                 static_cast<std::uint64_t>(c_.workload.output.exclude_end_steps)};
  const metrics::EpochMetrics mine = metrics::eval_metrics(
      run->steps, exclude, run->wall(), static_cast<std::uint64_t>(c_.workload.reader.batch_size_eval));
  STOKER_ASSIGN(EpochOutcome outcome, over_ranks(mine, *run));
  STOKER_TRY(prove(*data_.eval, plan, *run, epoch, outcome));
  stats.phases.push_back({"eval", results::format_timestamp(run->wall_begin), results::format_timestamp(run->wall_end),
                          to_seconds(run->wall()), std::nullopt});
  c_.reporter.output(fmt::format("epoch {}: evaluation done in {:.2f} s, {}", epoch, to_seconds(outcome.wall),
                                 rates_text(outcome.metrics)));
  runs.push_back(std::move(*run));
  return outcome;
}

Status Trainer::run() {
  const config::Workload& w = c_.workload;
  const auto seed = static_cast<std::uint64_t>(w.train.seed);
  STOKER_ASSIGN(auto train_values, verification_of(c_, data_.train.files));
  train_loader_.emplace(train_files_, c_.clock(), loader_options(std::move(train_values)));
  train_accelerator_.emplace(c_.clock(), w.train.computation_time, derive_seed(seed, c_.comm.rank(), 2));
  if (data_.eval) {
    STOKER_ASSIGN(auto eval_values, verification_of(c_, data_.eval->files));
    eval_loader_.emplace(*eval_files_, c_.clock(), loader_options(std::move(eval_values)));
    eval_accelerator_.emplace(c_.clock(), w.evaluation.eval_time, derive_seed(seed, c_.comm.rank(), 3));
  }

  results::RankHost host;
  host.memory_gib = static_cast<double>(c_.environment.proc.memory_total_bytes()) / static_cast<double>(kGiB);
  host.cpu_count = c_.environment.proc.cpu_count();
  host.processor_name = host::architecture();
  host.cpuinfo = c_.environment.proc.cpuinfo();
  host.meminfo = c_.environment.proc.meminfo();
  const double per_host =
      results::data_size_per_host_gib(c_.comm.node().local_size, c_.comm.size(), w.dataset.num_files_train,
                                      static_cast<std::int64_t>(outcome_.samples_per_file), config::record_bytes(w));
  host.potential_caching = host.memory_gib > per_host ? 1 : 0;

  STOKER_TRY(announce_plan(c_, data_.train, Phase::kTrain));
  if (data_.eval) STOKER_TRY(announce_plan(c_, *data_.eval, Phase::kEval));
  auto output = results::RankOutputWriter::create(c_.output_dir, c_.comm.rank(), host);
  STOKER_TRY(dist::agree(c_.comm, output ? Status{} : Status{output.error()}));
  Status trained;
  for (std::uint64_t epoch = 1; trained && epoch <= static_cast<std::uint64_t>(w.train.epochs); ++epoch)
    trained = contained(c_.comm, [&] { return one_epoch(epoch, *output); });
  // What has ended is kept whatever ends the run.
  Status written = output->finish(host_name());
  if (written) written = write_stats(c_, stats_);
  STOKER_TRY(trained);
  STOKER_TRY(dist::agree(c_.comm, written));
  return merge_ranks();
}

// What each rank has counted becomes the run's, on rank 0.
Status Trainer::merge_ranks() {
  STOKER_ASSIGN(const auto steps, c_.comm.gather(outcome_.steps.serialise(), 0));
  STOKER_ASSIGN(const auto loaders, c_.comm.gather(outcome_.loader.serialise(), 0));
  STOKER_ASSIGN(const auto hosts, c_.comm.gather(host_name(), 0));
  Status merged;
  std::vector<metrics::StepTotals> of_ranks;
  if (c_.root()) {
    outcome_.steps = {};
    outcome_.loader = {};
    for (std::size_t r = 0; r < steps.size() && merged; ++r) {
      auto step_totals = metrics::StepTotals::parse(steps[r]);
      auto loader_totals = metrics::LoaderTotals::parse(loaders[r]);
      if (!step_totals) {
        merged = step_totals.error();
      } else if (!loader_totals) {
        merged = loader_totals.error();
      } else {
        outcome_.steps.merge(*step_totals);
        outcome_.loader.merge(*loader_totals);
        of_ranks.push_back(*step_totals);
      }
    }
    outcome_.slow = metrics::slow_rank(of_ranks);
    if (outcome_.slow) outcome_.slow->host = hosts.at(static_cast<std::size_t>(outcome_.slow->rank));
  }
  return dist::agree_on_root(c_.comm, merged);
}

// reader.read_type: memory may take half of what the host has available, shared by its ranks.
std::uint64_t memory_budget(const Context& c) {
  return c.environment.proc.available_memory().bytes / 2 / static_cast<std::uint64_t>(c.comm.node().local_size);
}

Status report_memory(Context& c, const io::CachedStorage& memory) {
  if (c.workload.reader.read_type != config::ReadType::kMemory) return {};
  std::array<double, 2> sums{static_cast<double>(memory.cached_bytes()), memory.full() ? 1.0 : 0.0};
  STOKER_TRY(c.comm.all_reduce(sums, dist::Op::kSum));
  c.reporter.output(fmt::format("{} were kept in memory", format_bytes(sums[0])));
  if (sums[1] > 0) {
    c.warn(
        fmt::format("reader.read_type: memory: the data do not fit into half of the available memory; what is above "
                    "{} was read from the storage in every epoch",
                    format_bytes(sums[0])));
  }
  return {};
}

}  // namespace

Status train(Context& c, TrainOutcome& outcome) {
  STOKER_ASSIGN(const DataSet data, open_data_set(c));
  io::CachedStorage memory(c.environment.storage, memory_budget(c));
  io::Storage& storage = c.workload.reader.read_type == config::ReadType::kMemory ? memory : c.environment.storage;
  STOKER_ASSIGN(const format::Format* format,
                reads_nothing(c.workload) ? format::find_format(config::FormatName::kSynthetic) : &c.format);
  const auto shared =
      c.environment.reader->get(*format, c.workload, c.environment.storage, c.environment.ranks_in_process);
  STOKER_TRY(dist::agree(c.comm, shared ? Status{} : Status{shared.error()}));
  // What is only looked at, on whichever rank, is not kept in memory.
  format::FormatReader& look = **shared;
  std::unique_ptr<format::FormatReader> through_memory;
  if (&storage == &memory) {
    STOKER_ASSIGN(through_memory, format->make_reader(c.workload, memory));
  }
  format::FormatReader& reader = through_memory != nullptr ? *through_memory : look;
  STOKER_ASSIGN(DataSplit training, prepare_split(c, data, Split::kTrain, look));
  std::optional<DataSplit> evaluation;
  if (c.workload.workflow.evaluation && data.layout.files(Split::kEval) > 0) {
    STOKER_ASSIGN(evaluation, prepare_split(c, data, Split::kEval, look));
  }
  if (!reads_nothing(c.workload)) STOKER_TRY(check_memory(c, *format, look.worker_bytes()));
  if (reads_nothing(c.workload)) {
    c.warn(
        "nothing is read (reader.data_loader or dataset.format is synthetic): the rates are those of the client alone");
  }
  if (is_generated(c.workload) && !reads_nothing(c.workload)) {
    c.warn("storage.storage_type is generated: the bytes are computed by the client, and no storage is read");
  }
  if (&storage == &memory) c.warn("reader.read_type is memory: what was read once is not read from the storage again");
  STOKER_TRY(Trainer(c, reader, storage, Prepared{std::move(training), std::move(evaluation)}, outcome).run());
  STOKER_TRY(check_unchanged(c, data));
  return report_memory(c, memory);
}

}  // namespace stoker::training
