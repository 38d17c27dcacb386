// What one sample of a host costs: with the default of one in ten seconds, a share of a core of a ten thousandth of
// this many microseconds in percent.
#include <benchmark/benchmark.h>

#include "cluster/host/samples.h"

namespace stoker::host {
namespace {

void sample_this_host(benchmark::State& state) {
  const Proc proc;
  for (auto _ : state) {
    Samples samples(1);
    samples.add(proc, {});
    benchmark::DoNotOptimize(samples.size());
  }
}
BENCHMARK(sample_this_host)->Unit(benchmark::kMicrosecond);

void describe_this_host(benchmark::State& state) {
  const Proc proc;
  for (auto _ : state) benchmark::DoNotOptimize(proc.host_info({}, Detail::kFull));
}
BENCHMARK(describe_this_host)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace stoker::host
