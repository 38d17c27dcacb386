#include "engine/train.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "base/plural.h"
#include "base/units.h"
#include "config/sample_geometry.h"
#include "dataset/layout.h"
#include "dataset/listing.h"
#include "engine/data_set.h"
#include "engine/drop_caches.h"
#include "engine/epoch.h"
#include "io/cached_storage.h"
#include "metrics/statistics.h"
#include "results/epoch_stats.h"
#include "results/rank_output.h"
#include "results/summary.h"
#include "results/timestamp.h"

namespace stoker::engine {
namespace {

using dataset::Split;

// Everything that is fixed before the first epoch.
struct Prepared {
  dataset::FileTable train_files, eval_files;
  std::uint64_t samples_per_file = 0;
  bool evaluates = false;  // evaluation is wanted, and there are files for it
};

// The true number of rows of the files, by the footers of the first, the last and every 1000-th (at most 256 of them).
Result<std::uint64_t> probe_rows(Context& c, format::FormatReader& reader, const dataset::FileTable& files) {
  const auto configured = static_cast<std::uint64_t>(c.workload.dataset.num_samples_per_file);
  std::optional<std::uint64_t> rows;
  const std::uint64_t stride = std::max<std::uint64_t>(1000, files.size() / 254);
  const auto probe = [&](std::uint64_t i) -> Status {
    STOKER_ASSIGN(const std::uint64_t found, reader.count_rows(files.path(i)));
    if (rows && *rows != found) {
      Error error = make_error(Code::kCorrupt, "{} has {}, but {} has {}: all files must have the same number",
                               files.path(i).string(), counted(found, "row"), files.path(0).string(), *rows);
      error.hint = "generate the data set again, or train on the files of equal length only";
      return error;
    }
    rows = found;
    return {};
  };
  for (std::uint64_t i = 0; i < files.size(); i += stride) STOKER_TRY(probe(i));
  STOKER_TRY(probe(files.size() - 1));
  if (*rows == 0) {
    return make_error(Code::kCorrupt, "{}: the files have no rows", files.path(0).string());
  }
  if (*rows < configured) {
    c.warn(fmt::format("the files have {} each, not {} as dataset.num_samples_per_file says: {} is used everywhere",
                       counted(*rows, "sample"), configured, *rows));
    return *rows;
  }
  if (*rows > configured) {
    c.warn(fmt::format("the files have {} each, dataset.num_samples_per_file is {}: only the first {} used",
                       counted(*rows, "sample"), configured,
                       configured == 1 ? "is" : fmt::format("{} are", configured)));
  }
  return configured;
}

// The number of samples per file that all ranks go by. The first file is opened as an epoch would open it, so that
// columns that are not there are told before anything starts.
Result<std::uint64_t> agree_on_rows(Context& c, format::FormatReader& reader, const dataset::FileTable& files) {
  Result<std::uint64_t> rows = std::uint64_t{0};
  if (c.root()) {
    rows = probe_rows(c, reader, files);
    if (rows) {
      if (const auto opened = reader.open(files.path(0), nullptr); !opened) rows = opened.error();
    }
  }
  STOKER_TRY(dist::agree_on_root(c.comm, rows ? Status{} : Status{rows.error()}));
  std::array<double, 1> value{static_cast<double>(*rows)};
  STOKER_TRY(c.comm.all_reduce(value, dist::Op::kMax));
  return static_cast<std::uint64_t>(value[0]);
}

// The seed of an epoch's order. `random` is fresh entropy, drawn once and the same on all ranks.
Result<std::uint64_t> epoch_seed(Context& c, config::Shuffle shuffle, std::uint64_t epoch) {
  if (shuffle == config::Shuffle::kRandom) {
    std::string text;
    if (c.root()) {
      std::random_device entropy;
      text = std::to_string((static_cast<std::uint64_t>(entropy()) << 32) | entropy());
    }
    STOKER_ASSIGN(const std::string shared, c.comm.broadcast(text, 0));
    return static_cast<std::uint64_t>(std::stoull(shared));
  }
  const auto seed = static_cast<std::uint64_t>(c.workload.train.seed);
  return c.workload.train.seed_change_epoch ? seed + epoch : seed;
}

Result<dataset::EpochPlan> plan_epoch(Context& c, const dataset::FileTable& files, std::uint64_t samples_per_file,
                                      Phase phase, std::uint64_t epoch) {
  const config::Reader& reader = c.workload.reader;
  dataset::PlanRequest request;
  request.files = files.size();
  request.samples_per_file = samples_per_file;
  request.batch_size = static_cast<std::uint64_t>(phase == Phase::kTrain ? reader.batch_size : reader.batch_size_eval);
  request.rank = c.comm.rank();
  request.ranks = c.comm.size();
  if (phase == Phase::kTrain && c.workload.train.total_training_steps > 0) {
    request.steps_limit = static_cast<std::uint64_t>(c.workload.train.total_training_steps);
  }
  request.shuffle_files = reader.file_shuffle != config::Shuffle::kOff;
  request.shuffle_samples = reader.sample_shuffle != config::Shuffle::kOff;
  STOKER_ASSIGN(request.file_seed, epoch_seed(c, reader.file_shuffle, epoch));
  STOKER_ASSIGN(request.sample_seed, epoch_seed(c, reader.sample_shuffle, epoch));
  request.by_sample = c.format.granularity == format::Granularity::kSample;
  return dataset::EpochPlan(request);
}

Status write_stats(Context& c, const std::vector<results::EpochStats>& stats) {
  return results::write_epoch_stats(c.output_dir, c.comm.rank(), stats);
}

// Sums that are counted once per process, over all processes.
struct ProcessCounters {
  double cpu_seconds = 0;
  double device_bytes = 0;
  bool device_known = true;
};
ProcessCounters read_counters(const Context& c) {
  ProcessCounters counters;
  if (!c.comm.node().process_leader) return counters;
  counters.cpu_seconds = host::process_cpu_times().total();
  const auto bytes = c.environment.proc.device_read_bytes();
  counters.device_known = bytes.has_value();
  counters.device_bytes = static_cast<double>(bytes.value_or(0));
  return counters;
}

// The loop over epochs, with what it keeps from one to the next.
class Trainer {
 public:
  Trainer(Context& c, format::FormatReader& reader, Prepared prepared)
      : c_(c), reader_(reader), files_(std::move(prepared)) {
    outcome_.samples_per_file = files_.samples_per_file;
  }

