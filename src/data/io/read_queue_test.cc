// Queues of reads: memory on loan, several reads under way, and what the POSIX one makes of them.
#include "data/io/read_queue.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/units.h"
#include "data/io/page_cache.h"
#include "data/io/request_bytes.h"
#include "data/io/shared_lease_pool.h"
#include "data/io/testing/mem_storage.h"
#include "data/io/testing/refuse_uring.h"

namespace stoker::io {
namespace {

TEST(LeasePool, LendsFirstWhatCameBackLast) {
  LeasePool pool;
  const std::byte* first = nullptr;
  {
    const Lease a(pool, pool.take(100));
    const Lease b(pool, pool.take(200));
    EXPECT_EQ(a.bytes().size(), 100U);
    EXPECT_EQ(b.bytes().size(), 200U);
    EXPECT_NE(a.bytes().data(), b.bytes().data());
    EXPECT_EQ(a.block()->number, 0U);
    EXPECT_EQ(b.block()->number, 1U);
    first = a.bytes().data();
  }
  // b came back first, then a.
  const Lease again(pool, pool.take(50));
  EXPECT_EQ(again.bytes().data(), first);
  EXPECT_EQ(again.bytes().size(), 50U);
}

TEST(LeasePool, SmallBlocksStayBesideLargeOnes) {
  LeasePool pool;
  for (int i = 0; i < 3; ++i) {
    { const Lease small(pool, pool.take(100 - static_cast<std::uint64_t>(i))); }
    const Lease large(pool, pool.take(kMiB));
    const Lease small(pool, pool.take(100));
    EXPECT_EQ(small.block()->number, 0U);
    EXPECT_EQ(small.block()->version, 1U) << "its memory was not made anew";
    EXPECT_EQ(large.block()->number, 1U);
    EXPECT_EQ(large.block()->version, 1U);
  }
}

// The kernel may map a larger block where the smaller one was: whoever knows the block must be told all the same.
TEST(LeasePool, ABlockThatGrowsIsAnotherOneWhereverItLies) {
  LeasePool pool;
  std::uint64_t version = 0, capacity = 0;
  for (std::uint64_t bytes = 64 * kKiB; bytes <= 16 * kMiB; bytes += bytes / 2) {
    const Lease lease(pool, pool.take(bytes));
    EXPECT_EQ(lease.block()->number, 0U);
    EXPECT_EQ(lease.block()->version, version + (bytes > capacity ? 1 : 0)) << bytes;
    version = lease.block()->version;
    capacity = lease.block()->memory.capacity();
  }
  EXPECT_GT(version, 4U);
}

// As a reader takes it: up to 64 chunks, and 16 MiB ahead of the one in hand.
struct Use {
  std::uint64_t most_asked = 0, most_held = 0;  // bytes at any time
  int leases = 0, made = 0;                     // in the second half
};
template <typename Size>
Use read_chunks(LeasePool& pool, const Size& next_size) {
  Use use;
  std::deque<Lease> in_hand;
  std::map<const LeasePool::Block*, std::pair<std::uint64_t, std::uint64_t>> known;  // version and capacity
  std::uint64_t asked = 0;
  constexpr int kChunks = 20'000;
  for (int i = 0; i < kChunks; ++i) {
    const std::uint64_t bytes = next_size();
    while (in_hand.size() >= 64 || (in_hand.size() > 1 && asked - in_hand.front().bytes().size() + bytes > 16 * kMiB)) {
      asked -= in_hand.front().bytes().size();
      in_hand.pop_front();
    }
    const Lease& lease = in_hand.emplace_back(pool, pool.take(bytes));
    EXPECT_EQ(lease.bytes().size(), bytes);
    asked += bytes;
    use.most_asked = std::max(use.most_asked, asked);
    const auto now = std::pair(lease.block()->version, std::uint64_t{lease.block()->memory.capacity()});
    if (i >= kChunks / 2) {
      ++use.leases;
      if (known[lease.block()] != now) ++use.made;
    }
    known[lease.block()] = now;
    std::uint64_t held = 0;
    for (const auto& [block, memory] : known) held += block->memory.capacity();
    use.most_held = std::max(use.most_held, held);
  }
  return use;
}

// Blocks would each have grown to the largest chunk: 64 of 4 MiB.
TEST(LeasePool, HoldsWhatIsNeededAtATimeWhereSmallAndLargeChunksAreMixed) {
  for (const std::uint64_t every : {2, 7, 60, 1000}) {
    const auto owner = make_shared_lease_pool();
    LeasePool own;
    for (LeasePool* pool : {&own, owner.get()}) {
      std::mt19937_64 random(every);
      const Use use = read_chunks(*pool, [&] { return random() % every == 0 ? 4 * kMiB : 8 * kKiB; });
      EXPECT_LE(use.most_held, use.most_asked + use.most_asked / 8);
      EXPECT_LE(use.made, use.leases / 1000);
    }
  }
}
// Sizes that never are the same: twice what was asked for at a time, instead of four to eight times.
TEST(LeasePool, HoldsLittleMoreWhereAllChunksDiffer) {
  for (const int smallest : {13, 16, 20}) {
    LeasePool pool;
    std::mt19937_64 random(3);
    std::uniform_real_distribution<double> exponent(smallest, 22);
    const Use use = read_chunks(pool, [&] { return static_cast<std::uint64_t>(std::exp2(exponent(random))); });
    EXPECT_LE(use.most_held, 5 * use.most_asked / 2);
    EXPECT_LE(use.made, use.leases / 25);
  }
}

// One size after another: the memory of the one before is given up.
TEST(LeasePool, WhatIsNotLentAnyMoreMakesRoom) {
  LeasePool pool;
  for (int i = 0; i < 8; ++i) {
    { const Lease large(pool, pool.take(kMiB)); }
    std::vector<Lease> small;
    for (int k = 0; k < 16; ++k) {
      small.emplace_back(pool, pool.take(64 * kKiB));
      EXPECT_LE(small.back().block()->number, 16U) << "blocks that gave their memory up are used again";
    }
  }
  const Lease nothing(pool, pool.take(0));
  EXPECT_TRUE(nothing.bytes().empty());
}

TEST(Lease, IsGivenBackOnceByItsLastHolder) {
  LeasePool pool;
  Lease a(pool, pool.take(10));
  const std::byte* first = a.bytes().data();
  Lease b = std::move(a);
  EXPECT_EQ(b.bytes().data(), first);
  b = Lease(pool, pool.take(20));
  EXPECT_NE(b.bytes().data(), first) << "the new one was lent while the old one was";
  const Lease c(pool, pool.take(30));
  EXPECT_EQ(c.bytes().data(), first);
  EXPECT_TRUE(Lease().bytes().empty());
}

TEST(BlockingQueue, ReadsWhatIsWaitedForAndNothingElse) {
  testing::MemStorage storage;
  storage.put("/d/f", "0123456789");
  const auto file = *storage.open("/d/f", {});
  const auto queue = storage.make_read_queue({}, nullptr);
  EXPECT_TRUE(queue->wants_more());
  const Lease memory = queue->lease(10);
  const ReadOp digits{2, memory.bytes().first(3)}, beyond{8, memory.bytes().subspan(3, 3)};
  storage.clear_calls();
  queue->submit(7, *file, memory, {&digits, 1});
  queue->submit(8, *file, memory, {&beyond, 1});
  EXPECT_FALSE(queue->wants_more());
  EXPECT_TRUE(storage.calls().empty());
  EXPECT_ERROR(queue->wait(8, {}), Code::kCorrupt, "/d/f: file ends at byte 10");
  EXPECT_OK(queue->wait(7, {}));
  EXPECT_EQ(std::memcmp(memory.bytes().data(), "234", 3), 0);
  EXPECT_TRUE(queue->wants_more());
}

struct Requests final : ReadObserver {
  std::int64_t now_ns() override { return ++now; }
  void completed(std::int64_t begin_ns, std::int64_t end_ns, std::uint64_t bytes, bool /*seen_late*/) override {
    EXPECT_LE(begin_ns, end_ns);
    sizes.push_back(bytes);
  }
  [[nodiscard]] std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t bytes : sizes) sum += bytes;
    return sum;
  }
  std::int64_t now = 0;
  std::vector<std::uint64_t> sizes;
};

