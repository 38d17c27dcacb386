#include "workloads/training/epoch.h"

#include <fmt/format.h>

#include "base/plural.h"

namespace stoker::training {

namespace {

// Who waited at a barrier did so because another rank was late; what that one had waited for is known to it alone until
// the ranks tell each other, once per epoch.
Status attribute_barriers(dist::Communicator& comm, std::vector<double>& waits, EpochRun& run) {
  if (comm.size() == 1) return {};
  STOKER_TRY(comm.all_reduce(waits, dist::Op::kMax));
  for (std::size_t i = 0; i < run.steps.size(); ++i) {
    run.totals.add_barrier(run.steps[i], metrics::decode_step_wait(waits[i]));
  }
  return {};
}

}  // namespace

Result<EpochRun> run_epoch(Context& c, pipeline::DataLoader& loader, const dataset::EpochPlan& plan,
                           Accelerator& accelerator, Phase phase, std::uint64_t epoch) {
  const Clock& clock = c.clock();
  const std::stop_token& stop = c.environment.stop;
  EpochRun run;
  // Nothing is allocated between the first step and the last.
  run.steps.reserve(plan.steps());
  std::vector<double> waits;
  waits.reserve(plan.steps());
  Status all;

  run.wall_begin = clock.wall();
  run.begin = clock.now();
  // A rank that could not begin comes to the first step all the same, where the others learn of it.
  const Status begun = loader.begin_epoch(plan, epoch, stop);
  Instant asked = run.begin;
  Nanos computed_so_far{0};
  const bool several = c.comm.size() > 1;
  for (std::uint64_t step = 0; step < plan.steps() && all; ++step) {
    auto batch = begun ? loader.next() : Result<pipeline::Batch>(begun.error());
    const Instant loaded = clock.now();
    const Nanos late = batch ? accelerator.compute(stop).late : Nanos{0};
    const Instant computed = clock.now();
    Status mine = batch ? Status{} : Status{batch.error()};
    // The batches that are left may all be there already: then nothing but this tells a stop from a very fast end.
    if (mine && stop.stop_requested())
      mine = make_error(Code::kInterrupted, "interrupted in step {} of epoch {}", step + 1, epoch);
    // The step barrier stands for the gradient all-reduce, and is where a rank's failure reaches the others. A failed
    // rank still comes here, so that nobody waits for it in vain.
    Nanos runnable{0};
    if (phase == Phase::kTrain) {
      const Nanos before = several ? clock.thread_times().runnable : Nanos{0};
      all = dist::agree(c.comm, std::move(mine));
      if (several) runnable = clock.thread_times().runnable - before;
    } else {
      all = std::move(mine);
    }
    if (!all) break;
    const Instant met = clock.now();
    const metrics::StepRecord record{loaded - asked, computed - loaded, met - computed, late, runnable};
    run.steps.push_back(record);
    // What lies between the window's wait and the step's own instants belongs to no stage.
    metrics::WaitTimes causes = batch->wait.causes;
    causes.queue += record.load - causes.total();
    run.totals.add(record, causes);
    // Where the AU leaves first steps out, they are not why a target is missed.
    if (step == 0 && c.workload.output.exclude_start_steps == 0) run.totals.first_wait += record.load;
    waits.push_back(metrics::encode(metrics::step_wait(causes, late)));
    computed_so_far += record.compute - record.late;
    if (c.root()) {
      c.environment.progress.set_au(100.0 * to_seconds(computed_so_far) / to_seconds(met - run.begin));
      c.environment.progress.add(1, 0);
    }
    if (c.reporter.wants_info()) {
      c.reporter.info(fmt::format("epoch {} step {}: loaded {} in {:.6f} s, processed in {:.6f} s", epoch, step + 1,
                                  counted(batch->rows, "sample"), to_seconds(record.load), to_seconds(record.compute)));
    }
    asked = met;
  }
  run.end = clock.now();
  run.wall_end = clock.wall();
  run.loader = loader.end_epoch();
  if (phase == Phase::kEval) all = dist::agree(c.comm, all);
  STOKER_TRY(all);
  if (phase == Phase::kTrain) STOKER_TRY(attribute_barriers(c.comm, waits, run));
  // Counted where the rows were read, not where they were planned: the plan is kept or the run fails.
  const std::uint64_t read = run.loader.rows_read;
  STOKER_TRY(dist::agree(c.comm, read == plan.rows()
                                     ? Status{}
                                     : Status{make_error(Code::kInternal, "epoch {}: {} read where {} planned", epoch,
                                                         counted(read, "sample"), plan.rows())}));
  return run;
}

}  // namespace stoker::training
