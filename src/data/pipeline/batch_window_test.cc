#include "data/pipeline/batch_window.h"

#include <thread>

#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"

namespace stoker::pipeline {
namespace {

using stoker::testing::FakeClock;

Instant at(std::int64_t ms) {
  return Instant{Nanos{ms * 1'000'000}};
}

ChunkTimes chunk(std::int64_t begun, std::int64_t claimed, std::int64_t fetched, std::int64_t decompressed,
                 std::int64_t decoded) {
  ChunkTimes t;
  t.begun = at(begun);
  t.claimed = at(claimed);
  t.fetched = at(fetched);
  t.decompressed = at(decompressed);
  t.decoded = t.verified = t.preprocessed = t.placed = at(decoded);
  return t;
}

TEST(BatchWindow, HandsOutBatchesInOrderWhateverTheOrderOfArrival) {
  const FakeClock clock;
  BatchWindow window(12, 4, 3, clock);
  Wait wait;
  window.deliver(8, 4, {});
  EXPECT_FALSE(window.ready());
  window.deliver(0, 3, {});
  EXPECT_FALSE(window.ready());
  window.deliver(3, 5, {});
  for (std::uint64_t batch = 0; batch < 3; ++batch) {
    ASSERT_TRUE(window.ready());
    const auto got = window.next(wait, {});
    ASSERT_OK(got);
    EXPECT_EQ(*got, batch);
    EXPECT_EQ(wait.total, Nanos{0});
  }
  EXPECT_EQ(window.delivered_rows(), 12U);
}

TEST(BatchWindow, AdmitsDepthBatchesAheadOfTheOneThatIsWanted) {
  const FakeClock clock;
  BatchWindow window(100, 5, 2, clock);
  EXPECT_EQ(window.admitted(), 10U);
  window.deliver(0, 10, {});
  Wait wait;
  ASSERT_OK(window.next(wait, {}));
  EXPECT_EQ(window.admitted(), 15U);
}

TEST(BatchWindow, ClosingWakesTheConsumerWithTheFirstError) {
  const FakeClock clock;
  BatchWindow window(10, 5, 1, clock);
  std::jthread closer([&] {
    window.close(make_error(Code::kIo, "the first"));
    window.close(make_error(Code::kIo, "the second"));
  });
  Wait wait;
  EXPECT_ERROR(window.next(wait, {}), Code::kIo, "the first");
  EXPECT_FALSE(window.wait_work(0, {}));
}

TEST(BatchWindow, AStopEndsTheWaitOfTheConsumerAndOfWorkers) {
  const FakeClock clock;
  BatchWindow window(10, 5, 1, clock);
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  Wait wait;
  EXPECT_ERROR(window.next(wait, stop.get_token()), Code::kInterrupted, "batch 0");
  EXPECT_FALSE(window.wait_work(window.work_version(), stop.get_token()));
}

TEST(BatchWindow, RowsDeliveredTwiceAreOurOwnMistake) {
  const FakeClock clock;
  BatchWindow window(10, 5, 1, clock);
  window.deliver(5, 2, {});
  EXPECT_DEATH(window.deliver(6, 1, {}), "delivered twice");
  window.deliver(0, 5, {});
  EXPECT_DEATH(window.deliver(0, 1, {}), "delivered twice");
}

// A clock that tells a script of instants: next() reads it before and after its wait, deliver() in between.
class ScriptedClock final : public Clock {
 public:
  // The thread that reads it waits so long for a core between its two readings.
  explicit ScriptedClock(std::vector<Instant> script, Nanos runnable = Nanos{0})
      : script_(std::move(script)), runnable_(runnable) {}
  [[nodiscard]] Instant now() const override { return script_.at(next_.fetch_add(1)); }
  [[nodiscard]] std::chrono::system_clock::time_point wall() const override { return {}; }
  void sleep_until(Instant, const std::stop_token&) const override {}
  [[nodiscard]] ThreadTimes thread_times() const override {
    return {.runnable = Nanos{5} + static_cast<Nanos::rep>(reads() / 2) * runnable_};
  }
  [[nodiscard]] std::size_t reads() const { return next_.load(); }

