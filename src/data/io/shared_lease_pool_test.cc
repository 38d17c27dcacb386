#include "data/io/shared_lease_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

namespace stoker::io {
namespace {

TEST(SharedLeasePool, LendsWhatWasGivenBackBeforeItMakesMore) {
  const auto owner = make_shared_lease_pool();
  LeasePool& pool = *owner;
  std::set<const LeasePool::Block*> blocks;
  for (int round = 0; round < 3; ++round) {
    // Wherever this thread runs, and wherever it ran when it gave them back.
    Lease a(pool, pool.take(1000)), b(pool, pool.take(5000));
    EXPECT_NE(a.block(), b.block());
    EXPECT_EQ(a.bytes().size(), 1000U);
    EXPECT_EQ(b.bytes().size(), 5000U);
    blocks.insert({a.block(), b.block()});
  }
  EXPECT_EQ(blocks.size(), 2U);
}

TEST(SharedLeasePool, ThreadsHoldBlocksOfTheirOwn) {
  constexpr int kThreads = 4;
  const auto owner = make_shared_lease_pool();
  LeasePool& pool = *owner;
  std::atomic<bool> mixed_up{false};
  std::atomic<unsigned> highest{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (std::size_t i = 0; i < 2000; ++i) {
          const Lease lease(pool, pool.take(1 + i % 3000));
          std::memset(lease.bytes().data(), t, lease.bytes().size());
          if (i % 16 == 0) std::this_thread::yield();
          for (const std::byte b : lease.bytes()) {
            if (b != static_cast<std::byte>(t)) mixed_up = true;
          }
          unsigned before = highest;
          while (lease.block()->number > before && !highest.compare_exchange_weak(before, lease.block()->number)) {
          }
        }
      });
    }
  }
  EXPECT_FALSE(mixed_up);
  EXPECT_LE(highest, 2 * kThreads)
      << "about as many blocks as are held at a time: a look over all cores is not one step";
}

}  // namespace
}  // namespace stoker::io