  Result<TrainOutcome> run();

 private:
  Status one_epoch(std::uint64_t epoch, results::RankOutputWriter& output);
  Result<EpochOutcome> evaluate(std::uint64_t epoch, results::EpochStats& stats, std::vector<EpochRun>& runs);
  [[nodiscard]] pipeline::LoaderOptions loader_options() const;
  [[nodiscard]] pipeline::DataLoader::Opener opener(const dataset::FileTable& files) const;
  Result<EpochOutcome> over_ranks(const metrics::EpochMetrics& mine, const EpochRun& run);

  Context& c_;
  format::FormatReader& reader_;
  const Prepared files_;
  TrainOutcome outcome_;
  std::vector<results::EpochStats> stats_;
  std::optional<pipeline::DataLoader> train_loader_, eval_loader_;
  std::optional<Accelerator> train_accelerator_, eval_accelerator_;
};

pipeline::LoaderOptions Trainer::loader_options() const {
  pipeline::LoaderOptions options;
  options.threads = c_.read_threads;
  options.prefetch = static_cast<std::uint64_t>(c_.workload.reader.prefetch_size);
  options.collate = c_.workload.reader.collate;
  options.preprocess = c_.workload.reader.preprocess_time;
  options.seed = derive_seed(static_cast<std::uint64_t>(c_.workload.train.seed), c_.comm.rank(), 1);
  return options;
}

pipeline::DataLoader::Opener Trainer::opener(const dataset::FileTable& files) const {
  return [this, &files](std::uint64_t i, io::ReadObserver* observer) { return reader_.open(files.path(i), observer); };
}

// One rank's numbers of an epoch become the run's: mean of AU, sum of throughput and bytes, slowest wall.
Result<EpochOutcome> Trainer::over_ranks(const metrics::EpochMetrics& mine, const EpochRun& run) {
  std::array<double, 3> sums{mine.au_percent, mine.samples_per_second,
                             static_cast<double>(run.loader.loader.bytes_requested)};
  std::array<double, 1> slowest{to_seconds(run.wall())};
  STOKER_TRY(c_.comm.all_reduce(sums, dist::Op::kSum));
  STOKER_TRY(c_.comm.all_reduce(slowest, dist::Op::kMax));
  EpochOutcome outcome;
  outcome.metrics.au_percent = sums[0] / c_.comm.size();
  outcome.metrics.samples_per_second = sums[1];
  outcome.metrics.steps = run.steps.size();
  outcome.bytes_read = static_cast<std::uint64_t>(sums[2]);
  outcome.wall = from_seconds(slowest[0]);
  return outcome;
}

Status Trainer::one_epoch(std::uint64_t epoch, results::RankOutputWriter& output) {
  STOKER_ASSIGN(const dataset::EpochPlan plan,
                plan_epoch(c_, files_.train_files, files_.samples_per_file, Phase::kTrain, epoch));
  outcome_.dropped_samples = plan.dropped_rows();
  if (plan.steps() == 0) {
    Error error = make_error(Code::kConfig, "no step can be made: {} of {} do not fill one batch of {} on {}",
                             counted(files_.train_files.size(), "file"), counted(files_.samples_per_file, "sample"),
                             c_.workload.reader.batch_size, counted(c_.comm.size(), "accelerator"));
    error.hint = "use more files, a smaller reader.batch_size or fewer accelerators";
    return error;
  }
  if (epoch == 1) {
    c_.reporter.output(fmt::format(
        "{} per epoch: {} x {} / batch size {} / {}{}", counted_long(plan.steps(), "step"),
        counted_long(files_.samples_per_file, "sample"), counted_long(files_.train_files.size(), "file"),
        c_.workload.reader.batch_size, counted(c_.comm.size(), "accelerator"),
        c_.workload.train.total_training_steps > 0 ? ", capped per epoch by train.total_training_steps" : ""));
    if (plan.dropped_rows() > 0) {
      c_.warn(fmt::format("{} per epoch {} read by no rank, for want of a full batch on every accelerator{}",
                          counted_long(plan.dropped_rows(), "sample"), plan.dropped_rows() == 1 ? "is" : "are",
                          c_.workload.train.total_training_steps > 0 ? ", or beyond train.total_training_steps" : ""));
    }
  }
  STOKER_TRY(drop_caches(c_, files_.train_files, plan));
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
  STOKER_ASSIGN(const EpochOutcome outcome, over_ranks(metrics::epoch_metrics(blocks), *run));
  outcome_.train.push_back(outcome);
  outcome_.steps.merge(run->totals);
  outcome_.loader.merge(run->loader.loader);

  std::array<double, 2> process{after.cpu_seconds - before.cpu_seconds, after.device_bytes - before.device_bytes};
  std::array<double, 1> known{after.device_known ? 1.0 : 0.0};
  STOKER_TRY(c_.comm.all_reduce(process, dist::Op::kSum));
  STOKER_TRY(c_.comm.all_reduce(known, dist::Op::kMin));
  outcome_.cpu_seconds += process[0];
  if (known[0] == 1.0)
    outcome_.device_bytes = outcome_.device_bytes.value_or(0) + static_cast<std::uint64_t>(process[1]);

  std::vector<double> compute;
  compute.reserve(run->steps.size());
  for (const auto& step : run->steps) compute.push_back(to_seconds(step.compute));
  c_.reporter.output(
      fmt::format("epoch {}: {} in {:.2f} s, AU {:.2f} %, {:.2f} samples/s, compute {:.6f} +- {:.6f} s per step", epoch,
                  counted_long(run->steps.size(), "step"), to_seconds(outcome.wall), outcome.metrics.au_percent,
                  outcome.metrics.samples_per_second, metrics::mean(compute), metrics::population_stdev(compute)));

  const std::string block_name = results::block_name(1);
  stats.phases.push_back({block_name, results::format_timestamp(run->wall_begin),
                          results::format_timestamp(run->wall_end), to_seconds(run->wall()), std::nullopt});
  stats.duration_seconds = to_seconds(run->wall());

  results::RankEpoch record;
  record.epoch = static_cast<std::int64_t>(epoch);
  record.blocks.push_back({block_name, run->steps, block.samples_per_second, block.au_percent});

  std::vector<EpochRun> eval_runs;
  const config::Evaluation& evaluation = c_.workload.evaluation;
  const auto first = static_cast<std::uint64_t>(evaluation.eval_after_epoch);
  const auto between = static_cast<std::uint64_t>(std::max<std::int64_t>(1, evaluation.epochs_between_evals));
  if (files_.evaluates && epoch >= first && (epoch - first) % between == 0) {
    STOKER_ASSIGN(const EpochOutcome eval, evaluate(epoch, stats, eval_runs));
    outcome_.eval.push_back(eval);
    const auto rates = metrics::eval_metrics(eval_runs.front().steps, {0, 0}, eval_runs.front().wall(),
                                             static_cast<std::uint64_t>(c_.workload.reader.batch_size_eval));
    record.blocks.push_back({"eval", eval_runs.front().steps, rates.samples_per_second, rates.au_percent});
  }
  stats.end = results::format_timestamp(c_.clock().wall());
  record.meminfo = c_.environment.proc.meminfo();
  record.end = stats.end;
  stats_.push_back(std::move(stats));
  // Everything above fails on all ranks alike; writing this rank's own file may fail on one alone.
  return dist::agree(c_.comm, output.add(record));
}

Result<EpochOutcome> Trainer::evaluate(std::uint64_t epoch, results::EpochStats& stats, std::vector<EpochRun>& runs) {
  STOKER_ASSIGN(const dataset::EpochPlan plan,
                plan_epoch(c_, files_.eval_files, files_.samples_per_file, Phase::kEval, epoch));
  STOKER_TRY(drop_caches(c_, files_.eval_files, plan));
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
  STOKER_ASSIGN(const EpochOutcome outcome, over_ranks(mine, *run));
  stats.phases.push_back({"eval", results::format_timestamp(run->wall_begin), results::format_timestamp(run->wall_end),
                          to_seconds(run->wall()), std::nullopt});
  c_.reporter.output(fmt::format("epoch {}: evaluation done in {:.2f} s, AU {:.2f} %, {:.2f} samples/s", epoch,
                                 to_seconds(outcome.wall), outcome.metrics.au_percent,
                                 outcome.metrics.samples_per_second));
  runs.push_back(std::move(*run));
  return outcome;
}

Result<TrainOutcome> Trainer::run() {
  const config::Workload& w = c_.workload;
  const auto seed = static_cast<std::uint64_t>(w.train.seed);
  train_loader_.emplace(opener(files_.train_files), c_.clock(), loader_options());
  train_accelerator_.emplace(c_.clock(), w.train.computation_time, derive_seed(seed, c_.comm.rank(), 2));
  if (files_.evaluates) {
    eval_loader_.emplace(opener(files_.eval_files), c_.clock(), loader_options());
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
                                      static_cast<std::int64_t>(files_.samples_per_file), config::record_bytes(w));
  host.potential_caching = host.memory_gib > per_host ? 1 : 0;

  auto output = results::RankOutputWriter::create(c_.output_dir, c_.comm.rank(), host);
  STOKER_TRY(dist::agree(c_.comm, output ? Status{} : Status{output.error()}));
  for (std::uint64_t epoch = 1; epoch <= static_cast<std::uint64_t>(w.train.epochs); ++epoch) {
    STOKER_TRY(one_epoch(epoch, *output));
  }
  Status written = output->finish(host::hostname());
  if (written) written = write_stats(c_, stats_);
  STOKER_TRY(dist::agree(c_.comm, written));

  STOKER_ASSIGN(const auto steps, c_.comm.gather(outcome_.steps.serialise(), 0));
  STOKER_ASSIGN(const auto loaders, c_.comm.gather(outcome_.loader.serialise(), 0));
  Status merged;
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
      }
    }
  }
  STOKER_TRY(dist::agree_on_root(c_.comm, merged));
  return std::move(outcome_);
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

