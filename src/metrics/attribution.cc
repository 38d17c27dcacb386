#include "metrics/attribution.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "metrics/text_internal.h"

namespace stoker::metrics {

// A kernel with a core to spare wakes a sleeper within a tenth of a millisecond, a busy one after some time slices of
// others (3 ms each): beyond this the process was stopped or had no core.
static constexpr Nanos kMuchLate = std::chrono::milliseconds(10);

Nanos sum_of(const StageTimes& times, Whose whose) {
  Nanos sum{0};
  for (const Stage& stage : kStages) {
    if (stage.whose == whose) sum += times.*stage.time;
  }
  return sum;
}

Nanos StageTimes::client() const {
  return sum_of(*this, Whose::kClient);
}

Nanos StageTimes::total() const {
  Nanos sum{0};
  for (const Stage& stage : kStages) sum += this->*stage.time;
  return sum;
}

StageTimes& StageTimes::operator+=(const StageTimes& o) {
  for (const Stage& stage : kStages) this->*stage.time += o.*stage.time;
  return *this;
}

namespace {

std::string serialised(const StageTimes& times) {
  std::string text;
  for (const Stage& stage : kStages) text += fmt::format("{} ", (times.*stage.time).count());
  return text;
}

Nanos next_time(internal::NumberReader& in) {
  return Nanos(in.next<Nanos::rep>(' '));
}

StageTimes next_stages(internal::NumberReader& in) {
  StageTimes times;
  for (const Stage& stage : kStages) times.*stage.time = next_time(in);
  return times;
}

}  // namespace

void LoaderTotals::merge(const LoaderTotals& o) {
  busy += o.busy;
  idle += o.idle;
  requests += o.requests;
  requests_seen_late += o.requests_seen_late;
  bytes_requested += o.bytes_requested;
  bytes_useful += o.bytes_useful;
  chunks += o.chunks;
  rows += o.rows;
  bytes_verified += o.bytes_verified;
  verify_cpu += o.verify_cpu;
  read_latency.merge(o.read_latency);
}

std::string LoaderTotals::serialise() const {
  return fmt::format("{}{} {} {} {} {} {} {} {} {} {}", serialised(busy), idle.count(), verify_cpu.count(), requests,
                     requests_seen_late, bytes_requested, bytes_useful, chunks, rows, bytes_verified,
                     read_latency.serialise());
}

Result<LoaderTotals> LoaderTotals::parse(std::string_view text) {
  internal::NumberReader in(text);
  LoaderTotals t;
  t.busy = next_stages(in);
  t.idle = next_time(in);
  t.verify_cpu = next_time(in);
  for (std::uint64_t* part : {&t.requests, &t.requests_seen_late, &t.bytes_requested, &t.bytes_useful, &t.chunks,
                              &t.rows, &t.bytes_verified}) {
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
  const Nanos without_core = std::clamp(step.barrier_core, Nanos{0}, step.barrier - waited);
  barrier_core += without_core;
  barrier_for.cores += without_core;
  switch (slowest.cause) {
    case StepWait::Cause::kStorage: barrier_for.storage += waited; break;
    case StepWait::Cause::kClient: barrier_for.client += waited; break;
    case StepWait::Cause::kQueue: barrier_for.queue += waited; break;
    case StepWait::Cause::kLate: barrier_for.late += waited; break;
    case StepWait::Cause::kCores: barrier_for.cores += waited; break;
  }
}

StepWait step_wait(const WaitTimes& wait, Nanos late) {
  using Cause = StepWait::Cause;
  StepWait result{wait.total() + late, Cause::kStorage};
  Nanos most = wait.storage;
  for (const auto& [cause, time] :
       {std::pair(Cause::kClient, wait.client()), std::pair(Cause::kCores, wait.core),
        std::pair(Cause::kQueue, sum_of(wait, Whose::kNobody)), std::pair(Cause::kLate, late)}) {
    if (time <= most) continue;
    most = time;
    result.cause = cause;
  }
  return result;
}

namespace {
constexpr double kCauses = 8;  // a power of two, so that nothing is rounded
}

double encode(const StepWait& wait) {
  return static_cast<double>(wait.delay.count()) * kCauses + static_cast<double>(wait.cause);
}

StepWait decode_step_wait(double number) {
  const auto whole = static_cast<std::int64_t>(number);
  constexpr auto kCount = static_cast<std::int64_t>(kCauses);
  return {Nanos{whole / kCount}, static_cast<StepWait::Cause>(std::clamp<std::int64_t>(whole % kCount, 0, 4))};
}

BarrierCauses& BarrierCauses::operator+=(const BarrierCauses& o) {
  storage += o.storage;
  client += o.client;
  queue += o.queue;
  late += o.late;
  cores += o.cores;
  return *this;
}

void StepTotals::merge(const StepTotals& o) {
  wait += o.wait;
  compute += o.compute;
  late += o.late;
  barrier += o.barrier;
  barrier_core += o.barrier_core;
  barrier_for += o.barrier_for;
  first_wait += o.first_wait;
  steps += o.steps;
  late_steps += o.late_steps;
}

std::string StepTotals::serialise() const {
  std::string text = serialised(wait);
  for (const Nanos part : {compute, late, barrier, barrier_core, first_wait, barrier_for.storage, barrier_for.client,
                           barrier_for.queue, barrier_for.late, barrier_for.cores}) {
    text += fmt::format("{} ", part.count());
  }
  return text + fmt::format("{} {}", steps, late_steps);
}

Result<StepTotals> StepTotals::parse(std::string_view text) {
  internal::NumberReader in(text);
  StepTotals t;
  t.wait = next_stages(in);
  for (Nanos* part : {&t.compute, &t.late, &t.barrier, &t.barrier_core, &t.first_wait, &t.barrier_for.storage,
                      &t.barrier_for.client, &t.barrier_for.queue, &t.barrier_for.late, &t.barrier_for.cores}) {
    *part = next_time(in);
  }
  t.steps = in.next<std::uint64_t>(' ');
  t.late_steps = in.next<std::uint64_t>(' ');
  if (in.failed() || in.more()) return make_error(Code::kCorrupt, "step totals: cannot be read near '{}'", in.rest(40));
  return t;
}

}  // namespace stoker::metrics
