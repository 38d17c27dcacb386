#include "data/audit/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "base/testing/status_matchers.h"

namespace stoker::audit {
namespace {

TEST(ForEach, DoesEverythingOnce) {
  for (const unsigned ranks : {1U, 2U, 5U, 100U}) {
    std::vector<std::atomic<int>> times(37);
    ASSERT_OK(for_each(times.size(), ranks, {}, [&](std::uint64_t i, const std::stop_token&) -> Status {
      ++times[i];
      return {};
    }));
    for (const auto& n : times) EXPECT_EQ(n.load(), 1);
  }
}

TEST(ForEach, OfNothingIsDoneAtOnce) {
  EXPECT_OK(for_each(0, 4, {}, [](std::uint64_t, const std::stop_token&) -> Status {
    return make_error(Code::kInternal, "there is nothing to do");
  }));
}

TEST(ForEach, WorksInSoManyThreadsAndNoMore) {
  std::mutex mutex;
  std::set<std::thread::id> threads;
  // Nobody goes on before three are there.
  std::latch all(3);
  ASSERT_OK(for_each(3, 3, {}, [&](std::uint64_t, const std::stop_token&) -> Status {
    {
      const std::lock_guard lock(mutex);
      threads.insert(std::this_thread::get_id());
    }
    all.arrive_and_wait();
    return {};
  }));
  EXPECT_EQ(threads.size(), 3U);
  threads.clear();
  ASSERT_OK(for_each(20, 1, {}, [&](std::uint64_t, const std::stop_token&) -> Status {
    threads.insert(std::this_thread::get_id());
    return {};
  }));
  EXPECT_EQ(threads, std::set{std::this_thread::get_id()});
}

TEST(ForEach, MakesItsWorkOnceInEachThread) {
  std::atomic<int> made{0};
  std::latch all(3);
  ASSERT_OK(for_each(30, 3, {}, [&]() -> WorkFunction {
    ++made;
    return [&, thread = std::this_thread::get_id(), first = true](std::uint64_t,
                                                                  const std::stop_token&) mutable -> Status {
      if (std::exchange(first, false)) all.arrive_and_wait();
      EXPECT_EQ(std::this_thread::get_id(), thread);
      return {};
    };
  }));
  EXPECT_EQ(made.load(), 3);
}

TEST(ForEach, TheFirstErrorEndsItAndIsReturned) {
  std::vector<std::uint64_t> done;
  const Status status = for_each(10, 1, {}, [&](std::uint64_t i, const std::stop_token&) -> Status {
    done.push_back(i);
    if (i == 2) return make_error(Code::kIo, "broken");
    return {};
  });
  EXPECT_ERROR(status, Code::kIo, "broken");
  EXPECT_EQ(done, (std::vector<std::uint64_t>{0, 1, 2}));
}

TEST(ForEach, AnErrorAsksTheOthersToStopAndIsNotReplacedByTheirs) {
  std::latch both(2);
  const Status status = for_each(2, 2, {}, [&](std::uint64_t i, const std::stop_token& stop) -> Status {
    both.arrive_and_wait();
    if (i == 0) return make_error(Code::kIo, "broken");
    while (!stop.stop_requested()) std::this_thread::yield();
    return make_error(Code::kInterrupted, "stopped");
  });
  EXPECT_ERROR(status, Code::kIo, "broken");
}

TEST(ForEach, AStopFromOutsideIsAnInterruption) {
  std::stop_source source;
  std::uint64_t done = 0;
  const Status status = for_each(10, 1, source.get_token(), [&](std::uint64_t, const std::stop_token& stop) -> Status {
    if (++done == 4) source.request_stop();
    EXPECT_EQ(stop.stop_requested(), done == 4);
    return {};
  });
  EXPECT_ERROR(status, Code::kInterrupted, "interrupted");
  EXPECT_EQ(done, 4U);
}

}  // namespace
}  // namespace stoker::audit
