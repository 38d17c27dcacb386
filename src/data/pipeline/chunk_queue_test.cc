#include "data/pipeline/chunk_queue.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/testing/status_matchers.h"
#include "data/pipeline/testing/fake_format.h"

namespace stoker::pipeline {
namespace {

using testing::FakeDataset;
using testing::open_fake;

// Files of 10 rows in units of 4, 4 and 2; batches of 5.
struct Queue final : FileOpener {
  explicit Queue(std::uint64_t files, std::uint64_t depth)
      : Queue(dataset::EpochPlan({.files = files, .samples_per_file = 10, .batch_size = 5}), depth, 0) {}
  Queue(const dataset::EpochPlan& the_plan, std::uint64_t depth, std::uint64_t kept_open)
      : plan(the_plan), window(plan.rows(), 5, depth, clock), queue(plan, window, kept_open) {}

  Result<std::unique_ptr<format::FileReader>> open(std::uint64_t file) override {
    if (before_open) before_open(file);
    const std::lock_guard lock(mutex);
    opened.push_back(file);
    return open_fake(data, file);
  }
  Claim claim() {
    auto claimed = queue.claim(*this, {});
    EXPECT_OK(claimed);
    EXPECT_TRUE(claimed->has_value());
    return **std::move(claimed);
  }
  void deliver(const Claim& claim) { window.deliver(claim.piece.position, claim.piece.rows, {}); }

  SteadyClock clock;
  FakeDataset data;
  std::function<void(std::uint64_t file)> before_open;
  std::mutex mutex;
  std::vector<std::uint64_t> opened;
  dataset::EpochPlan plan;
  BatchWindow window;
  ChunkQueue queue;
};

TEST(ChunkQueue, HandsOutEachPieceOnceInPlanOrder) {
  Queue q(3, 100);
  std::uint64_t position = 0;
  for (std::uint64_t file = 0; file < 3; ++file) {
    for (std::size_t unit = 0; unit < 3; ++unit) {
      const Claim claim = q.claim();
      EXPECT_EQ(claim.visit->visit.file, file);
      EXPECT_EQ(claim.piece.unit, unit);
      EXPECT_EQ(claim.piece.first_row, 4 * unit);
      EXPECT_EQ(claim.piece.rows, unit == 2 ? 2U : 4U);
      EXPECT_EQ(claim.piece.position, position);
      EXPECT_NE(claim.visit->file, nullptr);
      position += claim.piece.rows;
    }
    EXPECT_EQ(q.opened.size(), file + 1) << "a file is opened when its first piece is wanted";
  }
  EXPECT_EQ(position, 30U);
  const auto end = q.queue.claim(q, {});
  ASSERT_OK(end);
  EXPECT_FALSE(end->has_value());
}

// Two batches ahead: rows below 10 may be begun. Handing out a batch admits five more.
TEST(ChunkQueue, WaitsForTheWindow) {
  Queue q(2, 2);
  for (const std::uint64_t position : {0U, 4U, 8U}) {
    const Claim claim = q.claim();
    EXPECT_EQ(claim.piece.position, position);
    q.deliver(claim);
  }
  EXPECT_EQ(q.opened.size(), 1U) << "the second file begins behind the window";
  std::atomic<bool> granted{false};
  std::jthread consumer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    EXPECT_FALSE(granted);
    Wait wait;
    EXPECT_OK(q.window.next(wait, {}));
  });
  const Claim claim = q.claim();
  granted = true;
  EXPECT_EQ(claim.piece.position, 10U);
  EXPECT_EQ(claim.visit->visit.file, 1U);
}

// A piece beyond the window holds back the files after it, too: an unread one must not overtake.
TEST(ChunkQueue, NothingOvertakesAPieceBeyondTheWindow) {
  Queue q(3, 1);  // rows below 5
  EXPECT_EQ(q.claim().piece.position, 0U);
  EXPECT_EQ(q.claim().piece.position, 4U);
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    stop.request_stop();
  });
  const auto none = q.queue.claim(q, stop.get_token());
  ASSERT_OK(none);
  EXPECT_FALSE(none->has_value());
  EXPECT_EQ(q.opened.size(), 1U);
}

// While one worker opens a file, another one opens the next and reads it; then the older file's pieces come first.
TEST(ChunkQueue, AFileThatOpensSlowlyHoldsUpNobodyElse) {
  std::mutex mutex;
  std::condition_variable changed;
  bool first_is_opening = false, go_on = false;
  Queue q(2, 100);
  q.before_open = [&](std::uint64_t file) {
    if (file != 0) return;
    std::unique_lock lock(mutex);
    first_is_opening = true;
    changed.notify_all();
    changed.wait(lock, [&] { return go_on; });
  };
  std::optional<Claim> of_the_slow;
  std::jthread slow([&] { of_the_slow = q.claim(); });
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return first_is_opening; });
  }
  EXPECT_EQ(q.claim().piece.position, 10U);
  EXPECT_EQ(q.claim().piece.position, 14U);
  {
    const std::lock_guard lock(mutex);
    go_on = true;
  }
  changed.notify_all();
  slow.join();
  ASSERT_TRUE(of_the_slow);
  EXPECT_EQ(of_the_slow->piece.position, 0U);
  EXPECT_EQ(q.claim().piece.position, 4U);
  EXPECT_EQ(q.claim().piece.position, 8U);
  EXPECT_EQ(q.claim().piece.position, 18U);
}

