#include "data/io/read_queue.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace stoker::io {

LeasePool::Block& LeasePool::take(std::uint64_t bytes) {
  if (free_.empty()) free_.push_back(&make());
  Block& block = *free_.back();
  free_.pop_back();
  fit(block, bytes);
  return block;
}

LeasePool::Block& LeasePool::make() {
  blocks_.push_back({.memory = {}, .number = static_cast<unsigned>(blocks_.size()), .version = 0});
  return blocks_.back();
}

void LeasePool::fit(Block& block, std::uint64_t bytes) {
  // A block that grows is another one, even where it comes to lie at the same address.
  const std::size_t before = block.memory.capacity();
  block.memory.resize(static_cast<std::size_t>(bytes));
  if (block.memory.capacity() != before) ++block.version;
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