enum class How { kBuffered, kDirect, kDirectWithoutRing };

class PosixReadQueueTest : public ::testing::TestWithParam<How> {
 protected:
  void SetUp() override {
    std::mt19937_64 random(1);
    content_.resize(kFileBytes);
    for (std::size_t i = 0; i + 8 <= content_.size(); i += 8) {
      const std::uint64_t value = random();
      std::memcpy(content_.data() + i, &value, 8);
    }
    auto file = storage_->create(path_, {.durable = true});
    ASSERT_OK(file);
    ASSERT_OK((*file)->append(content_));
    ASSERT_OK((*file)->commit());
    auto opened = storage_->open(path_, {.direct = GetParam() != How::kBuffered});
    if (!opened && opened.error().code == Code::kUnsupported) GTEST_SKIP() << opened.error().message;
    ASSERT_OK(opened);
    file_ = std::move(*opened);
  }

  // In a thread that has a ring or none.
  void in_thread(const std::function<void()>& body) {
    std::thread([&] {
      if (GetParam() == How::kDirectWithoutRing && !testing::refuse_uring_to_this_thread())
        GTEST_SKIP() << "seccomp filters are not available";
      body();
    }).join();
  }

  // Some blocks of the file, as a chunk has them.
  struct Chunk {
    Ticket ticket = 0;
    Lease memory;
    std::vector<ReadOp> ops;
  };
  Chunk chunk_of(ReadQueue& queue, Ticket ticket, std::size_t ops, std::mt19937_64& random) const {
    Chunk chunk{.ticket = ticket};
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < ops; ++i) {
      const std::uint64_t offset = random() % (kFileBytes / kBlock - 40) * kBlock;
      const std::uint64_t bytes = (1 + random() % 40) * kBlock;
      ranges.emplace_back(offset, bytes);
      total += bytes;
    }
    chunk.memory = queue.lease(total);
    std::uint64_t at = 0;
    for (const auto& [offset, bytes] : ranges) {
      chunk.ops.push_back({offset, chunk.memory.bytes().subspan(at, bytes)});
      at += bytes;
    }
    return chunk;
  }
  void expect_content(const Chunk& chunk) const {
    for (const ReadOp& op : chunk.ops)
      ASSERT_EQ(std::memcmp(op.into.data(), content_.data() + op.offset, op.into.size()), 0) << op.offset;
  }

  static constexpr std::size_t kBlock = 4096;
  static constexpr std::size_t kFileBytes = 8 * kMiB;
  ::stoker::testing::TempDir dir_;
  Path path_ = dir_.path() / "file";
  std::unique_ptr<Storage> storage_ = make_posix_storage();
  std::vector<std::byte> content_;
  std::unique_ptr<ReadableFile> file_;
};

