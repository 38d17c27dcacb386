#include "metrics/attribution.h"

#include <fmt/format.h>

#include <algorithm>

#include "metrics/text_internal.h"

namespace stoker::metrics {

// A kernel with a core to spare wakes a sleeper within a tenth of a millisecond, a busy one after some time slices of
// others (3 ms each): beyond this the process was stopped or had no core.
static constexpr Nanos kMuchLate = std::chrono::milliseconds(10);

StageTimes& StageTimes::operator+=(const StageTimes& o) {
  storage += o.storage;
  decompress += o.decompress;
  decode += o.decode;
  verify += o.verify;
  preprocess += o.preprocess;
  place += o.place;
  other += o.other;
  return *this;
}

WaitTimes& WaitTimes::operator+=(const WaitTimes& o) {
  storage += o.storage;
  decompress += o.decompress;
  decode += o.decode;
  verify += o.verify;
  preprocess += o.preprocess;
  place += o.place;
  queue += o.queue;
  return *this;
}

void LoaderTotals::merge(const LoaderTotals& o) {
  busy += o.busy;
  idle += o.idle;
  requests += o.requests;
  bytes_requested += o.bytes_requested;
  bytes_useful += o.bytes_useful;
  chunks += o.chunks;
  rows += o.rows;
  bytes_verified += o.bytes_verified;
  verify_cpu += o.verify_cpu;
  read_latency.merge(o.read_latency);
}

std::string LoaderTotals::serialise() const {
  return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {}", busy.storage.count(), busy.decompress.count(),
                     busy.decode.count(), busy.verify.count(), busy.preprocess.count(), busy.place.count(),
                     busy.other.count(), idle.count(), verify_cpu.count(), requests, bytes_requested, bytes_useful,
                     chunks, rows, bytes_verified, read_latency.serialise());
}

Result<LoaderTotals> LoaderTotals::parse(std::string_view text) {
  internal::NumberReader in(text);
  const auto nanos = [&in] { return Nanos(in.next<Nanos::rep>(' ')); };
  LoaderTotals t;
  for (Nanos* part : {&t.busy.storage, &t.busy.decompress, &t.busy.decode, &t.busy.verify, &t.busy.preprocess,
                      &t.busy.place, &t.busy.other, &t.idle, &t.verify_cpu}) {
    *part = nanos();
  }
  for (std::uint64_t* part :
       {&t.requests, &t.bytes_requested, &t.bytes_useful, &t.chunks, &t.rows, &t.bytes_verified}) {
    *part = in.next<std::uint64_t>(' ');
  }
  if (in.failed()) return make_error(Code::kCorrupt, "loader totals: cannot be read near '{}'", in.rest(40));
  STOKER_ASSIGN(t.read_latency, Histogram::parse(in.rest()));
  return t;
}

void StepTotals::add(const StepRecord& step, const WaitTimes& wait_of_step) {
  wait += wait_of_step;
  compute += step.compute - step.late;
  late += step.late;
  barrier += step.barrier;
  ++steps;
  if (step.late >= kMuchLate) ++late_steps;
}

void StepTotals::add_barrier(const StepRecord& step, const StepWait& slowest) {
  const Nanos waited = std::clamp(slowest.delay - (step.load + step.late), Nanos{0}, step.barrier);
  switch (slowest.cause) {
    case StepWait::Cause::kStorage: barrier_for.storage += waited; break;
    case StepWait::Cause::kClient: barrier_for.client += waited; break;
    case StepWait::Cause::kQueue: barrier_for.queue += waited; break;
    case StepWait::Cause::kLate: barrier_for.late += waited; break;
  }
}

StepWait step_wait(const WaitTimes& wait, Nanos late) {
  StepWait result{wait.total() + late, StepWait::Cause::kStorage};
  if (wait.client() > wait.storage) result.cause = StepWait::Cause::kClient;
  if (wait.queue > std::max(wait.client(), wait.storage)) result.cause = StepWait::Cause::kQueue;
  if (late > std::max({wait.client(), wait.storage, wait.queue})) result.cause = StepWait::Cause::kLate;
  return result;
}

namespace {
constexpr double kCauses = 4;  // a power of two, so that nothing is rounded
}

double encode(const StepWait& wait) {
  return static_cast<double>(wait.delay.count()) * kCauses + static_cast<double>(wait.cause);
}

StepWait decode_step_wait(double number) {
  const auto whole = static_cast<std::int64_t>(number);
  constexpr auto kCount = static_cast<std::int64_t>(kCauses);
  return {Nanos{whole / kCount}, static_cast<StepWait::Cause>(std::clamp<std::int64_t>(whole % kCount, 0, 3))};
}

BarrierCauses& BarrierCauses::operator+=(const BarrierCauses& o) {
  storage += o.storage;
  client += o.client;
  queue += o.queue;
  late += o.late;
  return *this;
}

void StepTotals::merge(const StepTotals& o) {
  wait += o.wait;
  compute += o.compute;
  late += o.late;
  barrier += o.barrier;
  barrier_for += o.barrier_for;
  steps += o.steps;
  late_steps += o.late_steps;
}

std::string StepTotals::serialise() const {
  return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {}", wait.storage.count(), wait.decompress.count(),
                     wait.decode.count(), wait.verify.count(), wait.preprocess.count(), wait.place.count(),
                     wait.queue.count(), compute.count(), late.count(), barrier.count(), barrier_for.storage.count(),
                     barrier_for.client.count(), barrier_for.queue.count(), barrier_for.late.count(), steps,
                     late_steps);
}

Result<StepTotals> StepTotals::parse(std::string_view text) {
  internal::NumberReader in(text);
  StepTotals t;
  for (Nanos* part : {&t.wait.storage, &t.wait.decompress, &t.wait.decode, &t.wait.verify, &t.wait.preprocess,
                      &t.wait.place, &t.wait.queue, &t.compute, &t.late, &t.barrier, &t.barrier_for.storage,
                      &t.barrier_for.client, &t.barrier_for.queue, &t.barrier_for.late}) {
    *part = Nanos(in.next<Nanos::rep>(' '));
  }
  t.steps = in.next<std::uint64_t>(' ');
  t.late_steps = in.next<std::uint64_t>(' ');
  if (in.failed() || in.more()) return make_error(Code::kCorrupt, "step totals: cannot be read near '{}'", in.rest(40));
  return t;
}

}  // namespace stoker::metrics
