#include "workloads/training/outcome.h"

#include <array>
#include <string>

#include "base/host_name.h"

namespace stoker::training {
namespace {

// The mean: a path that fails now and then has few requests that take long. Nothing where there was none, or where most
// answers were there before anybody looked.
Nanos request_time(const metrics::LoaderTotals& loader) {
  if (loader.read_latency.count() == 0 || 2 * loader.requests_seen_late > loader.requests) return Nanos{0};
  return loader.read_latency.sum() / static_cast<Nanos::rep>(loader.read_latency.count());
}

// Rank 0, from what each rank has told.
Status add_up(const std::vector<std::string>& steps, const std::vector<std::string>& loaders,
              const std::vector<std::string>& hosts, TrainOutcome& outcome) {
  outcome.steps = {};
  outcome.loader = {};
  std::vector<metrics::RankWaits> of_ranks;
  for (std::size_t r = 0; r < steps.size(); ++r) {
    STOKER_ASSIGN(const auto step_totals, metrics::StepTotals::parse(steps[r]));
    STOKER_ASSIGN(const auto loader_totals, metrics::LoaderTotals::parse(loaders[r]));
    outcome.steps.merge(step_totals);
    outcome.loader.merge(loader_totals);
    of_ranks.push_back({step_totals, request_time(loader_totals)});
  }
  outcome.slow = metrics::slow_rank(of_ranks);
  if (outcome.slow) outcome.slow->host = hosts.at(static_cast<std::size_t>(outcome.slow->rank));
  return {};
}

}  // namespace

Result<EpochOutcome> epoch_over_ranks(dist::Communicator& comm, const metrics::EpochMetrics& mine,
                                      const EpochRun& run) {
  std::array<double, 5> sums{mine.au_percent.value_or(0), mine.au_percent ? 1.0 : 0.0,
                             mine.samples_per_second.value_or(0), mine.samples_per_second ? 1.0 : 0.0,
                             static_cast<double>(run.loader.loader.bytes_requested)};
  std::array<double, 1> slowest{to_seconds(run.wall())};
  std::array<double, 1> fewest{static_cast<double>(mine.measured_steps)};
  STOKER_TRY(comm.all_reduce(sums, dist::Op::kSum));
  STOKER_TRY(comm.all_reduce(slowest, dist::Op::kMax));
  STOKER_TRY(comm.all_reduce(fewest, dist::Op::kMin));
  EpochOutcome outcome;
  if (sums[1] > 0) outcome.metrics.au_percent = sums[0] / sums[1];
  if (sums[3] > 0) outcome.metrics.samples_per_second = sums[2];
  outcome.metrics.measured_steps = static_cast<std::uint64_t>(fewest[0]);
  outcome.metrics.steps = run.steps.size();
  outcome.bytes_read = static_cast<std::uint64_t>(sums[4]);
  outcome.wall = from_seconds(slowest[0]);
  return outcome;
}

Status merge_ranks(dist::Communicator& comm, TrainOutcome& outcome) {
  STOKER_ASSIGN(const auto steps, comm.gather(outcome.steps.serialise(), 0));
  STOKER_ASSIGN(const auto loaders, comm.gather(outcome.loader.serialise(), 0));
  STOKER_ASSIGN(const auto hosts, comm.gather(host_name(), 0));
  Status merged;
  if (comm.rank() == 0) merged = add_up(steps, loaders, hosts, outcome);
  return dist::agree_on_root(comm, merged);
}

}  // namespace stoker::training