TEST_P(PosixReadQueueTest, ManyChunksUnderWayInAnyOrder) {
  in_thread([&] {
    for (const unsigned depth : {0U, 1U, 3U, 100U}) {
      SCOPED_TRACE(depth);
      Requests requests;
      const auto queue = storage_->make_read_queue({.depth = depth}, &requests);
      std::mt19937_64 random(depth);
      std::vector<Chunk> chunks;
      std::uint64_t asked = 0;
      for (Ticket ticket = 1; ticket <= 40; ++ticket) {
        chunks.push_back(chunk_of(*queue, ticket, 1 + random() % 20, random));
        queue->submit(ticket, *file_, chunks.back().memory, chunks.back().ops);
        for (const ReadOp& op : chunks.back().ops) asked += op.into.size();
        while (chunks.size() > 7) {
          const auto it = chunks.begin() + static_cast<std::ptrdiff_t>(random() % chunks.size());
          ASSERT_OK(queue->wait(it->ticket, {}));
          expect_content(*it);
          chunks.erase(it);
        }
      }
      for (const Chunk& chunk : chunks) {
        ASSERT_OK(queue->wait(chunk.ticket, {}));
        expect_content(chunk);
      }
      EXPECT_EQ(requests.total(), asked);
      EXPECT_TRUE(queue->wants_more());
    }
  });
}

