#include "data/io/shared_lease_pool.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "base/thread_annotations.h"

namespace stoker::io {
namespace {

class SharedLeasePool final : public LeasePool {
 public:
  SharedLeasePool() : cores_(std::max(1U, std::thread::hardware_concurrency())) {}

  Block& take(std::uint64_t bytes) override {
    Block* block = nullptr;
    // Another core's before a new one: there is no more memory than is held at a time.
    const std::size_t first = here();
    for (std::size_t i = 0; i < cores_.size() && block == nullptr; ++i)
      block = cores_[(first + i) % cores_.size()].pop();
    if (block == nullptr) {
      const std::lock_guard lock(making_);
      block = &make();
    }
    fit(*block, bytes);
    return *block;
  }

  void give_back(Block& block) override { cores_[here()].push(block); }

 private:
  // What was given back on a core; on cache lines of its own.
  class alignas(64) Core {
   public:
    // Giving back is no time to ask for memory.
    Core() { free_.reserve(64); }
    [[nodiscard]] Block* pop() {
      if (count_.load(std::memory_order_relaxed) == 0) return nullptr;
      const std::lock_guard lock(mutex_);
      if (free_.empty()) return nullptr;
      Block* const block = free_.back();
      free_.pop_back();
      count_.store(free_.size(), std::memory_order_relaxed);
      return block;
    }
    void push(Block& block) {
      const std::lock_guard lock(mutex_);
      free_.push_back(&block);
      count_.store(free_.size(), std::memory_order_relaxed);
    }

   private:
    std::mutex mutex_;
    std::vector<Block*> free_ GUARDED_BY(mutex_);
    std::atomic<std::size_t> count_{0};  // so that an empty one is passed by
  };

  [[nodiscard]] std::size_t here() const {
    const int core = ::sched_getcpu();
    return core < 0 ? 0 : static_cast<std::size_t>(core) % cores_.size();
  }

  std::deque<Core> cores_;
  std::mutex making_;
};

}  // namespace

std::unique_ptr<LeasePool> make_shared_lease_pool() {
  return std::make_unique<SharedLeasePool>();
}

}  // namespace stoker::io
