#include "workloads/training/pass.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/hash.h"
#include "base/plural.h"
#include "results/timestamp.h"
#include "workloads/training/drop_caches.h"
#include "workloads/training/memory.h"
#include "workloads/training/plan_epoch.h"
#include "workloads/training/prove_coverage.h"
#include "workloads/training/verification.h"

namespace stoker::training {
namespace {

// One rank's figures of a pass: what those of all ranks are made of, and what its own file says.
struct RankRates {
  metrics::EpochMetrics shared, own;
};

RankRates rates_of(const config::Workload& w, Phase phase, const EpochRun& run) {
  const metrics::Exclude exclude{static_cast<std::uint64_t>(w.output.exclude_start_steps),
                                 static_cast<std::uint64_t>(w.output.exclude_end_steps)};
  if (phase == Phase::kEval) {
    const auto batch_size = static_cast<std::uint64_t>(w.reader.batch_size_eval);
    return {metrics::eval_metrics(run.steps, exclude, run.wall(), batch_size),
            metrics::eval_metrics(run.steps, {0, 0}, run.wall(), batch_size)};
  }
  const metrics::BlockMetrics block = metrics::block_metrics(
      run.steps, metrics::block_exclude(exclude, 0, 1), run.wall(), static_cast<std::uint64_t>(w.reader.batch_size));
  return {metrics::epoch_metrics(std::array{block}),
          {block.au_percent, block.samples_per_second, block.measured_steps, block.steps}};
}

// Half of the files that the process may have open, for its ranks.
std::uint64_t files_kept_open(int ranks_in_process) {
  constexpr rlim_t kMost = 256;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1;
  return std::clamp<rlim_t>(limit.rlim_cur / 2 / static_cast<rlim_t>(ranks_in_process), 1, kMost);
}

}  // namespace

std::string rates_text(const metrics::EpochMetrics& m) {
  const std::string au = m.au_percent ? fmt::format("AU {:.2f} %", *m.au_percent) : "AU not measured";
  return m.samples_per_second ? fmt::format("{}, {:.2f} samples/s", au, *m.samples_per_second) : au;
}

results::EpochPhase Pass::stats(std::string name) const {
  return {std::move(name), results::format_timestamp(run.wall_begin), results::format_timestamp(run.wall_end),
          to_seconds(run.wall()), std::nullopt};
}

results::BlockSteps Pass::steps(std::string name) const {
  return {std::move(name), run.steps, rates.samples_per_second, rates.au_percent};
}

pipeline::LoaderOptions Passes::loader_options(std::optional<pipeline::Verification> verification) const {
  pipeline::LoaderOptions options = loader_shape(c_.workload, c_.read_threads);
  options.preprocess = c_.workload.reader.preprocess_time;
  options.seed = derive_seed(static_cast<std::uint64_t>(c_.workload.train.seed), c_.comm.rank(), 1);
  options.verification = std::move(verification);
  options.memory = c_.environment.chunk_memory.get();
  options.files_kept_open = files_kept_open(c_.environment.ranks_in_process);
  return options;
}

Status Passes::prepare() {
  const config::Workload& w = c_.workload;
  const bool training = phase_ == Phase::kTrain;
  STOKER_ASSIGN(auto values, verification_of(c_, split_.files));
  loader_.emplace(files_, c_.clock(), loader_options(std::move(values)));
  accelerator_.emplace(c_.clock(), training ? w.train.computation_time : w.evaluation.eval_time,
                       derive_seed(static_cast<std::uint64_t>(w.train.seed), c_.comm.rank(), training ? 2 : 3));
  return {};
}

void Passes::begin(std::uint64_t epoch, std::uint64_t steps) {
  const bool training = phase_ == Phase::kTrain;
  const std::string count = counted_long(steps, "step");
  c_.reporter.output(training ? fmt::format("epoch {}: starting, {} expected", epoch, count)
                              : fmt::format("epoch {}: evaluation, {}", epoch, count));
  if (c_.root())
    c_.environment.progress.begin(fmt::format("{} {}", training ? "epoch" : "evaluation", epoch), "steps", steps);
}

Status Passes::run(const dataset::EpochPlan& plan, std::uint64_t epoch, Pass& pass) {
  pass.before = read_counters(c_);
  auto run = run_epoch(c_, *loader_, plan, *accelerator_, phase_, epoch);
  pass.after = read_counters(c_);
  if (c_.root()) c_.environment.progress.end();
  if (!run) return run.error();
  pass.run = std::move(*run);
  return {};
}

Result<Pass> Passes::make(std::uint64_t epoch) {
  STOKER_ASSIGN(const dataset::EpochPlan plan, plan_epoch(c_, split_, phase_, epoch));
  STOKER_TRY(drop_caches(c_, split_.files, plan));
  begin(epoch, plan.steps());
  STOKER_TRY(c_.comm.barrier());
  Pass pass;
  pass.started = c_.clock().wall();
  STOKER_TRY(run(plan, epoch, pass));
  const RankRates rates = rates_of(c_.workload, phase_, pass.run);
  pass.rates = rates.own;
  STOKER_ASSIGN(pass.outcome, epoch_over_ranks(c_.comm, rates.shared, pass.run));
  if (!reads_nothing(c_.workload)) {
    STOKER_ASSIGN(pass.outcome.coverage, prove_coverage(c_, split_, plan, pass.run.loader.coverage, epoch));
  }
  return pass;
}

}  // namespace stoker::training
