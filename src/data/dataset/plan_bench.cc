// A plan must cost nothing next to the reads it plans: microseconds to make, well under one per visit.
#include <benchmark/benchmark.h>

#include "data/dataset/plan.h"

namespace stoker::dataset {
namespace {

PlanRequest request(std::uint64_t files, bool shuffle) {
  return {.files = files,
          .samples_per_file = 1'000'003,
          .batch_size = 2048,
          .rank = 7,
          .ranks = 64,
          .shuffle_files = shuffle,
          .shuffle_samples = shuffle,
          .file_seed = 42,
          .sample_seed = 42};
}

void BM_MakePlan(benchmark::State& state) {
  const PlanRequest q = request(static_cast<std::uint64_t>(state.range(0)), true);
  for (auto _ : state) benchmark::DoNotOptimize(EpochPlan(q).visits());
}
BENCHMARK(BM_MakePlan)->Arg(100)->Arg(100'000'000);

void visit_all(benchmark::State& state, bool shuffle, bool by_sample) {
  PlanRequest q = request(100'000'000, shuffle);
  q.by_sample = by_sample;
  const EpochPlan plan(q);
  std::uint64_t k = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(plan.visit(k));
    if (++k == plan.visits()) k = 0;
  }
}
void BM_VisitInOrder(benchmark::State& state) {
  visit_all(state, false, false);
}
void BM_VisitShuffled(benchmark::State& state) {
  visit_all(state, true, false);
}
void BM_VisitSingleRow(benchmark::State& state) {
  visit_all(state, true, true);
}
BENCHMARK(BM_VisitInOrder);
BENCHMARK(BM_VisitShuffled);
BENCHMARK(BM_VisitSingleRow);

}  // namespace
}  // namespace stoker::dataset
