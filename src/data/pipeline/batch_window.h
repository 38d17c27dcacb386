// From chunks, which arrive in any order, to batches, which leave in plan order: the one place where reader threads and
// the step loop meet.
//
// Rows are known by their position in the rank's epoch order. A worker delivers an interval of positions when it has
// read them; the consumer's batch k is complete when every position below (k + 1) * batch size has been delivered. What
// waits is bounded by admission: a chunk may only be started when its first position is less than `depth` batches ahead
// of the batch that is wanted next. The chunk with the earliest missing row always is, so the window cannot deadlock.
// Delivered intervals that do not touch yet are at most one per worker and open visit, so the bookkeeping is a small
// sorted vector and costs one short lock per chunk, never per sample or per batch.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "base/thread_annotations.h"
#include "metrics/attribution.h"

namespace stoker::pipeline {

// How a worker came to one chunk, by its own time: when each stage ended.
struct ChunkTimes {
  Instant begun;  // when it opened a file, sent reads, or had no core to do so; else equals claimed
  // Of begun..claimed, for this chunk and those it took ahead: opening files, of it blocked and without a core; and
  // planning and sending reads.
  Nanos opening{0}, open_storage{0}, open_core{0}, sending{0};
  // fetched: the bytes were there, which for a chunk that was read ahead they may have been before.
  Instant claimed, fetched, decompressed, decoded, verified, preprocessed, placed;
  Instant delivered;  // set by BatchWindow::deliver()
  // What became of the worker's time while it fetched, and without a core while it did the rest, had slept for
  // preprocessing, or delivered.
  ThreadTimes fetching;
  Nanos rest_runnable{0}, slept_runnable{0}, deliver_runnable{0};
};

[[nodiscard]] metrics::StageTimes stages_of(const ChunkTimes& times);

// How long next() waited, and for what.
struct Wait {
  Nanos total{0};
  metrics::WaitTimes causes;  // sums to total
};

// One instance per epoch and rank. claim-side calls (admit, deliver, close) from any thread, next() from one.
class BatchWindow {
 public:
  // `rows` positions in all, in batches of `batch_size`; at most `depth` >= 1 batches ahead.
  BatchWindow(std::uint64_t rows, std::uint64_t batch_size, std::uint64_t depth, const Clock& clock);

  // Positions below this may be started now. Only grows.
  [[nodiscard]] std::uint64_t admitted() const;
  // Workers without work sleep until something changes: more rows admitted, or a file opened. Read the version, look
  // for work, and only then wait for a later version. wait_work returns false when the window is closed or a stop is
  // requested. A change wakes as many as it has work for; where that was too few, whoever finds work signals again.
  [[nodiscard]] std::uint64_t work_version() const;
  [[nodiscard]] bool wait_work(std::uint64_t seen_version, const std::stop_token& stop);
  void signal_work(std::uint64_t workers = 1);
  // All of them, to look for themselves.
  void wake_workers();

  // Positions [position, position + rows) are ready. Returns what the worker has spent on them.
  metrics::StageTimes deliver(std::uint64_t position, std::uint64_t rows, ChunkTimes times);

  // Waits for the next batch in order. Returns its index, or the error the window was closed with. Handing out batch k
  // gives batch k - 1 back and admits one batch more.
  [[nodiscard]] Result<std::uint64_t> next(Wait& wait, const std::stop_token& stop);
  // True when next() would not block.
  [[nodiscard]] bool ready() const;

  // Wakes everybody; the first error wins and is what next() returns from now on.
  void close(Status why);

  [[nodiscard]] std::uint64_t delivered_rows() const;

 private:
  [[nodiscard]] std::uint64_t limit() const REQUIRES(mutex_) { return (handed_out_ + depth_) * batch_size_; }
  [[nodiscard]] metrics::WaitTimes causes_of(Instant begin, Instant end) const REQUIRES(mutex_);

  const std::uint64_t rows_, batch_size_, depth_;
  const Clock& clock_;

  mutable std::mutex mutex_;
  std::condition_variable_any batch_ready_, work_;
  struct Interval {
    std::uint64_t begin, end;
  };
  std::vector<Interval> islands_ GUARDED_BY(mutex_);  // delivered beyond the prefix, sorted, disjoint
  std::uint64_t prefix_ GUARDED_BY(mutex_) = 0;       // every position below is delivered
  std::uint64_t delivered_ GUARDED_BY(mutex_) = 0;
  std::uint64_t deliveries_ GUARDED_BY(mutex_) = 0;
  std::uint64_t handed_out_ GUARDED_BY(mutex_) = 0;
  std::uint64_t version_ GUARDED_BY(mutex_) = 0;
  std::uint64_t workers_asleep_ GUARDED_BY(mutex_) = 0;
  std::uint64_t wanted_ GUARDED_BY(mutex_) = 0;   // next() waits for the positions below; 0: it does not wait
  ChunkTimes last_extending_ GUARDED_BY(mutex_);  // the chunk that moved the prefix last
  metrics::StageTimes busy_ GUARDED_BY(mutex_);   // of all chunks so far: shares for waits nobody explains better
  std::optional<Error> error_ GUARDED_BY(mutex_);
  bool closed_ GUARDED_BY(mutex_) = false;
};

}  // namespace stoker::pipeline