 private:
  std::vector<Instant> script_;
  Nanos runnable_;
  mutable std::atomic<std::size_t> next_{0};
};

// The consumer waits from `begin`; then one chunk arrives, at once or late, and the consumer wakes at `end`.
Wait wait_for_chunk(Instant begin, Instant end, const ChunkTimes& times, Nanos runnable = Nanos{0},
                    Nanos late = Nanos{0}) {
  const ScriptedClock clock({begin, times.placed + late, end}, runnable);
  BatchWindow window(4, 4, 1, clock);
  std::jthread worker([&] {
    while (clock.reads() == 0) std::this_thread::yield();  // the consumer has begun to wait
    window.deliver(0, 4, times);
  });
  Wait wait;
  EXPECT_OK(window.next(wait, {}));
  return wait;
}

TEST(BatchWindow, ChargesAWaitToTheStagesOfTheChunkThatEndedIt) {
  // Waited 100..200; the chunk was fetched until 150, decompressed until 160, decoded until 195.
  const Wait wait = wait_for_chunk(at(100), at(200), chunk(50, 50, 150, 160, 195));
  EXPECT_EQ(wait.total, at(200) - at(100));
  EXPECT_EQ(wait.causes.storage, at(150) - at(100));
  EXPECT_EQ(wait.causes.decompress, at(160) - at(150));
  EXPECT_EQ(wait.causes.decode, at(195) - at(160));
  EXPECT_EQ(wait.causes.queue, at(200) - at(195));
  EXPECT_EQ(wait.causes.total(), wait.total);
}

// Every stage has its own time, and what is checked beside the measurement is never the storage's.
TEST(BatchWindow, TellsAllStagesApart) {
  ChunkTimes times = chunk(10, 20, 50, 54, 59);
  times.open_storage = Nanos{4'000'000};
  times.verified = at(66);
  times.preprocessed = at(74);
  times.placed = at(83);
  const metrics::StageTimes stages = stages_of(times);
  const auto ms = [](std::int64_t n) { return Nanos{n * 1'000'000}; };
  EXPECT_EQ(stages.storage, ms(34));
  EXPECT_EQ(stages.other, ms(6));
  EXPECT_EQ(stages.decompress, ms(4));
  EXPECT_EQ(stages.decode, ms(5));
  EXPECT_EQ(stages.verify, ms(7));
  EXPECT_EQ(stages.preprocess, ms(8));
  EXPECT_EQ(stages.place, ms(9));
  EXPECT_EQ(stages.total(), ms(73));
  const Wait wait = wait_for_chunk(at(10), at(90), times);
  EXPECT_EQ(wait.causes.storage, ms(34));
  EXPECT_EQ(wait.causes.decompress, ms(4));
  EXPECT_EQ(wait.causes.decode, ms(5));
  EXPECT_EQ(wait.causes.verify, ms(7));
  EXPECT_EQ(wait.causes.preprocess, ms(8));
  EXPECT_EQ(wait.causes.place, ms(9));
  EXPECT_EQ(wait.causes.queue, ms(13));
  // A chunk that was begun later: the wait before is split as the chunks' time was. 73 ms more, so each stage doubles.
  const Wait earlier = wait_for_chunk(at(10 - 73), at(83), times);
  EXPECT_EQ(earlier.causes.storage, ms(68));
  EXPECT_EQ(earlier.causes.decompress, ms(8));
  EXPECT_EQ(earlier.causes.decode, ms(10));
  EXPECT_EQ(earlier.causes.verify, ms(14));
  EXPECT_EQ(earlier.causes.preprocess, ms(16));
  EXPECT_EQ(earlier.causes.place, ms(18));
  EXPECT_EQ(earlier.causes.queue, ms(12));
}

// A request that copies from the page cache, or whose thread has no core, does not wait for the storage.
TEST(BatchWindow, OnlyBlockedTimeOfARequestIsTheStorages) {
  const auto ms = [](std::int64_t n) { return Nanos{n * 1'000'000}; };
  ChunkTimes times = chunk(10, 20, 60, 70, 90);
  times.fetching = {.cpu = ms(12), .runnable = ms(8)};
  times.rest_runnable = ms(15);  // of 30
  const metrics::StageTimes stages = stages_of(times);
  EXPECT_EQ(stages.copy, ms(12));
  EXPECT_EQ(stages.storage, ms(20));
  EXPECT_EQ(stages.core, ms(8 + 15));
  EXPECT_EQ(stages.decompress, ms(5));
  EXPECT_EQ(stages.decode, ms(10));
  EXPECT_EQ(stages.other, ms(10));
  EXPECT_EQ(stages.total(), ms(80));
  // Half of the request lies in the wait.
  const Wait wait = wait_for_chunk(at(40), at(90), times);
  EXPECT_EQ(wait.causes.copy, ms(6));
  EXPECT_EQ(wait.causes.storage, ms(10));
  EXPECT_EQ(wait.causes.core, ms(4 + 15));
  EXPECT_EQ(wait.causes.decode, ms(10));
  EXPECT_EQ(wait.causes.total(), wait.total);
}

// A batch that is there is not there for a step loop that has no core. Not more of the wait than nobody else explains.
TEST(BatchWindow, TheWayBackToACoreIsNoQueue) {
  const auto ms = [](std::int64_t n) { return Nanos{n * 1'000'000}; };
  const ChunkTimes times = chunk(10, 10, 40, 40, 50);
  Wait wait = wait_for_chunk(at(10), at(90), times, ms(30));
  EXPECT_EQ(wait.causes.core, ms(30));
  EXPECT_EQ(wait.causes.queue, ms(10));
  EXPECT_EQ(wait.causes.total(), wait.total);
  wait = wait_for_chunk(at(10), at(90), times, ms(70));
  EXPECT_EQ(wait.causes.core, ms(40));
  EXPECT_EQ(wait.causes.queue, ms(0));
  EXPECT_EQ(wait.causes.storage, ms(30));
}

// Between the end of its work and the window's knowing of it a thread does next to nothing: whoever took long had no
// core, or waited for one that had none and the window's lock.
TEST(BatchWindow, WhatHandingOverTakesLongIsWaitingForACore) {
  const auto ms = [](std::int64_t n) { return Nanos{n * 1'000'000}; };
  const ChunkTimes times = chunk(10, 10, 40, 40, 50);
  Wait wait = wait_for_chunk(at(10), at(90), times, Nanos{0}, ms(30));
  EXPECT_EQ(wait.causes.core, ms(30) - std::chrono::microseconds(20));
  EXPECT_EQ(wait.causes.place, std::chrono::microseconds(20));
  EXPECT_EQ(wait.causes.queue, ms(10));
  wait = wait_for_chunk(at(10), at(90), times, Nanos{0}, std::chrono::microseconds(19));
  EXPECT_EQ(wait.causes.core, Nanos{0});
  EXPECT_EQ(wait.causes.place, std::chrono::microseconds(19));
}

// What was sent ahead while a chunk was claimed took the thread's own time.
TEST(BatchWindow, SendingReadsIsCopying) {
  const auto ms = [](std::int64_t n) { return Nanos{n * 1'000'000}; };
  ChunkTimes times = chunk(0, 20, 60, 60, 60);
  times.opening = ms(9);
  times.open_storage = ms(5);
  times.sending = ms(8);
  const metrics::StageTimes stages = stages_of(times);
  EXPECT_EQ(stages.copy, ms(8));
  EXPECT_EQ(stages.storage, ms(5 + 40));
  EXPECT_EQ(stages.other, ms(7));
  EXPECT_EQ(stages.total(), ms(60));
}

// A file that a metadata server opens late, a footer that is parsed, and a sleep that ends without a core.
TEST(BatchWindow, OpeningAndSleepingAreSplitLikewise) {
  const auto ms = [](std::int64_t n) { return Nanos{n * 1'000'000}; };
  ChunkTimes times = chunk(0, 40, 40, 40, 50);
  times.verified = at(50);
  times.preprocessed = times.placed = at(80);
  times.open_storage = ms(24);
  times.open_core = ms(6);
  times.slept_runnable = ms(9);
  const metrics::StageTimes stages = stages_of(times);
  EXPECT_EQ(stages.storage, ms(24));
  EXPECT_EQ(stages.other, ms(10));
  EXPECT_EQ(stages.decode, ms(10));
  EXPECT_EQ(stages.preprocess, ms(21));
  EXPECT_EQ(stages.core, ms(6 + 9));
  EXPECT_EQ(stages.total(), ms(80));
}

// Clocks are read one after the other, and the kernel counts in ticks of its own.
TEST(BatchWindow, MoreThanThereWasTimeIsNotBelieved) {
  const auto ms = [](std::int64_t n) { return Nanos{n * 1'000'000}; };
  ChunkTimes times = chunk(0, 0, 10, 10, 10);
  times.fetching = {.cpu = ms(11), .runnable = ms(5)};
  times.rest_runnable = ms(3);
  metrics::StageTimes stages = stages_of(times);
  EXPECT_EQ(stages.copy, ms(10));
  EXPECT_EQ(stages.total(), ms(10));
  times.fetching = {.cpu = ms(-1), .runnable = ms(11)};
  stages = stages_of(times);
  EXPECT_EQ(stages.core, ms(10));
  EXPECT_EQ(stages.total(), ms(10));
}

TEST(BatchWindow, SplitsTheTimeBeforeTheLastChunkAsTheWorkersTimeWasSplit) {
  // Waited 0..100, the chunk was begun at 60: the first 60 ms are split 3:1 like its own stages (30 storage, 10
  // decode).
  const Wait wait = wait_for_chunk(at(0), at(100), chunk(60, 60, 90, 90, 100));
  EXPECT_EQ(wait.causes.storage, Nanos{(30 + 45) * 1'000'000});
  EXPECT_EQ(wait.causes.decode, Nanos{(10 + 15) * 1'000'000});
  EXPECT_EQ(wait.causes.total(), wait.total);
}

TEST(BatchWindow, OpeningAFileCountsAsStorageAsFarAsItWaitedForRequests) {
  ChunkTimes times = chunk(0, 40, 40, 40, 40);
  times.open_storage = Nanos{10'000'000};  // of the 40 ms
  const Wait wait = wait_for_chunk(at(0), at(40), times);
  EXPECT_EQ(wait.causes.storage, Nanos{10'000'000});
  EXPECT_EQ(wait.causes.queue, Nanos{30'000'000});
}

TEST(BatchWindow, WorkIsWaitedForFromAVersionOn) {
  const FakeClock clock;
  BatchWindow window(10, 5, 1, clock);
  const std::uint64_t seen = window.work_version();
  window.signal_work();
  EXPECT_NE(window.work_version(), seen);
  EXPECT_TRUE(window.wait_work(seen, {}));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(window.wait_work(seen, stop.get_token()));
  const std::uint64_t before = window.work_version();
  window.deliver(0, 5, {});
  Wait wait;
  ASSERT_OK(window.next(wait, {}));
  EXPECT_TRUE(window.wait_work(before, {})) << "a batch that is handed out admits another one";
}

TEST(BatchWindow, WhatIsClosedMakesNobodyWait) {
  const FakeClock clock;
  BatchWindow window(10, 5, 1, clock);
  const std::uint64_t seen = window.work_version();
  EXPECT_FALSE(window.ready());
  window.close({});
  EXPECT_TRUE(window.ready());
  EXPECT_NE(window.work_version(), seen);
  Wait wait;
  EXPECT_ERROR(window.next(wait, {}), Code::kInterrupted, "interrupted while waiting for batch 0");
  window.close(make_error(Code::kIo, "late"));
  EXPECT_ERROR(window.next(wait, {}), Code::kIo, "late");
}

TEST(BatchWindow, TellsWhatEachChunkTook) {
  const FakeClock clock;
  BatchWindow window(10, 5, 1, clock);
  ChunkTimes times = chunk(0, 10, 40, 50, 70);
  times.placed = clock.now();
  times.verified = times.preprocessed = times.decoded = clock.now();
  times.delivered = clock.now();
  EXPECT_EQ(window.deliver(0, 5, times), stages_of(times));
}

// The chunk that made the batch whole ended the wait, whatever came after it.
TEST(BatchWindow, AChunkThatCompletesNothingExplainsNothing) {
  const ScriptedClock clock({at(0), at(40), at(60), at(90)});
  BatchWindow window(8, 4, 2, clock);
  std::jthread worker([&] {
    while (clock.reads() == 0) std::this_thread::yield();
    window.deliver(4, 4, chunk(0, 0, 5, 5, 40));    // decoded for long, and beyond
    window.deliver(0, 4, chunk(0, 0, 55, 55, 60));  // fetched for long
  });
  Wait wait;
  ASSERT_OK(window.next(wait, {}));
  EXPECT_EQ(wait.causes.storage, at(55) - at(0));
  EXPECT_EQ(wait.causes.decode, at(60) - at(55));
}

TEST(BatchWindowDeathTest, ShapesAndIntervalsThatCannotBe) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const FakeClock clock;
  EXPECT_DEATH(BatchWindow(10, 4, 1, clock), "internal error");
  EXPECT_DEATH(BatchWindow(10, 5, 0, clock), "internal error");
  BatchWindow window(10, 5, 2, clock);
  EXPECT_DEATH(window.deliver(8, 3, {}), "beyond the plan");
  window.deliver(5, 2, {});
  window.deliver(8, 2, {});
  EXPECT_DEATH(window.deliver(4, 2, {}), "delivered twice") << "reaches into the first";
  EXPECT_DEATH(window.deliver(7, 2, {}), "delivered twice") << "reaches into the second";
  EXPECT_DEATH(window.deliver(6, 1, {}), "delivered twice");
  window.deliver(7, 1, {});
  window.deliver(0, 5, {});
  EXPECT_EQ(window.delivered_rows(), 10U);
}

}  // namespace
}  // namespace stoker::pipeline
