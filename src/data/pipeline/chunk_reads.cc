#include "data/pipeline/chunk_reads.h"

#include <utility>

namespace stoker::pipeline {
namespace {

// Of a chunk that takes no bytes.
constexpr io::Ticket kNothingToRead = 0;

}  // namespace

Result<std::unique_ptr<SentChunk>> ChunkReads::send(const format::FileReader& file, const format::ChunkRows& rows) {
  std::unique_ptr<SentChunk> chunk;
  if (spare_.empty()) {
    chunk = std::make_unique<SentChunk>();
  } else {
    chunk = std::move(spare_.back());
    spare_.pop_back();
  }
  STOKER_TRY(file.plan(rows, chunk->plan));
  chunk->memory = queue_->lease(chunk->plan.memory_bytes());
  chunk->plan.ops(chunk->memory.bytes(), ops_);
  chunk->ticket = ops_.empty() ? kNothingToRead : ++tickets_;
  if (!ops_.empty()) queue_->submit(chunk->ticket, *file.source(), chunk->memory, ops_);
  return chunk;
}

Status ChunkReads::wait(const SentChunk& chunk, const std::stop_token& stop) {
  return chunk.ticket != kNothingToRead ? queue_->wait(chunk.ticket, stop) : Status{};
}

void ChunkReads::abandon(const SentChunk& chunk) {
  std::stop_source stopped;
  stopped.request_stop();
  (void)wait(chunk, stopped.get_token());
}

void ChunkReads::recycle(std::unique_ptr<SentChunk> chunk) {
  chunk->memory = {};
  spare_.push_back(std::move(chunk));
}

}  // namespace stoker::pipeline