TEST_P(PosixReadQueueTest, AnErrorIsTheChunksThatHasIt) {
  in_thread([&] {
    const auto queue = storage_->make_read_queue({}, nullptr);
    std::mt19937_64 random(5);
    const Chunk good = chunk_of(*queue, 1, 10, random), also_good = chunk_of(*queue, 3, 10, random);
    const Lease memory = queue->lease(3 * kBlock);
    const std::vector<ReadOp> ops{{0, memory.bytes().first(kBlock)},
                                  {kFileBytes, memory.bytes().subspan(kBlock, kBlock)}};
    queue->submit(1, *file_, good.memory, good.ops);
    queue->submit(2, *file_, memory, ops);
    queue->submit(3, *file_, also_good.memory, also_good.ops);
    EXPECT_ERROR(queue->wait(2, {}), Code::kCorrupt, path_.string() + ": file ends at byte 8388608");
    ASSERT_OK(queue->wait(3, {}));
    expect_content(also_good);
    ASSERT_OK(queue->wait(1, {}));
    expect_content(good);
    EXPECT_TRUE(queue->wants_more()) << "what failed is under way no more";
  });
}

TEST_P(PosixReadQueueTest, MayGoFromThreadToThreadWhenNothingIsUnderWay) {
  std::unique_ptr<ReadQueue> queue = storage_->make_read_queue({}, nullptr);
  std::mt19937_64 random(9);
  in_thread([&] {
    const Chunk chunk = chunk_of(*queue, 1, 10, random);
    queue->submit(1, *file_, chunk.memory, chunk.ops);
    ASSERT_OK(queue->wait(1, {}));
    expect_content(chunk);
  });
  in_thread([&] {
    const Chunk chunk = chunk_of(*queue, 2, 10, random);
    queue->submit(2, *file_, chunk.memory, chunk.ops);
    ASSERT_OK(queue->wait(2, {}));
    expect_content(chunk);
  });
  queue.reset();
}

INSTANTIATE_TEST_SUITE_P(Ways, PosixReadQueueTest,
                         ::testing::Values(How::kBuffered, How::kDirect, How::kDirectWithoutRing),
                         [](const auto& test) {
                           switch (test.param) {
                             case How::kBuffered: return "Buffered";
                             case How::kDirect: return "Direct";
                             case How::kDirectWithoutRing: return "DirectWithoutRing";
                           }
                           return "";
                         });

using DirectQueueTest = PosixReadQueueTest;
INSTANTIATE_TEST_SUITE_P(Direct, DirectQueueTest, ::testing::Values(How::kDirect), [](const auto&) { return "Ring"; });

// Chunks that grow, read into the block that was lent before: with memory that the kernel knows of, too.
TEST_P(PosixReadQueueTest, ABlockMayGrowBetweenReads) {
  in_thread([&] {
    const auto queue = storage_->make_read_queue({}, nullptr);
    Ticket ticket = 0;
    for (std::uint64_t blocks = 8; blocks <= kFileBytes / kBlock; blocks += blocks / 2) {
      Chunk chunk{.ticket = ++ticket, .memory = queue->lease(blocks * kBlock + 64)};
      ASSERT_EQ(chunk.memory.block()->number, 0U);
      chunk.ops.push_back({0, chunk.memory.bytes().first(blocks * kBlock)});
      queue->submit(chunk.ticket, *file_, chunk.memory, chunk.ops);
      ASSERT_OK(queue->wait(chunk.ticket, {}));
      expect_content(chunk);
    }
  });
}

