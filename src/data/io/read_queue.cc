#include "data/io/read_queue.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/units.h"

namespace stoker::io {

namespace {

// What a block holds at most for a request. The more it may be, the more memory is held for nothing; the less, the more
// often memory is made anew where sizes differ. With four times as much, and the best of those that there are, sizes
// spread evenly between 8 KiB and 4 MiB take twice what was asked for at a time, and one of fifty blocks is new. Small
// ones serve any smaller request: they cost little.
std::uint64_t most_for(std::uint64_t bytes) {
  return std::max(4 * bytes, 64 * kKiB);
}

// Not worth looking further.
bool fits_well(std::uint64_t capacity, std::uint64_t bytes) {
  return capacity <= bytes + bytes / 8;
}

}  // namespace

void LeasePool::Idle::push(Block& block) {
  blocks_.push_back({block.memory.capacity(), &block});
  bytes_ += block.memory.capacity();
}

LeasePool::Block* LeasePool::Idle::take(std::size_t at) {
  const Entry entry = blocks_[at];
  blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(at));
  bytes_ -= entry.capacity;
  return entry.block;
}

LeasePool::Block* LeasePool::Idle::pop_fitting(std::uint64_t bytes) {
  std::uint64_t best = most_for(bytes) + 1;
  std::size_t found = blocks_.size();
  for (std::size_t i = blocks_.size(); i-- > 0 && !fits_well(best, bytes);) {
    const std::uint64_t capacity = blocks_[i].capacity;
    if (capacity < bytes || capacity >= best) continue;
    best = capacity;
    found = i;
  }
  return found < blocks_.size() ? take(found) : nullptr;
}

LeasePool::Block* LeasePool::Idle::pop_oldest() {
  return blocks_.empty() ? nullptr : take(0);
}

LeasePool::Block& LeasePool::take(std::uint64_t bytes) {
  Block* block = pop_fitting(bytes);
  if (block == nullptr) block = &make(std::max<std::uint64_t>(bytes, 1));
  block->memory.resize(static_cast<std::size_t>(bytes));
  return *block;
}

LeasePool::Block& LeasePool::make(std::uint64_t bytes) {
  // What moves meanwhile may be counted twice.
  const std::uint64_t lent = held_ - std::min(idle_bytes(), held_);
  most_lent_ = std::max(most_lent_, lent + bytes);
  const std::uint64_t most = most_lent_ + most_lent_ / 8;
  Block* block = nullptr;
  while (held_ + bytes > most) {
    Block* const other = pop_oldest();
    if (other == nullptr) break;
    held_ -= other->memory.capacity();
    if (block != nullptr) {
      block->memory = AlignedBuffer();
      empty_.push_back(block);
    }
    block = other;
  }
  if (block == nullptr && !empty_.empty()) {
    block = empty_.back();
    empty_.pop_back();
  }
  if (block == nullptr)
    block = &blocks_.emplace_back(Block{.memory = {}, .number = static_cast<unsigned>(blocks_.size()), .version = 0});
  // A smaller one grows, and by more than it must; a larger one would stay as it is.
  if (block->memory.capacity() > bytes) block->memory = AlignedBuffer();
  empty_.push_back(block);  // until it has memory, which may be refused
  block->memory.resize(static_cast<std::size_t>(bytes));
  empty_.pop_back();
  // Another one, even where it comes to lie at the same address.
  ++block->version;
  held_ += block->memory.capacity();
  return *block;
}

namespace {

class BlockingQueue final : public ReadQueue {
 public:
  explicit BlockingQueue(ReadObserver* observer) : observer_(observer) {}

  void submit(Ticket ticket, ReadableFile& file, const Lease& /*memory*/, std::span<const ReadOp> ops) override {
    waiting_.push_back({ticket, &file, {ops.begin(), ops.end()}});
  }

  Status wait(Ticket ticket, const std::stop_token& /*stop*/) override {
    const auto it = std::ranges::find(waiting_, ticket, &Waiting::ticket);
    STOKER_CHECK(it != waiting_.end(), "waiting for what was never submitted");
    const Waiting read = std::move(*it);
    waiting_.erase(it);
    return read.file->read_many(read.ops, observer_);
  }

  [[nodiscard]] bool wants_more() const override { return waiting_.empty(); }

 private:
  struct Waiting {
    Ticket ticket = 0;
    ReadableFile* file = nullptr;
    std::vector<ReadOp> ops;
  };

  ReadObserver* observer_;
  std::vector<Waiting> waiting_;
};

}  // namespace

std::unique_ptr<ReadQueue> make_blocking_queue(ReadObserver* observer) {
  return std::make_unique<BlockingQueue>(observer);
}

std::unique_ptr<ReadQueue> Storage::make_read_queue(const ReadQueueOptions& /*options*/, ReadObserver* observer) {
  return make_blocking_queue(observer);
}

}  // namespace stoker::io
