// What one reader thread does: it claims chunks, keeps their reads under way, and makes values of one after the other.
//
// While it decodes a chunk the reads of the next ones go on, so that the depth at the storage does not hang on the
// number of threads. How far it goes ahead of itself is bounded by what the queue of its storage gains by it, by
// memory, and by its share of the batches that may be in flight: a thread never holds chunks that an idle one could
// read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/clock.h"
#include "base/recent_thread_times.h"
#include "base/status.h"
#include "data/format/format.h"
#include "data/io/storage.h"
#include "data/pipeline/batch_window.h"
#include "data/pipeline/chunk_queue.h"
#include "data/pipeline/chunk_reads.h"
#include "data/pipeline/dataset.h"
#include "metrics/attribution.h"

namespace stoker::pipeline {

struct ReaderOptions {
  unsigned io_depth = 0;            // requests under way; 0: the storage's choice
  std::uint64_t ahead_rows = 0;     // of all chunks in hand, as soon as there is more than one
  io::LeasePool* memory = nullptr;  // as ChunkReads takes it
};

// Memory that a reader takes at most for chunks which it reads while it has another one in hand, beside that one's;
// `chunk_bytes`: the largest chunk's.
[[nodiscard]] std::uint64_t most_ahead_bytes(unsigned io_depth, std::uint64_t chunk_bytes);

// For one thread. What next() gives stays until it is called again.
class Reader final : io::ReadObserver, FileOpener {
 public:
  Reader(Dataset& dataset, const Clock& clock, const ReaderOptions& options);
  ~Reader() override;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // The next chunk, decoded; nullopt when there is none left. Chunks come in the order of their positions, as far as
  // this reader has them in hand.
  [[nodiscard]] Result<std::optional<Claim>> next(ChunkQueue& queue, const std::stop_token& stop);
  [[nodiscard]] format::Chunk& chunk() { return chunk_; }
  // Up to its decoding.
  [[nodiscard]] const ChunkTimes& times() const { return times_; }
  // Of the thread, when the bytes were there, and now.
  [[nodiscard]] const ThreadTimes& fetched() const { return fetched_; }
  [[nodiscard]] ThreadTimes thread_times() { return thread_times_.now(); }
  // All columns of it.
  Status complete(const Claim& claim) { return claim.file().complete(*scratch_, chunk_); }

  // Waits for what is under way, and forgets it. Another thread may go on.
  void abandon();
  metrics::LoaderTotals& totals() { return totals_; }

 private:
  // A chunk whose reads are under way, or done.
  struct InHand {
    Claim claim;
    std::unique_ptr<SentChunk> sent;
  };

  std::int64_t now_ns() override { return clock_.now().since_start.count(); }
  void completed(std::int64_t begin_ns, std::int64_t end_ns, std::uint64_t bytes, bool seen_late) override;
  Result<std::unique_ptr<format::FileReader>> open(std::uint64_t file) override;

  // Claims and submits chunks until there is enough in hand; waits for one if there is none.
  Status fill(ChunkQueue& queue, const std::stop_token& stop);
  Status submit(Claim claim);
  [[nodiscard]] std::optional<Room> room() const;

  Dataset& dataset_;
  const Clock& clock_;
  const ReaderOptions options_;
  std::optional<ChunkReads> reads_;
  std::vector<InHand> in_hand_;  // by position

  std::unique_ptr<SentChunk> current_;  // what next() gave
  std::unique_ptr<format::Scratch> scratch_;
  format::Chunk chunk_;
  ChunkTimes times_;
  RecentThreadTimes thread_times_;
  ThreadTimes fetched_;
  metrics::LoaderTotals totals_;
};

}  // namespace stoker::pipeline
