// What a step's barrier costs among ranks that are threads.
#include <benchmark/benchmark.h>

#include "cluster/dist/local.h"

namespace stoker::dist {
namespace {

// All ranks call the barrier as fast as they can. One iteration is a fixed number of barriers, so that the other ranks
// know how many to join.
constexpr int kBarriers = 1000;

void BM_LocalBarrier(benchmark::State& state) {
  const int ranks = static_cast<int>(state.range(0));
  for (auto _ : state) {
    const int code = *run_local(ranks, [](Communicator& comm) {
      for (int i = 0; i < kBarriers; ++i) {
        if (!comm.barrier()) return 1;
      }
      return 0;
    });
    if (code != 0) state.SkipWithError("a barrier failed");
  }
  state.SetItemsProcessed(state.iterations() * kBarriers);
}
BENCHMARK(BM_LocalBarrier)->Arg(1)->Arg(2)->Arg(4)->Arg(8)->UseRealTime()->Unit(benchmark::kMicrosecond);

// The step barrier as the engine calls it: an agreement that all are well.
void BM_LocalAgree(benchmark::State& state) {
  const int ranks = static_cast<int>(state.range(0));
  for (auto _ : state) {
    const int code = *run_local(ranks, [](Communicator& comm) {
      for (int i = 0; i < kBarriers; ++i) {
        if (!agree(comm, {})) return 1;
      }
      return 0;
    });
    if (code != 0) state.SkipWithError("an agreement failed");
  }
  state.SetItemsProcessed(state.iterations() * kBarriers);
}
BENCHMARK(BM_LocalAgree)->Arg(2)->Arg(8)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace stoker::dist
