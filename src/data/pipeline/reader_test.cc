// One reader thread's reading, over files that are numbers and a queue that remembers what was asked of it.
#include "data/pipeline/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "data/pipeline/testing/fake_format.h"

namespace stoker::pipeline {
namespace {

using std::chrono::milliseconds;
using stoker::testing::FakeClock;
using ::testing::ElementsAre;
using testing::FakeDataset;
using ::testing::IsEmpty;

// Takes up to `depth` chunks; each is read when it is waited for, which takes its time.
class ScriptedQueue final : public io::ReadQueue {
 public:
  struct Script {
    std::size_t depth = 1;
    std::function<void()> while_submitting = [] {};
    std::function<void()> while_waiting = [] {};
    std::vector<std::string> calls;
    std::size_t under_way = 0;
  };
  ScriptedQueue(Script& script, io::ReadObserver* observer)
      : script_(script), below_(io::make_blocking_queue(observer)) {}
  ~ScriptedQueue() override { EXPECT_EQ(script_.under_way, 0U) << "reads were left under way"; }

  void submit(io::Ticket ticket, io::ReadableFile& file, const io::Lease& memory,
              std::span<const io::ReadOp> ops) override {
    script_.calls.push_back(fmt::format("submit {}", ticket));
    ++script_.under_way;
    script_.while_submitting();
    below_->submit(ticket, file, memory, ops);
  }
  Status wait(io::Ticket ticket, const std::stop_token& stop) override {
    script_.calls.push_back(fmt::format("wait {}", ticket));
    --script_.under_way;
    script_.while_waiting();
    return below_->wait(ticket, stop);
  }
  [[nodiscard]] bool wants_more() const override { return script_.under_way < script_.depth; }

 private:
  Script& script_;
  std::unique_ptr<io::ReadQueue> below_;
};

class ReaderTest : public ::testing::Test, public Dataset {
 protected:
  Result<std::unique_ptr<format::FileReader>> open(std::uint64_t file, io::ReadObserver*) override {
    opened_.push_back(file);
    while_opening_();
    return testing::open_fake(data_, file);
  }
  std::unique_ptr<io::ReadQueue> make_read_queue(const io::ReadQueueOptions& options,
                                                 io::ReadObserver* observer) override {
    asked_depth_ = options.depth;
    observer_ = observer;
    return std::make_unique<ScriptedQueue>(script_, observer);
  }

  // Files of 10 rows in units of 4, 4 and 2; batches of 5, `window` of them in flight.
  void plan(std::uint64_t files, std::uint64_t window) {
    plan_.emplace(dataset::PlanRequest{.files = files, .samples_per_file = 10, .batch_size = 5});
    window_.emplace(plan_->rows(), 5, window, clock_);
    queue_.emplace(*plan_, *window_);
  }
  // Positions of the chunks that a reader gives, all of them delivered.
  std::vector<std::uint64_t> read_all(Reader& reader) {
    std::vector<std::uint64_t> positions;
    while (true) {
      const auto claim = reader.next(*queue_, {});
      EXPECT_OK(claim);
      if (!claim || !claim->has_value()) return positions;
      const dataset::Piece& piece = (*claim)->piece;
      EXPECT_EQ(reader.chunk().rows, piece.rows);
      positions.push_back(piece.position);
      window_->deliver(piece.position, piece.rows, reader.times());
    }
  }

