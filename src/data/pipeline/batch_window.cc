#include "data/pipeline/batch_window.h"

#include <algorithm>
#include <iterator>

namespace stoker::pipeline {
namespace {

// The part of [begin, end) that lies in [from, to).
Nanos overlap(Instant begin, Instant end, Instant from, Instant to) {
  const Instant lower = std::max(begin, from);
  const Instant upper = std::min(end, to);
  return upper > lower ? upper - lower : Nanos{0};
}

// What handing over a chunk takes, with its instants, at most.
constexpr Nanos kHandingOver = std::chrono::microseconds(20);

// part * of / whole
Nanos scaled(Nanos part, Nanos of, Nanos whole) {
  return whole.count() <= 0
             ? Nanos{0}
             : Nanos{static_cast<std::int64_t>(static_cast<double>(part.count()) * static_cast<double>(of.count()) /
                                               static_cast<double>(whole.count()))};
}

// What of a chunk's life lies in [begin, end), without the time before it was begun.
metrics::StageTimes stages_in(const ChunkTimes& t, Instant begin, Instant end) {
  metrics::StageTimes in;
  const Nanos opening = overlap(begin, end, t.begun, t.claimed);
  const Nanos opened = scaled(opening, t.open_storage, t.claimed - t.begun);
  const Nanos open_core = scaled(opening, t.open_core, t.claimed - t.begun);
  const Nanos sent = scaled(opening, t.sending, t.claimed - t.begun);
  in.other = opening - opened - open_core - sent;
  // Of fetching, what was spent on a core or waiting for one; the rest is the storage's.
  const Nanos fetch = t.fetched - t.claimed;
  const Nanos fetched = overlap(begin, end, t.claimed, t.fetched);
  const Nanos cpu = std::clamp(t.fetching.cpu, Nanos{0}, fetch);
  const Nanos copied = scaled(fetched, cpu, fetch);
  in.copy = sent + copied;
  const Nanos fetch_core = scaled(fetched, std::clamp(t.fetching.runnable, Nanos{0}, fetch - cpu), fetch);
  in.storage = opened + (fetched - copied - fetch_core);
  // Late out of its sleep, the thread wanted a core, too.
  const Nanos slept = t.preprocessed - t.verified;
  const Nanos asleep = overlap(begin, end, t.verified, t.preprocessed);
  const Nanos woken = scaled(asleep, std::clamp(t.slept_runnable, Nanos{0}, slept), slept);
  in.preprocess = asleep - woken;
  in.core = open_core + fetch_core + woken;
  // The others are work, but for what they waited for a core, which is known for all of them together.
  const Nanos rest = (t.placed - t.fetched) - slept;
  const auto work = [&](Instant from, Instant to) {
    const Nanos all = overlap(begin, end, from, to);
    const Nanos without_core = scaled(all, std::clamp(t.rest_runnable, Nanos{0}, rest), rest);
    in.core += without_core;
    return all - without_core;
  };
  in.decompress = work(t.fetched, t.decompressed);
  in.decode = work(t.decompressed, t.decoded);
  in.verify = work(t.decoded, t.verified);
  in.place = work(t.preprocessed, t.placed);
  // Handing over: without a core, or for a window that another thread without one holds.
  const Nanos handing_over = overlap(begin, end, t.placed, t.delivered);
  const Nanos without_core = scaled(handing_over, t.deliver_runnable, t.delivered - t.placed);
  in.core += without_core;
  in.place += handing_over - without_core;
  return in;
}

}  // namespace

metrics::StageTimes stages_of(const ChunkTimes& t) {
  return stages_in(t, t.begun, std::max(t.placed, t.delivered));
}

BatchWindow::BatchWindow(std::uint64_t rows, std::uint64_t batch_size, std::uint64_t depth, const Clock& clock)
    : rows_(rows), batch_size_(batch_size), depth_(depth), clock_(clock) {
  STOKER_CHECK(batch_size > 0 && depth > 0 && rows % batch_size == 0);
  islands_.reserve(64);
}

std::uint64_t BatchWindow::admitted() const {
  const std::lock_guard lock(mutex_);
  return limit();
}

std::uint64_t BatchWindow::work_version() const {
  const std::lock_guard lock(mutex_);
  return version_;
}

bool BatchWindow::wait_work(std::uint64_t seen_version, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  ++workers_asleep_;
  work_.wait(lock, stop, [&] { return closed_ || version_ != seen_version; });
  --workers_asleep_;
  return !closed_ && !stop.stop_requested();
}

void BatchWindow::signal_work(std::uint64_t workers) {
  bool all = false;
  {
    const std::lock_guard lock(mutex_);
    ++version_;
    workers = std::min(workers, workers_asleep_);
    all = workers == workers_asleep_;
  }
  if (workers == 0) return;
  // One system call instead of one for each, after any of which this thread may lose its core to whom it has called.
  if (all) {
    work_.notify_all();
    return;
  }
  for (; workers > 0; --workers) work_.notify_one();
}

void BatchWindow::wake_workers() {
  {
    const std::lock_guard lock(mutex_);
    ++version_;
  }
  work_.notify_all();
}

metrics::StageTimes BatchWindow::deliver(std::uint64_t position, std::uint64_t rows, ChunkTimes times) {
  bool awaited = false;
  metrics::StageTimes spent;
  {
    const std::lock_guard lock(mutex_);
    // Nothing here takes long. Where it did, a core was missing: to this thread, or to the one that had the lock.
    times.delivered = clock_.now();
    const Nanos took = times.delivered - times.placed;
    times.deliver_runnable = std::max(took - kHandingOver, Nanos{0});
    STOKER_CHECK(position + rows <= rows_ && position >= prefix_, "rows delivered twice or beyond the plan");
    delivered_ += rows;
    ++deliveries_;
    spent = stages_of(times);
    busy_ += spent;
    const auto after = std::upper_bound(islands_.begin(), islands_.end(), position,
                                        [](std::uint64_t p, const Interval& i) { return p < i.begin; });
    STOKER_CHECK((after == islands_.end() || position + rows <= after->begin) &&
                     (after == islands_.begin() || std::prev(after)->end <= position),
                 "rows delivered twice");
    islands_.insert(after, Interval{position, position + rows});
    bool extended = false;
    auto it = islands_.begin();
    for (; it != islands_.end() && it->begin <= prefix_; ++it) {
      STOKER_CHECK(it->begin == prefix_, "rows delivered twice");
      prefix_ = it->end;
      extended = true;
    }
    islands_.erase(islands_.begin(), it);
    if (extended) last_extending_ = times;
    awaited = wanted_ > 0 && prefix_ >= wanted_;
  }
  if (awaited) batch_ready_.notify_one();
  return spent;
}

Result<std::uint64_t> BatchWindow::next(Wait& wait, const std::stop_token& stop) {
  std::uint64_t batch = 0, chunks = 1;
  {
    std::unique_lock lock(mutex_);
    batch = handed_out_;
    const std::uint64_t wanted = (batch + 1) * batch_size_;
    STOKER_CHECK(wanted <= rows_, "more batches asked for than planned");
    wait = Wait{};
    const auto done = [&] { return closed_ || prefix_ >= wanted; };
    if (!done()) {
      const ThreadTimes before = clock_.thread_times();
      const Instant begin = clock_.now();
      wanted_ = wanted;
      batch_ready_.wait(lock, stop, done);
      wanted_ = 0;
      const Instant end = clock_.now();
      wait.total = end - begin;
      wait.causes = causes_of(begin, end);
      // What came to nobody's account was also the way of this thread back to a core.
      const Nanos runnable = clock_.thread_times().runnable - before.runnable;
      const Nanos without_core = std::clamp(runnable, Nanos{0}, std::max(wait.causes.queue, Nanos{0}));
      wait.causes.core += without_core;
      wait.causes.queue -= without_core;
    }
    if (error_) return *error_;
    if (prefix_ < wanted) return make_error(Code::kInterrupted, "interrupted while waiting for batch {}", batch);
    ++handed_out_;
    // What one batch more admits, as chunks have been so far. Called one by one, each by the one before, many would
    // come late where cores are short.
    chunks = std::max<std::uint64_t>(deliveries_ * batch_size_ / delivered_, 1);
  }
  signal_work(chunks);
  return batch;
}

// The wait ended when one chunk arrived: what that chunk went through during the wait is what the step waited for.
// During the part before it was begun, all workers had earlier chunks to read: that is split as the workers' time was
// so far.
metrics::WaitTimes BatchWindow::causes_of(Instant begin, Instant end) const {
  metrics::WaitTimes causes = stages_in(last_extending_, begin, end);
  const Nanos before = overlap(begin, end, begin, last_extending_.begun);
  const Nanos busy = busy_.total();
  for (const metrics::Stage& stage : metrics::kStages) causes.*stage.time += scaled(before, busy_.*stage.time, busy);
  // Opening apart from its requests, waking up, rounding.
  causes.other = Nanos{0};
  causes.queue = (end - begin) - (causes.total() - causes.queue);
  return causes;
}

bool BatchWindow::ready() const {
  const std::lock_guard lock(mutex_);
  return closed_ || prefix_ >= (handed_out_ + 1) * batch_size_;
}

void BatchWindow::close(Status why) {
  {
    const std::lock_guard lock(mutex_);
    if (!why && !error_) error_ = std::move(why).error();
    closed_ = true;
    ++version_;
  }
  work_.notify_all();
  batch_ready_.notify_all();
}

std::uint64_t BatchWindow::delivered_rows() const {
  const std::lock_guard lock(mutex_);
  return delivered_;
}

}  // namespace stoker::pipeline
