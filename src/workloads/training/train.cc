#include "workloads/training/train.h"

#include <fmt/format.h>

#include "base/host_name.h"
#include "base/plural.h"
#include "base/units.h"
#include "config/sample_geometry.h"
#include "metrics/statistics.h"
#include "results/epoch_stats.h"
#include "results/rank_output.h"
#include "results/summary.h"
#include "results/timestamp.h"
#include "workloads/training/data_set.h"
#include "workloads/training/data_split.h"
#include "workloads/training/memory.h"
#include "workloads/training/pass.h"
#include "workloads/training/plan_epoch.h"
#include "workloads/training/read_type.h"

namespace stoker::training {
namespace {

using dataset::Split;

// Everything that is fixed before the first epoch.
struct Prepared {
  DataSplit train;
  std::optional<DataSplit> eval;  // when evaluation is wanted, and there are files for it
};

// Beyond what two clocks that are read one after the other may differ by.
constexpr double kSuspended = 0.1;

// The loop over epochs, with what it keeps from one to the next.
class Trainer {
 public:
  Trainer(Context& c, format::FormatReader& reader, io::Storage& storage, const Prepared& data, TrainOutcome& outcome)
      : c_(c), data_(data), train_(c, Phase::kTrain, data.train, reader, storage), outcome_(outcome) {
    if (data.eval) eval_.emplace(c, Phase::kEval, *data.eval, reader, storage);
    outcome_.samples_per_file = data.train.used.total() / data.train.used.files();
  }

  // Collective, as all below.
  Status run();

 private:
  Status prepare();
  Status epochs(results::RankOutputWriter& output);
  Status one_epoch(std::uint64_t epoch, results::RankOutputWriter& output);
  [[nodiscard]] bool evaluates_after(std::uint64_t epoch) const;
  Result<CountedUse> count(const Pass& pass, std::uint64_t epoch);
  void say(const Pass& pass, std::uint64_t epoch);