  FakeClock clock_;
  FakeDataset data_;
  ScriptedQueue::Script script_;
  std::vector<std::uint64_t> opened_;
  std::function<void()> while_opening_ = [] {};
  unsigned asked_depth_ = 99;
  io::ReadObserver* observer_ = nullptr;  // that the reader gave to its queue
  std::optional<dataset::EpochPlan> plan_;
  std::optional<BatchWindow> window_;
  std::optional<ChunkQueue> queue_;
};

TEST_F(ReaderTest, WithoutDepthOneChunkAfterTheOther) {
  plan(1, 100);
  Reader reader(*this, clock_, {.io_depth = 7, .ahead_rows = 100});
  EXPECT_THAT(read_all(reader), ElementsAre(0, 4, 8));
  EXPECT_THAT(script_.calls, ElementsAre("submit 1", "wait 1", "submit 2", "wait 2", "submit 3", "wait 3"));
  EXPECT_EQ(asked_depth_, 7U);
}

TEST_F(ReaderTest, WithDepthTheNextOnesAreUnderWayWhileOneIsDecoded) {
  script_.depth = 2;
  plan(2, 100);
  Reader reader(*this, clock_, {.ahead_rows = 100});
  EXPECT_THAT(read_all(reader), ElementsAre(0, 4, 8, 10, 14, 18));
  EXPECT_THAT(script_.calls, ElementsAre("submit 1", "submit 2", "wait 1", "submit 3", "wait 2", "submit 4", "wait 3",
                                         "submit 5", "wait 4", "submit 6", "wait 5", "wait 6"));
}

TEST_F(ReaderTest, NoMoreRowsThanItsShareAreInHand) {
  script_.depth = 100;
  plan(2, 100);
  Reader reader(*this, clock_, {.ahead_rows = 8});
  read_all(reader);
  // 4 + 4 rows, then 4 + 2, and the next file's 4 would be too many until the 4 are gone.
  EXPECT_THAT(script_.calls, ElementsAre("submit 1", "submit 2", "wait 1", "submit 3", "wait 2", "submit 4", "wait 3",
                                         "submit 5", "wait 4", "submit 6", "wait 5", "wait 6"));
  script_.calls.clear();
  plan(1, 100);
  Reader none(*this, clock_, {.ahead_rows = 0});
  read_all(none);
  EXPECT_THAT(script_.calls, ElementsAre("submit 1", "wait 1", "submit 2", "wait 2", "submit 3", "wait 3"));
}

TEST_F(ReaderTest, NothingBeyondTheWindowIsRead) {
  script_.depth = 100;
  plan(2, 1);  // rows below 5
  Reader reader(*this, clock_, {.ahead_rows = 100});
  auto claim = reader.next(*queue_, {});
  ASSERT_OK(claim);
  EXPECT_THAT(script_.calls, ElementsAre("submit 1", "submit 2", "wait 1"));
  EXPECT_THAT(opened_, ElementsAre(0));
  reader.abandon();
  EXPECT_EQ(script_.under_way, 0U);
  EXPECT_EQ(script_.calls.back(), "wait 2") << "the kernel writes into memory until it is waited for";
}

TEST_F(ReaderTest, WhatFailsIsToldAndTheRestIsWaitedFor) {
  script_.depth = 3;
  data_.fail_read = 0;
  plan(1, 100);
  Reader reader(*this, clock_, {.ahead_rows = 100});
  EXPECT_ERROR(reader.next(*queue_, {}), Code::kIo, "file 0: reading fails on purpose");
  reader.abandon();
  EXPECT_EQ(script_.under_way, 0U);
}

TEST_F(ReaderTest, AFileThatCannotBeOpenedAheadIsToldAtOnce) {
  script_.depth = 100;
  data_.fail_open = 1;
  plan(2, 100);
  Reader reader(*this, clock_, {.ahead_rows = 100});
  EXPECT_ERROR(reader.next(*queue_, {}), Code::kNotFound, "file 1: opening fails on purpose");
}

TEST_F(ReaderTest, WaitingForBytesIsTheStoragesAndSoIsOpening) {
  while_opening_ = [this] { clock_.advance(milliseconds(3)); };
  script_.while_waiting = [this] { clock_.advance(milliseconds(5)); };
  plan(1, 100);
  Reader reader(*this, clock_, {});
  const Instant begin = clock_.now();
  ASSERT_OK(reader.next(*queue_, {}));
  const ChunkTimes& t = reader.times();
  EXPECT_EQ(t.begun, begin);
  EXPECT_EQ(t.opening, milliseconds(3));
  EXPECT_EQ(t.open_storage, milliseconds(3));
  EXPECT_EQ(t.claimed, begin + milliseconds(3));
  EXPECT_EQ(t.fetched, begin + milliseconds(8));
  EXPECT_EQ(t.decoded, begin + milliseconds(8));
  EXPECT_EQ(reader.totals().idle, Nanos{0});
  EXPECT_EQ(reader.totals().requests, 1U);
  EXPECT_EQ(reader.totals().bytes_requested, 32U);
  ASSERT_OK(reader.next(*queue_, {}));
  EXPECT_EQ(reader.times().opening, Nanos{0});
  EXPECT_EQ(reader.times().begun, begin + milliseconds(8));
}

TEST_F(ReaderTest, ChunksComeInTheOrderOfTheirPositionsAsFarAsTheyAreInHand) {
  script_.depth = 3;
  plan(3, 100);
  // Another worker takes the first file's chunks but one.
  struct Opener final : FileOpener {
    explicit Opener(FakeDataset& d) : data(d) {}
    Result<std::unique_ptr<format::FileReader>> open(std::uint64_t file) override {
      return testing::open_fake(data, file);
    }
    FakeDataset& data;
  } other(data_);
  const auto first = queue_->claim(other, {});
  ASSERT_OK(first);
  Reader reader(*this, clock_, {.ahead_rows = 100});
  EXPECT_THAT(read_all(reader), ElementsAre(4, 8, 10, 14, 18, 20, 24, 28));
  EXPECT_THAT(opened_, ElementsAre(1, 2));
}

TEST_F(ReaderTest, NothingIsLeftOfAPlanThatWasRead) {
  plan(1, 100);
  Reader reader(*this, clock_, {.ahead_rows = 100});
  read_all(reader);
  const auto none = reader.next(*queue_, {});
  ASSERT_OK(none);
  EXPECT_FALSE(none->has_value());
  // And the next epoch goes on with the same queue of reads.
  plan(1, 100);
  EXPECT_THAT(read_all(reader), ElementsAre(0, 4, 8));
  EXPECT_EQ(script_.calls.back(), "wait 6");
}

TEST(MostAheadBytes, FollowsTheDepthAndTheChunk) {
  constexpr std::uint64_t kMiB = 1 << 20;
  EXPECT_EQ(most_ahead_bytes(0, kMiB), 16 * kMiB);
  EXPECT_EQ(most_ahead_bytes(0, 20 * kMiB), 20 * kMiB) << "one chunk, whatever it takes";
  EXPECT_EQ(most_ahead_bytes(0, 100 * kMiB), 32 * kMiB);
  EXPECT_EQ(most_ahead_bytes(64, kMiB), 64 * kMiB);
}

TEST_F(ReaderTest, RequestsAreCountedAsTheyAreAnswered) {
  plan(1, 100);
  Reader reader(*this, clock_, {});
  ASSERT_OK(reader.next(*queue_, {}));
  ASSERT_EQ(reader.totals().requests, 1U);
  EXPECT_EQ(reader.totals().requests_seen_late, 0U);
  observer_->completed(1000, 3500, 7, true);
  observer_->completed(1000, 2000, 1, false);
  EXPECT_EQ(reader.totals().requests, 3U);
  EXPECT_EQ(reader.totals().requests_seen_late, 1U);
  EXPECT_EQ(reader.totals().bytes_requested, 32U + 8);
  metrics::Histogram expected;
  for (const int ns : {0, 2500, 1000}) expected.add(Nanos{ns});
  EXPECT_EQ(reader.totals().read_latency, expected);
}

// Of opening a file, what the thread spent on a core or waiting for one is not the storage's, as far as it can be true.
TEST_F(ReaderTest, OpeningIsTheStoragesButForTheThreadsOwnTime) {
  plan(1, 100);
  struct Case {
    int cpu_ms, runnable_ms, storage_ms, core_ms;
  };
  for (const Case& c : {Case{3, 2, 5, 2}, Case{12, 2, 0, 0}, Case{3, 20, 0, 7}, Case{-1, -1, 10, 0}}) {
    plan(1, 100);
    clock_.set_thread_times({.cpu = milliseconds(100), .runnable = milliseconds(50)});
    while_opening_ = [&] {
      clock_.advance(milliseconds(10));
      clock_.set_thread_times({.cpu = milliseconds(100 + c.cpu_ms), .runnable = milliseconds(50 + c.runnable_ms)});
    };
    Reader reader(*this, clock_, {});
    ASSERT_OK(reader.next(*queue_, {}));
    EXPECT_EQ(reader.times().opening, milliseconds(10));
    EXPECT_EQ(reader.times().open_storage, milliseconds(c.storage_ms));
    EXPECT_EQ(reader.times().open_core, milliseconds(c.core_ms));
    EXPECT_EQ(reader.totals().idle, Nanos{0});
  }
}

TEST_F(ReaderTest, SendingAndFetchingAreTimedApart) {
  script_.depth = 2;
  script_.while_submitting = [this] { clock_.advance(milliseconds(2)); };
  clock_.set_thread_times({.cpu = milliseconds(10), .runnable = milliseconds(20)});
  script_.while_waiting = [this] {
    clock_.advance(milliseconds(5));
    clock_.set_thread_times({.cpu = milliseconds(14), .runnable = milliseconds(21)});
  };
  plan(1, 100);
  Reader reader(*this, clock_, {.ahead_rows = 100});
  const Instant begin = clock_.now();
  ASSERT_OK(reader.next(*queue_, {}));
  EXPECT_EQ(reader.times().sending, milliseconds(4)) << "of both chunks";
  EXPECT_EQ(reader.times().claimed, begin + milliseconds(4));
  EXPECT_EQ(reader.times().fetched, begin + milliseconds(9));
  EXPECT_EQ(reader.times().fetching.cpu, milliseconds(4));
  EXPECT_EQ(reader.times().fetching.runnable, milliseconds(1));
  EXPECT_EQ(reader.fetched().cpu, milliseconds(14));
  ASSERT_OK(reader.next(*queue_, {}));
  EXPECT_EQ(reader.times().sending, milliseconds(2)) << "of the third chunk alone";
}

// A clock that tells how often a thread has asked what became of it.
class AskedClock final : public FakeClock {
 public:
  [[nodiscard]] ThreadTimes thread_times() const override {
    const ThreadTimes times = FakeClock::thread_times();
    ++asked;
    return times;
  }
  mutable std::atomic<int> asked{0};
};

// Waiting for a place in the window is idle, but for what the thread, called to its chunk, waited for a core.
TEST_F(ReaderTest, WithoutWorkItIsIdle) {
  AskedClock clock;
  plan(2, 1);  // rows below 5
  Reader reader(*this, clock, {});
  for (int i = 0; i < 2; ++i) {
    const auto claim = reader.next(*queue_, {});
    ASSERT_OK(claim);
    window_->deliver((*claim)->piece.position, (*claim)->piece.rows, {});
  }
  EXPECT_EQ(reader.totals().idle, Nanos{0});
  clock.advance(milliseconds(1));
  const Instant begin = clock.now();
  const int asked = clock.asked;
  std::jthread consumer([&] {
    while (clock.asked == asked) std::this_thread::yield();  // the reader has begun to look for work
    clock.advance(milliseconds(9));
    clock.set_thread_times({.runnable = milliseconds(4)});
    Wait wait;
    EXPECT_OK(window_->next(wait, {}));
  });
  const auto claim = reader.next(*queue_, {});
  ASSERT_OK(claim);
  EXPECT_EQ((*claim)->piece.position, 8U);
  EXPECT_EQ(reader.totals().idle, milliseconds(5));
  EXPECT_EQ(reader.times().begun, begin + milliseconds(5));
  EXPECT_EQ(reader.times().open_core, milliseconds(4));
  EXPECT_EQ(reader.times().claimed, begin + milliseconds(9));
}

// How many chunks are sent before the first is waited for. Reading fails, so that nothing of their size is made.
TEST_F(ReaderTest, ChunksAheadAreBoundedInBytes) {
  constexpr std::uint64_t kMiB = 1 << 20;
  const auto sent = [&](std::uint64_t chunk_bytes, unsigned io_depth) {
    data_.unit_rows = chunk_bytes / 8;
    data_.rows_per_file = 8 * data_.unit_rows;
    data_.fail_read = 0;
    plan_.emplace(dataset::PlanRequest{.files = 1, .samples_per_file = data_.rows_per_file, .batch_size = 8});
    window_.emplace(plan_->rows(), 8, plan_->rows(), clock_);
    queue_.emplace(*plan_, *window_);
    script_.depth = 100;
    script_.calls.clear();
    Reader reader(*this, clock_, {.io_depth = io_depth, .ahead_rows = data_.rows_per_file});
    EXPECT_ERROR(reader.next(*queue_, {}), Code::kIo, "reading fails on purpose");
    const auto first_wait = std::find(script_.calls.begin(), script_.calls.end(), "wait 1");
    return first_wait - script_.calls.begin();
  };
  EXPECT_EQ(sent(6 * kMiB, 0), 3) << "twice 6 MiB ahead, a third would be more than 16";
  EXPECT_EQ(sent(8 * kMiB, 0), 3) << "twice 8 MiB";
  EXPECT_EQ(sent(17 * kMiB, 0), 2) << "one, whatever it takes";
  EXPECT_EQ(sent(32 * kMiB, 0), 2) << "up to 32 MiB";
  EXPECT_EQ(sent(33 * kMiB, 0), 1);
  EXPECT_EQ(sent(33 * kMiB, 40), 2) << "a MiB for each request";
  EXPECT_EQ(sent(20 * kMiB, 40), 3);
  EXPECT_EQ(sent(21 * kMiB, 40), 2);
}

TEST_F(ReaderTest, NoMoreChunksAreInHandThanQueuesHaveBlocksFor) {
  script_.depth = 1000;
  data_.unit_rows = 1;
  data_.rows_per_file = 200;
  data_.fail_read = 0;
  plan_.emplace(dataset::PlanRequest{.files = 1, .samples_per_file = 200, .batch_size = 5});
  window_.emplace(plan_->rows(), 5, 100, clock_);
  queue_.emplace(*plan_, *window_);
  Reader reader(*this, clock_, {.ahead_rows = 1000});
  EXPECT_FALSE(reader.next(*queue_, {}).has_value());
  EXPECT_EQ(script_.calls.at(63), "submit 64");
  EXPECT_EQ(script_.calls.at(64), "wait 1");
}

}  // namespace
}  // namespace stoker::pipeline