TEST(ChunkQueue, AnErrorOfOpeningGoesToWhoOpened) {
  Queue q(2, 100);
  q.data.fail_open = 1;
  for (int i = 0; i < 3; ++i) q.claim();
  EXPECT_ERROR(q.queue.claim(q, {}), Code::kNotFound, "file 1: opening fails on purpose");
}

TEST(ChunkQueue, AFileMustHaveTheRowsThatArePlanned) {
  Queue q(1, 100);
  q.data.rows_per_file = 9;
  auto claimed = q.queue.claim(q, {});
  EXPECT_ERROR(claimed, Code::kCorrupt, "file 0 of the split: it has 9 rows, but rows 0 to 10 were planned");
  EXPECT_THAT(claimed.error().hint, ::testing::HasSubstr("the file was changed while the run was under way"));
  Queue more(1, 100);
  more.data.rows_per_file = 11;
  EXPECT_EQ(more.claim().piece.rows, 4U);
}

TEST(ChunkQueue, GivesNothingOnceClosedOrStopped) {
  Queue q(2, 100);
  q.claim();
  std::stop_source stop;
  stop.request_stop();
  auto none = q.queue.claim(q, stop.get_token());
  ASSERT_OK(none);
  EXPECT_FALSE(none->has_value());
  q.queue.close();
  none = q.queue.claim(q, {});
  ASSERT_OK(none);
  EXPECT_FALSE(none->has_value());
}

TEST(ChunkQueue, ClosingWakesWhoWaitsForTheWindow) {
  Queue q(2, 1);
  q.claim();
  q.claim();
  std::jthread closer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    q.queue.close();
  });
  const auto none = q.queue.claim(q, {});
  ASSERT_OK(none);
  EXPECT_FALSE(none->has_value());
}

// Single rows in any order.
dataset::EpochPlan rows_of(std::uint64_t files, std::uint64_t seed) {
  return dataset::EpochPlan({.files = files,
                             .samples_per_file = 10,
                             .batch_size = 5,
                             .shuffle_samples = true,
                             .sample_seed = seed,
                             .by_sample = true});
}

// An order that comes back to files opens each of them once, and no more than may be kept stay open.
TEST(ChunkQueue, AnOrderOfRowsDoesNotOpenAFileForEach) {
  Queue q(rows_of(4, 1), 100, 4);
  for (std::uint64_t rows = 0; rows < 40;) rows += q.claim().piece.rows;
  EXPECT_EQ(q.opened.size(), 4U);
  EXPECT_EQ(q.data.open_now, 4U);
  Queue narrow(rows_of(4, 1), 100, 2);
  for (std::uint64_t rows = 0; rows < 40;) rows += narrow.claim().piece.rows;
  EXPECT_GT(narrow.opened.size(), 4U);
  EXPECT_EQ(narrow.data.open_now, 2U);
  Queue by_file(4, 100);
  for (int i = 0; i < 12; ++i) by_file.claim();
  EXPECT_EQ(by_file.data.open_now, 0U) << "a file that nobody comes back to is closed with its last piece";
}

// Rows that follow each other in the plan and in a file are one visit: read in the same order, in fewer pieces.
TEST(ChunkQueue, RunsOfRowsAreVisitedTogether) {
  std::uint64_t pieces = 0, rows = 0;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    Queue q(rows_of(1, seed), 100, 1);
    std::vector<std::uint64_t> planned, read;
    for (std::uint64_t k = 0; k < q.plan.visits(); ++k) planned.push_back(q.plan.visit(k).first_row);
    while (read.size() < planned.size()) {
      const Claim claim = q.claim();
      EXPECT_EQ(claim.piece.position, read.size());
      EXPECT_EQ(dataset::row_order_seed(claim.visit->visit, claim.piece), 0U);
      for (std::uint64_t i = 0; i < claim.piece.rows; ++i) read.push_back(claim.piece.first_row + i);
      ++pieces;
    }
    EXPECT_EQ(read, planned);
    rows += read.size();
  }
  EXPECT_LT(pieces, rows);
}

