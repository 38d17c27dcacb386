// Reads of chunks that are sent to a queue and waited for later.
#pragma once

#include <memory>
#include <stop_token>
#include <vector>

#include "base/status.h"
#include "data/format/format.h"
#include "data/format/read_plan.h"
#include "data/io/read_queue.h"

namespace stoker::pipeline {

// A chunk whose reads are under way, or done.
struct SentChunk {
  io::Ticket ticket = 0;
  format::ReadPlan plan;
  io::Lease memory;

  [[nodiscard]] format::Fetched fetched() const { return {plan, memory.bytes()}; }
};

// Of the thread that the queue is made for. Outlives the chunks that it sent.
class ChunkReads {
 public:
  // Memory for files that demand no alignment comes from `shared`, if that is given; it outlives this.
  explicit ChunkReads(std::unique_ptr<io::ReadQueue> queue, io::LeasePool* shared = nullptr);

  // Plans the rows, borrows memory for them and sends the reads. The file stays open until wait() has returned.
  [[nodiscard]] Result<std::unique_ptr<SentChunk>> send(const format::FileReader& file, const format::ChunkRows& rows);
  // Until its bytes are there.
  Status wait(const SentChunk& chunk, const std::stop_token& stop);
  // The same when nobody wants them any more: no longer than the kernel may write into the memory.
  void abandon(const SentChunk& chunk);
  // After wait() or abandon(): gives the memory back, and keeps what is warm of the chunk for another one.
  void recycle(std::unique_ptr<SentChunk> chunk);
  [[nodiscard]] bool wants_more() const { return queue_->wants_more(); }

 private:
  [[nodiscard]] io::Lease lease(const format::FileReader& file, std::uint64_t bytes);

  std::unique_ptr<io::ReadQueue> queue_;
  io::LeasePool* const shared_;
  std::stop_source stopped_;  // made before there is anything to abandon, perhaps for want of memory
  io::Ticket tickets_ = 0;
  std::vector<io::ReadOp> ops_;
  std::vector<std::unique_ptr<SentChunk>> spare_;
};

}  // namespace stoker::pipeline
