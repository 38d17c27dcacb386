// From plan to batches, inside one rank: T reader threads share one queue of chunks and fill one window of batches.
//
// A chunk's bytes are in memory from the moment its reads are sent until its values are decoded (and, with
// reader.collate, placed into the batch's tensors). So memory is what T readers hold (reader.h), plus depth + 1 batches
// of tensors when collating, whatever the size of files and row groups.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "config/duration_sampler.h"
#include "config/workload.h"
#include "data/dataset/coverage.h"
#include "data/dataset/layout.h"
#include "data/dataset/plan.h"
#include "data/format/format.h"
#include "data/format/value_checker.h"
#include "data/pipeline/batch_window.h"
#include "data/pipeline/chunk_queue.h"
#include "data/pipeline/collator.h"
#include "data/pipeline/dataset.h"
#include "data/pipeline/reader.h"
#include "metrics/attribution.h"

namespace stoker::pipeline {

// reader.verify: what the values read are compared with. The functions are called from the reader threads.
struct Verification {
  std::function<Result<std::unique_ptr<format::ValueChecker>>()> make_checker;  // once per thread
  std::function<Result<dataset::FileSpec>(std::uint64_t file)> spec;            // of file number i of the split
};

struct LoaderOptions {
  unsigned threads = 1;        // 0: chunks are read inside next(), on the caller's thread
  unsigned io_depth = 0;       // reader.io_depth, of each thread
  std::uint64_t prefetch = 2;  // reader.prefetch_size, in batches
  bool collate = false;
  config::Duration preprocess;  // per sample, emulated in the worker
  std::uint64_t seed = 0;       // of the emulated times of this rank
  std::optional<Verification> verification;
  // For chunks of files that demand no alignment: io::make_shared_lease_pool(), of all loaders of the process. Null:
  // each thread has its own.
  io::LeasePool* memory = nullptr;
  // That stay open for visits to come, where a plan comes back to them.
  std::uint64_t files_kept_open = 64;
};

// Batches that may be in flight: max(prefetch, threads), 2 * threads when prefetch is 0, at least 1.
[[nodiscard]] std::uint64_t window_depth(const LoaderOptions& options);

// Rows that one thread may have in hand when it reads ahead: its share of the window. A thread with more would keep
// another one idle.
[[nodiscard]] std::uint64_t rows_ahead(const LoaderOptions& options, std::uint64_t batch_size);

struct Batch {
  std::uint64_t index = 0;
  std::uint64_t rows = 0;
  Wait wait;
  const BatchTensors* tensors = nullptr;  // with collate; valid until the following next() or end_epoch()
};

// What one epoch's reading came to, over all workers of the rank.
struct EpochTotals {
  metrics::LoaderTotals loader;
  std::uint64_t rows_read = 0;  // delivered by workers; equals the plan's rows after a complete epoch
  dataset::Coverage coverage;   // which rows those were
};

// begin_epoch, next and end_epoch are for one thread, in turn. The data set and the clock outlive it.
class DataLoader {
 public:
  DataLoader(Dataset& dataset, const Clock& clock, const LoaderOptions& options);
  ~DataLoader();
  DataLoader(const DataLoader&) = delete;
  DataLoader& operator=(const DataLoader&) = delete;

  // Starts the workers on the plan's rows. `stop` ends everything early.
  [[nodiscard]] Status begin_epoch(const dataset::EpochPlan& plan, std::uint64_t epoch, std::stop_token stop);
  // The next batch in plan order; at most plan.steps() times per epoch.
  [[nodiscard]] Result<Batch> next();
  // Stops the workers (also in the middle of an epoch) and returns what they did.
  EpochTotals end_epoch();

 private:
  struct Worker;
  struct Epoch;

  void run(Worker& worker, const std::stop_token& stop);
  // Reads one chunk and delivers it; false when there is nothing left. With collate, rows without room yet stay in
  // worker.pending.
  [[nodiscard]] Result<bool> read_one(Worker& worker, const std::stop_token& stop);
  // Delivers the next rows of the chunk.
  void deliver(Worker& worker, const dataset::Piece& piece, std::uint64_t done, std::uint64_t rows,
               const ChunkTimes& times);
  // Compares the worker's chunk with the generator.
  Status verify(Worker& worker, const Claim& claim) const;
  // Places and delivers what room there is for of the worker's pending rows.
  Status place_pending(Worker& worker);
  // Remembers which rows a worker has delivered: once per chunk, when all of it is delivered.
  void cover(const Claim& claim);

  Dataset& dataset_;
  const Clock& clock_;
  const LoaderOptions options_;
  std::vector<std::unique_ptr<Worker>> workers_;  // kept over epochs: their memory is warm
  std::unique_ptr<Epoch> epoch_;
};

}  // namespace stoker::pipeline
