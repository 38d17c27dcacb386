// Copies decoded rows into one contiguous tensor per column and batch (reader.collate), as a framework's collate
// function does. Off by default: then batches are counted and the decoded arrays dropped, as DLIO does.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/status.h"
#include "base/thread_annotations.h"
#include "data/dataset/unit_order.h"
#include "data/format/format.h"

namespace stoker::pipeline {

// One batch: columns[c] holds batch_size rows of row_bytes(c) bytes, row-major.
struct BatchTensors {
  struct Column {
    std::string name;
    std::uint64_t row_bytes = 0;
    AlignedBuffer data;
  };
  std::vector<Column> columns;
};

// A ring of depth + 1 batches. place() from any worker, release() from the consumer.
class Collator {
 public:
  Collator(std::uint64_t batch_size, std::uint64_t depth);

  // Copies rows of the chunk to their places, from its row `done` (in reading order) on, as far as their batches have a
  // slot; with a row_seed other than 0 they are gathered by that permutation. Returns how many of the chunk's rows are
  // in place now. Columns must have rows of one fixed size, else Code::kUnsupported. Placed rows must be delivered
  // before waiting for room: the consumer frees a slot only after it got the batch.
  [[nodiscard]] Result<std::uint64_t> place(const format::Chunk& chunk, const dataset::Piece& piece,
                                            std::uint64_t row_seed, std::uint64_t done);
  // Blocks until the batch that holds `position` has a slot. False when closed meanwhile.
  [[nodiscard]] bool wait_for_room(std::uint64_t position);
  // The tensors of a complete batch.
  [[nodiscard]] const BatchTensors& batch(std::uint64_t index) const;
  // Batches below `index` are no longer used.
  void release_below(std::uint64_t index);
  void close();

 private:
  Status prepare(const format::Chunk& chunk) REQUIRES(mutex_);

  const std::uint64_t batch_size_;
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<BatchTensors> ring_;  // sized by the first chunk, then constant; rows are written without the lock
  bool prepared_ GUARDED_BY(mutex_) = false;
  std::uint64_t released_ GUARDED_BY(mutex_) = 0;
  bool closed_ GUARDED_BY(mutex_) = false;
};

}  // namespace stoker::pipeline