TEST(ChunkQueue, ARunEndsWithTheWindow) {
  // The order of the one file's first two rows is 0, 1 for some seed.
  for (std::uint64_t seed = 0;; ++seed) {
    const dataset::EpochPlan plan({.files = 1,
                                   .samples_per_file = 2,
                                   .batch_size = 1,
                                   .shuffle_samples = true,
                                   .sample_seed = seed,
                                   .by_sample = true});
    if (plan.visit(0).first_row != 0) continue;
    SteadyClock clock;
    Queue opener(1, 1);
    BatchWindow narrow(2, 1, 1, clock), wide(2, 1, 2, clock);
    ChunkQueue one(plan, narrow), both(plan, wide);
    auto claim = one.claim(opener, {});
    ASSERT_OK(claim);
    EXPECT_EQ((*claim)->piece.rows, 1U) << "the second row is a batch further";
    claim = both.claim(opener, {});
    ASSERT_OK(claim);
    EXPECT_EQ((*claim)->piece.rows, 2U);
    break;
  }
}

// One call wakes one sleeper, who calls the next: all three pieces of a file are taken at the same time.
TEST(ChunkQueue, AsManySleepersAreCalledAsThereIsWork) {
  constexpr int kThreads = 3;
  std::mutex mutex;
  std::condition_variable changed;
  int claimed = 0;
  Queue q(1, 100);
  q.before_open = [](std::uint64_t) { std::this_thread::sleep_for(std::chrono::milliseconds(30)); };  // others sleep
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      const Claim claim = q.claim();
      // Nobody claims twice: each piece needs a thread of its own.
      std::unique_lock lock(mutex);
      ++claimed;
      changed.notify_all();
      changed.wait(lock, [&] { return claimed == kThreads; });
    });
  }
  threads.clear();
  EXPECT_EQ(claimed, kThreads);
}

// Who has something to do takes what is there, and never waits.
TEST(ChunkQueue, AheadNothingIsWaitedFor) {
  Queue q(2, 2);  // rows below 10
  const Room room{.rows = 100, .bytes = 1000};
  for (const std::uint64_t position : {0U, 4U, 8U}) {
    const auto claim = q.queue.claim_ahead(q, room);
    ASSERT_OK(claim);
    ASSERT_TRUE(claim->has_value());
    EXPECT_EQ((*claim)->piece.position, position);
  }
  const auto beyond = q.queue.claim_ahead(q, room);
  ASSERT_OK(beyond);
  EXPECT_FALSE(beyond->has_value()) << "the second file begins behind the window";
  EXPECT_EQ(q.opened.size(), 1U);
}

// What is too large for the room of one is left to others, and nothing behind it is taken instead.
TEST(ChunkQueue, AheadNothingLargerThanTheRoomIsGiven) {
  Queue q(2, 100);
  for (const Room& small : {Room{.rows = 3, .bytes = 1000}, Room{.rows = 100, .bytes = 31}}) {
    const auto none = q.queue.claim_ahead(q, small);
    ASSERT_OK(none);
    EXPECT_FALSE(none->has_value());
  }
  EXPECT_EQ(q.opened.size(), 1U) << "it was opened all the same, for whoever comes";
  const auto fits = q.queue.claim_ahead(q, {.rows = 4, .bytes = 32});
  ASSERT_OK(fits);
  ASSERT_TRUE(fits->has_value());
  EXPECT_EQ((*fits)->piece.position, 0U);
  EXPECT_EQ(q.claim().piece.position, 4U);
}

TEST(ChunkQueue, AheadNothingIsGivenWhenAllIsTakenOrClosed) {
  Queue q(1, 100);
  for (int i = 0; i < 3; ++i) q.claim();
  auto none = q.queue.claim_ahead(q, {.rows = 100, .bytes = 1000});
  ASSERT_OK(none);
  EXPECT_FALSE(none->has_value());
  Queue closed(1, 100);
  closed.queue.close();
  none = closed.queue.claim_ahead(closed, {.rows = 100, .bytes = 1000});
  ASSERT_OK(none);
  EXPECT_FALSE(none->has_value());
  EXPECT_TRUE(closed.opened.empty());
}

// Of a unit whose last rows nobody reads a part is read.
TEST(ChunkQueue, APartOfAUnitTakesItsShare) {
  SteadyClock clock;
  FakeDataset data;
  data.rows_per_file = 10;
  data.unit_rows = 10;  // of 80 bytes
  const dataset::EpochPlan plan({.files = 1, .samples_per_file = 10, .batch_size = 4});
  ASSERT_EQ(plan.rows(), 8U);
  BatchWindow window(plan.rows(), 4, 100, clock);
  ChunkQueue queue(plan, window);
  struct Opener final : FileOpener {
    explicit Opener(FakeDataset& d) : data(d) {}
    Result<std::unique_ptr<format::FileReader>> open(std::uint64_t file) override { return open_fake(data, file); }
    FakeDataset& data;
  } opener(data);
  const auto none = queue.claim_ahead(opener, {.rows = 8, .bytes = 63});
  ASSERT_OK(none);
  EXPECT_FALSE(none->has_value());
  const auto fits = queue.claim_ahead(opener, {.rows = 8, .bytes = 64});
  ASSERT_OK(fits);
  ASSERT_TRUE(fits->has_value());
  EXPECT_EQ((*fits)->piece.rows, 8U);
}

}  // namespace
}  // namespace stoker::pipeline
