#include "data/datagen/share.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "base/testing/status_matchers.h"

namespace stoker::datagen {
namespace {

TEST(Share, EveryFileBelongsToOneRank) {
  for (const std::uint64_t files : {0U, 1U, 2U, 3U, 4U, 7U, 9U}) {
    for (const std::uint64_t ranks : {1U, 2U, 3U, 4U}) {
      std::multiset<std::uint64_t> all;
      for (std::uint64_t rank = 0; rank < ranks; ++rank) {
        const Share share{.rank = rank, .ranks = ranks, .files = files};
        for (std::uint64_t i = 0; i < share.size(); ++i) all.insert(share.file(i));
      }
      ASSERT_EQ(all.size(), files);
      std::uint64_t g = 0;
      for (const std::uint64_t file : all) ASSERT_EQ(file, g++);
    }
  }
}

struct Calls {
  std::mutex mutex;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> blocks;
  std::set<std::thread::id> threads;
  std::atomic<int> workers{0};

  std::function<Result<Worker>()> maker() {
    return [this]() -> Result<Worker> {
      ++workers;
      return Worker([this](std::uint64_t begin, std::uint64_t end, const std::stop_token&) -> Status {
        const std::lock_guard lock(mutex);
        blocks.emplace_back(begin, end);
        threads.insert(std::this_thread::get_id());
        return {};
      });
    };
  }
};

TEST(ForShare, BlocksCoverTheShareOnce) {
  for (const unsigned threads : {0U, 1U, 3U}) {
    Calls calls;
    ASSERT_OK(for_share(10, 4, threads, calls.maker(), {}));
    std::sort(calls.blocks.begin(), calls.blocks.end());
    EXPECT_EQ(calls.blocks, (std::vector<std::pair<std::uint64_t, std::uint64_t>>{{0, 4}, {4, 8}, {8, 10}}));
    EXPECT_EQ(calls.workers.load(), std::max(threads, 1U));
  }
}

TEST(ForShare, ThereAreNoMoreThreadsThanBlocks) {
  Calls calls;
  ASSERT_OK(for_share(9, 4, 8, calls.maker(), {}));
  EXPECT_EQ(calls.workers.load(), 3);
  Calls whole;
  ASSERT_OK(for_share(8, 4, 8, whole.maker(), {}));
  EXPECT_EQ(whole.workers.load(), 2) << "no block is left over";
  Calls none;
  ASSERT_OK(for_share(0, 4, 8, none.maker(), {}));
  EXPECT_EQ(none.workers.load(), 0);
}

TEST(ForShare, TheFirstErrorStopsTheOthersAndIsTold) {
  std::atomic<std::uint64_t> calls{0};
  const auto maker = [&]() -> Result<Worker> {
    return Worker([&](std::uint64_t begin, std::uint64_t, const std::stop_token& stop) -> Status {
      ++calls;
      if (begin == 2) return make_error(Code::kIo, "the disk is gone");
      // The others end because of it, as writers do in the middle of a file.
      while (begin == 0 && !stop.stop_requested()) std::this_thread::yield();
      if (stop.stop_requested()) return make_error(Code::kInterrupted, "stopped");
      return {};
    });
  };
  EXPECT_ERROR(for_share(1'000'000, 1, 2, maker, {}), Code::kIo, "the disk is gone");
  EXPECT_LT(calls.load(), 1000U);
}

TEST(ForShare, AWorkerThatCannotBeMadeIsAnError) {
  EXPECT_ERROR(for_share(5, 1, 2, []() -> Result<Worker> { return make_error(Code::kConfig, "no such codec"); }, {}),
               Code::kConfig, "no such codec");
}

TEST(ForShare, AStopFromOutsideIsNoError) {
  std::stop_source stop;
  std::atomic<std::uint64_t> calls{0};
  const auto maker = [&]() -> Result<Worker> {
    return Worker([&](std::uint64_t, std::uint64_t, const std::stop_token& inner) -> Status {
      if (++calls == 3) stop.request_stop();
      if (inner.stop_requested()) return make_error(Code::kInterrupted, "in the middle of a file");
      return {};
    });
  };
  EXPECT_OK(for_share(1'000'000, 1, 1, maker, stop.get_token()));
  EXPECT_EQ(calls.load(), 3U);
  // Another error than the interruption is told all the same.
  const auto failing = [&]() -> Result<Worker> {
    return Worker([](std::uint64_t, std::uint64_t, const std::stop_token&) -> Status {
      return make_error(Code::kNoSpace, "full");
    });
  };
  std::stop_source late;
  const auto stop_then_fail = [&]() -> Result<Worker> {
    return Worker([&](std::uint64_t, std::uint64_t, const std::stop_token&) -> Status {
      late.request_stop();
      return make_error(Code::kNoSpace, "full");
    });
  };
  EXPECT_ERROR(for_share(5, 1, 1, stop_then_fail, late.get_token()), Code::kNoSpace, "full");
  // Stopped before it began: nothing is done.
  EXPECT_OK(for_share(5, 1, 1, failing, stop.get_token()));
}

}  // namespace
}  // namespace stoker::datagen