// As many requests as it was made for, or enough bytes.
TEST_P(DirectQueueTest, WantsMoreUntilItsDepthIsReached) {
#ifndef STOKER_HAVE_URING
  GTEST_SKIP() << "built without io_uring";
#endif
  in_thread([&] {
    if (direct_mechanism() == "pread") GTEST_SKIP() << "the kernel refuses io_uring";
    const auto blocks = [&](ReadQueue& queue, Ticket ticket, std::uint64_t ops, std::uint64_t bytes) {
      Chunk chunk{.ticket = ticket, .memory = queue.lease(ops * bytes)};
      for (std::uint64_t i = 0; i < ops; ++i)
        chunk.ops.push_back({i * bytes, chunk.memory.bytes().subspan(i * bytes, bytes)});
      queue.submit(ticket, *file_, chunk.memory, chunk.ops);
      return chunk;
    };
    const auto deep = storage_->make_read_queue({.depth = 20}, nullptr);
    const Chunk some = blocks(*deep, 1, 19, kBlock);
    EXPECT_TRUE(deep->wants_more());
    const Chunk more = blocks(*deep, 2, 30, kBlock);
    EXPECT_FALSE(deep->wants_more()) << "those that have no place in the ring yet count, too";
    ASSERT_OK(deep->wait(1, {}));
    ASSERT_OK(deep->wait(2, {}));
    expect_content(some);
    expect_content(more);
    EXPECT_TRUE(deep->wants_more());

    const auto chosen = storage_->make_read_queue({}, nullptr);
    const Chunk large = blocks(*chosen, 1, 1, kBytesUnderWay);
    EXPECT_TRUE(chosen->wants_more()) << "another one behind it, whatever it takes";
    const Chunk last = blocks(*chosen, 2, 1, kBlock);
    EXPECT_FALSE(chosen->wants_more());
    ASSERT_OK(chosen->wait(1, {}));
    ASSERT_OK(chosen->wait(2, {}));
    expect_content(large);
    expect_content(last);
  });
}

using BufferedQueueTest = PosixReadQueueTest;
INSTANTIATE_TEST_SUITE_P(Buffered, BufferedQueueTest, ::testing::Values(How::kBuffered),
                         [](const auto&) { return "PageCache"; });

bool tells_what_is_cached(const Path& path) {
#ifdef RWF_NOWAIT
  const int fd = ::open(path.c_str(), O_RDONLY);
  std::byte one{};
  const iovec piece{&one, 1};
  const bool tells = ::preadv2(fd, &piece, 1, 0, RWF_NOWAIT) == 1 || errno == EAGAIN;
  ::close(fd);
  return tells;
#else
  return false;
#endif
}

// What is in the page cache is read when it is waited for. Once reads come from the storage, others are asked for
// ahead, until they are found in the cache again.
TEST_P(BufferedQueueTest, AsksAheadWhileReadsComeFromTheStorage) {
  ASSERT_OK(drop_file_cache(path_));
  const auto resident = resident_bytes(path_);
  ASSERT_OK(resident);
  if (*resident > 0) GTEST_SKIP() << "the temporary folder is no storage that forgets";
  if (!tells_what_is_cached(path_)) GTEST_SKIP() << "the file system knows no reads that do not wait";
  const auto queue = storage_->make_read_queue({}, nullptr);
  Ticket ticket = 0;
  const auto submit = [&](std::uint64_t offset) {
    Chunk chunk{.ticket = ++ticket, .memory = queue->lease(kMiB)};
    chunk.ops.push_back({offset, chunk.memory.bytes()});
    queue->submit(chunk.ticket, *file_, chunk.memory, chunk.ops);
    return chunk;
  };
  const auto finish = [&](const Chunk& chunk) {
    ASSERT_OK(queue->wait(chunk.ticket, {}));
    expect_content(chunk);
  };
  {
    const Chunk first = submit(0);
    EXPECT_FALSE(queue->wants_more()) << "nobody knows yet";
    finish(first);
  }
  {
    const Chunk second = submit(4 * kMiB);
    EXPECT_TRUE(queue->wants_more());
    const Chunk third = submit(6 * kMiB);
    // They come although nobody reads them yet.
    for (int i = 0; i < 500 && *resident_bytes(path_) < 2 * kMiB; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_GE(*resident_bytes(path_), 2 * kMiB);
    finish(second);
    finish(third);
  }
  for (int i = 0; i < 8; ++i) finish(submit(4 * kMiB));
  const Chunk warm = submit(4 * kMiB);
  EXPECT_FALSE(queue->wants_more());
  finish(warm);
}

}  // namespace
}  // namespace stoker::io
