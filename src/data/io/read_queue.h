// Reads of one thread with several of them under way: what keeps a storage busy while the thread works on what has
// arrived.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/bytes.h"
#include "base/status.h"
#include "data/io/storage.h"

namespace stoker::io {

// Blocks of memory that reads go to. They are kept: what was given back last is lent first, since it is the likeliest
// to be in the CPU's caches, to requests that it is not far too large for. So where sizes differ blocks of several
// sizes are kept, but no more together than an eighth above what was lent at any one time; what was lent longest ago
// goes first. For one thread, as it stands here.
class LeasePool {
 public:
  struct Block {
    AlignedBuffer memory;
    unsigned number = 0;        // from 0, in the order in which they were made
    std::uint64_t version = 0;  // another one each time the memory was made anew
  };

  LeasePool() = default;
  virtual ~LeasePool() = default;  // when all is given back
  LeasePool(const LeasePool&) = delete;
  LeasePool& operator=(const LeasePool&) = delete;

  // At least `bytes` of it.
  [[nodiscard]] Block& take(std::uint64_t bytes);
  virtual void give_back(Block& block) { idle_.push(block); }

 protected:
  // Blocks that nobody holds, in the order in which they came back.
  class Idle {
   public:
    void reserve(std::size_t blocks) { blocks_.reserve(blocks); }
    void push(Block& block);
    // The one whose size fits best, of several such the last; null when none is large enough and not far too large.
    [[nodiscard]] Block* pop_fitting(std::uint64_t bytes);
    // The first, whatever its size; null when there is none.
    [[nodiscard]] Block* pop_oldest();
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

   private:
    struct Entry {
      std::uint64_t capacity = 0;
      Block* block = nullptr;
    };
    [[nodiscard]] Block* take(std::size_t at);

    std::vector<Entry> blocks_;
    std::uint64_t bytes_ = 0;  // that they hold
  };

  virtual Block* pop_fitting(std::uint64_t bytes) { return idle_.pop_fitting(bytes); }
  virtual Block* pop_oldest() { return idle_.pop_oldest(); }
  [[nodiscard]] virtual std::uint64_t idle_bytes() const { return idle_.bytes(); }
  // A block with new memory, after as many idle ones as there is no room for beside it have lost theirs.
  [[nodiscard]] virtual Block& make(std::uint64_t bytes);

 private:
  Idle idle_;
  std::deque<Block> blocks_;
  std::vector<Block*> empty_;    // without memory
  std::uint64_t held_ = 0;       // bytes, of all blocks
  std::uint64_t most_lent_ = 0;  // bytes, at any time when memory was made
};

// Memory on loan; given back when it goes. The queue that lent it outlives it.
class Lease {
 public:
  Lease() = default;
  Lease(LeasePool& pool, LeasePool::Block& block) : pool_(&pool), block_(&block) {}
  Lease(Lease&& other) noexcept : pool_(other.pool_), block_(std::exchange(other.block_, nullptr)) {}
  Lease& operator=(Lease&& other) noexcept {
    release();
    pool_ = other.pool_;
    block_ = std::exchange(other.block_, nullptr);
    return *this;
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() { release(); }

  [[nodiscard]] MutBytes bytes() const { return block_ == nullptr ? MutBytes{} : block_->memory.bytes(); }
  [[nodiscard]] const LeasePool::Block* block() const { return block_; }

 private:
  void release() {
    if (block_ != nullptr) pool_->give_back(*std::exchange(block_, nullptr));
  }

  LeasePool* pool_ = nullptr;
  LeasePool::Block* block_ = nullptr;
};

// Names what was submitted together.
using Ticket = std::uint64_t;

// All calls from one thread; from another one only when nothing is under way.
class ReadQueue {
 public:
  virtual ~ReadQueue() = default;  // when all is waited for, and all memory given back
  ReadQueue(const ReadQueue&) = delete;
  ReadQueue& operator=(const ReadQueue&) = delete;

  // Memory for reads of this queue, aligned as O_DIRECT demands. Whoever holds it bounds what it takes.
  [[nodiscard]] Lease lease(std::uint64_t bytes) { return {pool_, pool_.take(bytes)}; }
  // The reads of `ops`, all into `memory`, are under way or will be as others are answered. The file stays open, and
  // the memory lent, until they have been waited for. What cannot be read is told by wait(). Memory for files that
  // demand an alignment is this queue's own (it may be registered with a ring); for others it may be of any pool.
  virtual void submit(Ticket ticket, ReadableFile& file, const Lease& memory, std::span<const ReadOp> ops) = 0;
  // Until all reads of the ticket are answered: then their bytes are there. The error of the first that could not be
  // carried out, after all others of the ticket were answered. A stop ends the waiting of storages that can be left
  // (Code::kInterrupted).
  virtual Status wait(Ticket ticket, const std::stop_token& stop) = 0;
  // Whether it gains by further reads now: fewer are under way than it was made for. True when none is.
  [[nodiscard]] virtual bool wants_more() const = 0;

 protected:
  ReadQueue() = default;
  [[nodiscard]] LeasePool& pool() { return pool_; }

 private:
  LeasePool pool_;
};

struct ReadQueueOptions {
  unsigned depth = 0;  // requests under way; 0: the storage's choice
};

// Of storages that have no better one: reads are carried out when they are waited for, by ReadableFile::read_many().
[[nodiscard]] std::unique_ptr<ReadQueue> make_blocking_queue(ReadObserver* observer);

}  // namespace stoker::io
