#include "metrics/attribution.h"

#include <fmt/format.h>

#include <algorithm>

#include "metrics/text_internal.h"

namespace stoker::metrics {

StageTimes& StageTimes::operator+=(const StageTimes& o) {
  storage += o.storage;
  decompress += o.decompress;
  decode += o.decode;
  preprocess += o.preprocess;
  place += o.place;
  other += o.other;
  return *this;
}

WaitTimes& WaitTimes::operator+=(const WaitTimes& o) {
  storage += o.storage;
  decompress += o.decompress;
  decode += o.decode;
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
  read_latency.merge(o.read_latency);
}

std::string LoaderTotals::serialise() const {
  return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {}", busy.storage.count(), busy.decompress.count(),
                     busy.decode.count(), busy.preprocess.count(), busy.place.count(), busy.other.count(), idle.count(),
                     requests, bytes_requested, bytes_useful, chunks, rows, read_latency.serialise());
}

Result<LoaderTotals> LoaderTotals::parse(std::string_view text) {
  internal::NumberReader in(text);
  const auto nanos = [&in] { return Nanos(in.next<Nanos::rep>(' ')); };
  LoaderTotals t;
  for (Nanos* part : {&t.busy.storage, &t.busy.decompress, &t.busy.decode, &t.busy.preprocess, &t.busy.place,
                      &t.busy.other, &t.idle}) {
    *part = nanos();
  }
  for (std::uint64_t* part : {&t.requests, &t.bytes_requested, &t.bytes_useful, &t.chunks, &t.rows}) {
    *part = in.next<std::uint64_t>(' ');
  }
  if (in.failed()) return make_error(Code::kCorrupt, "loader totals: cannot be read near '{}'", in.rest(40));
  STOKER_ASSIGN(t.read_latency, Histogram::parse(in.rest()));
  return t;
}

void StepTotals::add(const StepRecord& step, const WaitTimes& wait_of_step) {
  wait += wait_of_step;
  compute += step.compute;
  barrier += step.barrier;
  ++steps;
}

void StepTotals::merge(const StepTotals& o) {
  wait += o.wait;
  compute += o.compute;
  barrier += o.barrier;
  steps += o.steps;
}

std::string StepTotals::serialise() const {
  return fmt::format("{} {} {} {} {} {} {} {} {}", wait.storage.count(), wait.decompress.count(), wait.decode.count(),
                     wait.preprocess.count(), wait.place.count(), wait.queue.count(), compute.count(), barrier.count(),
                     steps);
}

Result<StepTotals> StepTotals::parse(std::string_view text) {
  internal::NumberReader in(text);
  StepTotals t;
  for (Nanos* part : {&t.wait.storage, &t.wait.decompress, &t.wait.decode, &t.wait.preprocess, &t.wait.place,
                      &t.wait.queue, &t.compute, &t.barrier}) {
    *part = Nanos(in.next<Nanos::rep>(' '));
  }
  t.steps = in.next<std::uint64_t>(' ');
  if (in.failed() || in.more()) return make_error(Code::kCorrupt, "step totals: cannot be read near '{}'", in.rest(40));
  return t;
}

}  // namespace stoker::metrics