Result<TrainOutcome> train(Context& c) {
  STOKER_ASSIGN(const DataSet data, open_data_set(c));
  const dataset::Layout& layout = data.layout;
  STOKER_ASSIGN(dataset::FileTable train_files, find_files(c, data, Split::kTrain));
  dataset::FileTable eval_files = dataset::FileTable::computed(layout, Split::kEval);
  const bool evaluates = c.workload.workflow.evaluation && layout.files(Split::kEval) > 0;
  if (evaluates) {
    STOKER_ASSIGN(eval_files, find_files(c, data, Split::kEval));
  }
  io::CachedStorage memory(c.environment.storage, memory_budget(c));
  io::Storage& storage = c.workload.reader.read_type == config::ReadType::kMemory ? memory : c.environment.storage;
  STOKER_ASSIGN(const format::Format* format,
                reads_nothing(c.workload) ? format::find_format(config::FormatName::kSynthetic) : &c.format);
  auto reader = format->make_reader(c.workload, storage);
  STOKER_TRY(dist::agree(c.comm, reader ? Status{} : Status{reader.error()}));
  STOKER_ASSIGN(const std::uint64_t rows, agree_on_rows(c, **reader, train_files));
  if (evaluates) {
    STOKER_ASSIGN(const std::uint64_t eval_rows, agree_on_rows(c, **reader, eval_files));
    if (eval_rows != rows) {
      return make_error(Code::kCorrupt, "{} files have {} rows, {} files {}: both splits must have the same number",
                        layout.split_folder(Split::kTrain).string(), rows, layout.split_folder(Split::kEval).string(),
                        eval_rows);
    }
  }
  if (reads_nothing(c.workload)) {
    c.warn(
        "nothing is read (reader.data_loader or dataset.format is synthetic): the rates are those of the client alone");
  }
  if (&storage == &memory) c.warn("reader.read_type is memory: what was read once is not read from the storage again");
  auto outcome = Trainer(c, **reader, Prepared{std::move(train_files), std::move(eval_files), rows, evaluates}).run();
  if (outcome) STOKER_TRY(report_memory(c, memory));
  return outcome;
}

}  // namespace stoker::engine
