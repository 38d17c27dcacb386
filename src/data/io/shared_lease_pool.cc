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

  void give_back(Block& block) override { cores_[here()].push(block); }

 private:
  // What was given back on a core; on cache lines of its own.
  class alignas(64) Core {
   public:
    // Giving back is no time to ask for memory.
    Core() { idle_.reserve(64); }
    [[nodiscard]] Block* pop_fitting(std::uint64_t bytes) {
      return pop([&](Idle& idle) { return idle.pop_fitting(bytes); });
    }
    [[nodiscard]] Block* pop_oldest() {
      return pop([](Idle& idle) { return idle.pop_oldest(); });
    }
    void push(Block& block) {
      const std::lock_guard lock(mutex_);
      idle_.push(block);
      bytes_.store(idle_.bytes(), std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

   private:
    template <typename Pop>
    [[nodiscard]] Block* pop(const Pop& from) {
      if (bytes() == 0) return nullptr;
      const std::lock_guard lock(mutex_);
      Block* const block = from(idle_);
      bytes_.store(idle_.bytes(), std::memory_order_relaxed);
      return block;
    }

    std::mutex mutex_;
    Idle idle_ GUARDED_BY(mutex_);
    std::atomic<std::uint64_t> bytes_{0};  // so that an empty one is passed by
  };

  Block* pop_fitting(std::uint64_t bytes) override {
    return first_of([&](Core& core) { return core.pop_fitting(bytes); });
  }
  Block* pop_oldest() override {
    return first_of([](Core& core) { return core.pop_oldest(); });
  }
  [[nodiscard]] std::uint64_t idle_bytes() const override {
    std::uint64_t bytes = 0;
    for (const Core& core : cores_) bytes += core.bytes();
    return bytes;
  }
  Block& make(std::uint64_t bytes) override {
    const std::lock_guard lock(making_);
    return LeasePool::make(bytes);
  }

  // Another core's before a new one: there is no more memory than is held at a time.
  template <typename Pop>
  [[nodiscard]] Block* first_of(const Pop& pop) {
    const std::size_t first = here();
    for (std::size_t i = 0; i < cores_.size(); ++i) {
      if (Block* const block = pop(cores_[(first + i) % cores_.size()])) return block;
    }
    return nullptr;
  }

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
