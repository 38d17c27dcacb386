#include "data/pipeline/chunk_reads.h"

#include <utility>

namespace stoker::pipeline {
namespace {

// Of a chunk that takes no bytes.
constexpr io::Ticket kNothingToRead = 0;

}  // namespace

ChunkReads::ChunkReads(std::unique_ptr<io::ReadQueue> queue, io::LeasePool* shared)
    : queue_(std::move(queue)), shared_(shared) {
  stopped_.request_stop();
}

io::Lease ChunkReads::lease(const format::FileReader& file, std::uint64_t bytes) {
  const io::ReadableFile* const source = file.source();
  if (shared_ == nullptr || source == nullptr || source->alignment() != 1) return queue_->lease(bytes);
  return {*shared_, shared_->take(bytes)};
}

Result<std::unique_ptr<SentChunk>> ChunkReads::send(const format::FileReader& file, const format::ChunkRows& rows) {
  std::unique_ptr<SentChunk> chunk;
  if (spare_.empty()) {
    chunk = std::make_unique<SentChunk>();
  } else {
    chunk = std::move(spare_.back());
    spare_.pop_back();
  }
  STOKER_TRY(file.plan(rows, chunk->plan));
  chunk->memory = lease(file, chunk->plan.memory_bytes());
  chunk->plan.ops(chunk->memory.bytes(), ops_);
  chunk->ticket = ops_.empty() ? kNothingToRead : ++tickets_;
  if (!ops_.empty()) queue_->submit(chunk->ticket, *file.source(), chunk->memory, ops_);
  return chunk;
}

Status ChunkReads::wait(const SentChunk& chunk, const std::stop_token& stop) {
  return chunk.ticket != kNothingToRead ? queue_->wait(chunk.ticket, stop) : Status{};
}

void ChunkReads::abandon(const SentChunk& chunk) {
  (void)wait(chunk, stopped_.get_token());
}

void ChunkReads::recycle(std::unique_ptr<SentChunk> chunk) {
  chunk->memory = {};
  spare_.push_back(std::move(chunk));
}

}  // namespace stoker::pipeline