  Context& c_;
  const Prepared& data_;
  Passes train_;
  std::optional<Passes> eval_;
  TrainOutcome& outcome_;
  std::vector<results::EpochStats> stats_;
};

Result<CountedUse> Trainer::count(const Pass& pass, std::uint64_t epoch) {
  STOKER_ASSIGN(const CountedUse counted, counted_between(c_.comm, pass.before, pass.after, pass.run.wall()));
  if (counted.suspended_seconds >= kSuspended) {
    c_.warn(
        fmt::format("epoch {}: a host was suspended for {}: the time is in no duration, and the storage may have gone "
                    "on meanwhile",
                    epoch, format_duration(counted.suspended_seconds)));
  }
  return counted;
}

void Trainer::say(const Pass& pass, std::uint64_t epoch) {
  std::vector<double> compute;
  compute.reserve(pass.run.steps.size());
  for (const auto& step : pass.run.steps) compute.push_back(to_seconds(step.compute));
  c_.reporter.output(fmt::format("epoch {}: {} in {:.2f} s, {}, compute {:.6f} +- {:.6f} s per step", epoch,
                                 counted_long(pass.run.steps.size(), "step"), to_seconds(pass.outcome.wall),
                                 rates_text(pass.outcome.metrics), metrics::mean(compute),
                                 metrics::population_stdev(compute)));
}

bool Trainer::evaluates_after(std::uint64_t epoch) const {
  const config::Evaluation& evaluation = c_.workload.evaluation;
  const auto first = static_cast<std::uint64_t>(evaluation.eval_after_epoch);
  const auto between = static_cast<std::uint64_t>(std::max<std::int64_t>(1, evaluation.epochs_between_evals));
  return eval_ && epoch >= first && (epoch - first) % between == 0;
}

Status Trainer::one_epoch(std::uint64_t epoch, results::RankOutputWriter& output) {
  results::EpochStats stats{.epoch = static_cast<std::int64_t>(epoch)};
  results::RankEpoch record{.epoch = stats.epoch};
  STOKER_ASSIGN(const Pass trained, train_.make(epoch));
  STOKER_ASSIGN(const CountedUse counted, count(trained, epoch));
  say(trained, epoch);
  const std::string block = results::block_name(1);
  stats.start = results::format_timestamp(trained.started);
  stats.phases.push_back(trained.stats(block));
  stats.duration_seconds = to_seconds(trained.run.wall());
  record.blocks.push_back(trained.steps(block));

  std::optional<Pass> evaluated;
  if (evaluates_after(epoch)) {
    STOKER_ASSIGN(evaluated, eval_->make(epoch));
    c_.reporter.output(fmt::format("epoch {}: evaluation done in {:.2f} s, {}", epoch,
                                   to_seconds(evaluated->outcome.wall), rates_text(evaluated->outcome.metrics)));
    stats.phases.push_back(evaluated->stats("eval"));
    record.blocks.push_back(evaluated->steps("eval"));
  }
  stats.end = results::format_timestamp(c_.clock().wall());
  record.meminfo = c_.environment.proc.meminfo();
  record.end = stats.end;
  // It has ended, with its evaluation: the figures and the files tell of the same epochs.
  stats_.push_back(std::move(stats));
  outcome_.train.push_back(trained.outcome);
  if (evaluated) outcome_.eval.push_back(evaluated->outcome);
  outcome_.steps.merge(trained.run.totals);
  outcome_.loader.merge(trained.run.loader.loader);
  outcome_.counted += counted;
  // Everything above fails on all ranks alike; writing this rank's own file may fail on one alone.
  return dist::agree(c_.comm, output.add(record));
}

results::RankHost rank_host(const Context& c, std::uint64_t samples_per_file) {
  const host::Proc& proc = c.environment.proc;
  results::RankHost host;
  host.memory_gib = static_cast<double>(proc.memory_total_bytes()) / static_cast<double>(kGiB);
  host.cpu_count = proc.cpu_count();
  host.processor_name = host::architecture();
  host.cpuinfo = proc.cpuinfo();
  host.meminfo = proc.meminfo();
  const double per_host =
      results::data_size_per_host_gib(c.comm.node().local_size, c.comm.size(), c.workload.dataset.num_files_train,
                                      static_cast<std::int64_t>(samples_per_file), config::record_bytes(c.workload));
  host.potential_caching = host.memory_gib > per_host ? 1 : 0;
  return host;
}

Status Trainer::prepare() {
  STOKER_TRY(train_.prepare());
  if (eval_) STOKER_TRY(eval_->prepare());
  STOKER_TRY(announce_plan(c_, data_.train, Phase::kTrain));
  return data_.eval ? announce_plan(c_, *data_.eval, Phase::kEval) : Status{};
}

Status Trainer::epochs(results::RankOutputWriter& output) {
  Status trained;
  for (std::uint64_t epoch = 1; trained && epoch <= static_cast<std::uint64_t>(c_.workload.train.epochs); ++epoch)
    trained = contained(c_.comm, [&] { return one_epoch(epoch, output); });
  return trained;
}

Status Trainer::run() {
  STOKER_TRY(prepare());
  auto output =
      results::RankOutputWriter::create(c_.output_dir, c_.comm.rank(), rank_host(c_, outcome_.samples_per_file));
  STOKER_TRY(dist::agree(c_.comm, output ? Status{} : Status{output.error()}));
  const Status trained = epochs(*output);
  // What has ended is kept whatever ends the run.
  Status written = output->finish(host_name());
  if (written) written = results::write_epoch_stats(c_.output_dir, c_.comm.rank(), stats_);
  STOKER_TRY(trained);
  STOKER_TRY(dist::agree(c_.comm, written));
  return merge_ranks(c_.comm, outcome_);
}

Result<Prepared> prepare_splits(Context& c, const DataSet& data, format::FormatReader& look) {
  STOKER_ASSIGN(DataSplit training, prepare_split(c, data, Split::kTrain, look));
  std::optional<DataSplit> evaluation;
  if (c.workload.workflow.evaluation && data.layout.files(Split::kEval) > 0) {
    STOKER_ASSIGN(evaluation, prepare_split(c, data, Split::kEval, look));
  }
  return Prepared{std::move(training), std::move(evaluation)};
}

void warn_of_reading(Context& c, const ReadTypeStorage& where) {
  if (reads_nothing(c.workload)) {
    c.warn(
        "nothing is read (reader.data_loader or dataset.format is synthetic): the rates are those of the client alone");
  } else if (is_generated(c.workload)) {
    c.warn("storage.storage_type is generated: the bytes are computed by the client, and no storage is read");
  }
  if (where.keeps()) c.warn("reader.read_type is memory: what was read once is not read from the storage again");
}

}  // namespace

Status train(Context& c, TrainOutcome& outcome) {
  STOKER_ASSIGN(const DataSet data, open_data_set(c));
  ReadTypeStorage where(c);
  STOKER_ASSIGN(const format::Format* format,
                reads_nothing(c.workload) ? format::find_format(config::FormatName::kSynthetic) : &c.format);
  const config::Workload described = workload_of_files(c.workload, data);
  const auto shared =
      c.environment.reader->get(*format, described, c.environment.storage, c.environment.ranks_in_process);
  STOKER_TRY(dist::agree(c.comm, shared ? Status{} : Status{shared.error()}));
  // What is only looked at, on whichever rank, is not kept in memory.
  format::FormatReader& look = **shared;
  std::unique_ptr<format::FormatReader> through_memory;
  if (where.keeps()) {
    auto made = format->make_reader(described, where.storage());
    STOKER_TRY(dist::agree(c.comm, made ? Status{} : Status{made.error()}));
    through_memory = *std::move(made);
  }
  format::FormatReader& reader = through_memory != nullptr ? *through_memory : look;
  STOKER_ASSIGN(const Prepared splits, prepare_splits(c, data, look));
  if (!reads_nothing(c.workload)) STOKER_TRY(check_memory(c, *format, look.worker_bytes()));
  warn_of_reading(c, where);
  STOKER_TRY(Trainer(c, reader, where.storage(), splits, outcome).run());
  STOKER_TRY(check_unchanged(c, data));
  return where.report();
}

}  // namespace stoker::training
