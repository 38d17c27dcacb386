#include "data/pipeline/collator.h"

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <numeric>
#include <thread>

#include "base/hash.h"
#include "base/testing/status_matchers.h"

namespace stoker::pipeline {
namespace {

// A chunk whose row r, counted from `first`, is r in the column `id`, and three times 10 r + i (i the position) in the
// column `list`, and r as a byte in `small`. The list lies in three segments, cut inside a row's list and between rows.
class Rows {
 public:
  Rows(std::int64_t first, std::size_t rows) : ids_(rows), lists_(3 * rows), bytes_(rows) {
    for (std::size_t i = 0; i < rows; ++i) {
      const std::int64_t row = first + static_cast<std::int64_t>(i);
      ids_[i] = row;
      bytes_[i] = static_cast<std::byte>(row);
      for (std::size_t k = 0; k < 3; ++k) lists_[3 * i + k] = static_cast<std::int32_t>(10 * row) + static_cast<int>(k);
    }
    chunk_.rows = rows;
    const Bytes lists = std::as_bytes(std::span(lists_));
    const std::size_t a = std::min<std::size_t>(lists.size(), 4 * 4);
    const std::size_t b = std::min<std::size_t>(lists.size(), 12 * 3);
    chunk_.columns = {
        {.name = "id", .width = 8, .segments = {{std::as_bytes(std::span(ids_)), rows}}},
        {.name = "list",
         .width = 4,
         .list_size = 3,
         .segments = {{lists.first(a), a / 4}, {lists.subspan(a, b - a), (b - a) / 4}, {lists.subspan(b), 0}}},
        {.name = "small", .width = 1, .segments = {{bytes_, rows}}}};
  }
  format::Chunk& chunk() { return chunk_; }

 private:
  std::vector<std::int64_t> ids_;
  std::vector<std::int32_t> lists_;
  std::vector<std::byte> bytes_;
  format::Chunk chunk_;
};

dataset::Piece piece(std::uint64_t position, std::uint64_t rows) {
  return {.rows = rows, .position = position};
}

// The rows of a batch by their ids; the other columns must hold the same rows.
std::vector<std::int64_t> rows_of(const BatchTensors& batch, std::size_t rows) {
  EXPECT_EQ(batch.columns.size(), 3U);
  EXPECT_EQ(batch.columns[0].name, "id");
  EXPECT_EQ(batch.columns[1].name, "list");
  EXPECT_EQ(batch.columns[2].name, "small");
  EXPECT_EQ(batch.columns[0].row_bytes, 8U);
  EXPECT_EQ(batch.columns[1].row_bytes, 12U);
  EXPECT_EQ(batch.columns[2].row_bytes, 1U);
  std::vector<std::int64_t> ids(rows);
  std::memcpy(ids.data(), batch.columns[0].data.data(), 8 * rows);
  for (std::size_t i = 0; i < rows; ++i) {
    std::int32_t list[3];
    std::memcpy(list, batch.columns[1].data.data() + 12 * i, 12);
    for (int k = 0; k < 3; ++k) EXPECT_EQ(list[k], 10 * ids[i] + k) << "row " << i;
    EXPECT_EQ(batch.columns[2].data.data()[i], static_cast<std::byte>(ids[i])) << "row " << i;
  }
  return ids;
}

std::vector<std::int64_t> from_to(std::int64_t from, std::int64_t to) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(to - from));
  std::iota(rows.begin(), rows.end(), from);
  return rows;
}

TEST(Collator, CopiesEachColumnToItsTensor) {
  Collator collator(4, 2);
  Rows a(100, 8), b(108, 4);
  const auto placed = collator.place(a.chunk(), piece(0, 8), 0, 0);
  ASSERT_OK(placed);
  EXPECT_EQ(*placed, 8U);
  EXPECT_EQ(rows_of(collator.batch(0), 4), from_to(100, 104));
  EXPECT_EQ(rows_of(collator.batch(1), 4), from_to(104, 108));
  const auto more = collator.place(b.chunk(), piece(8, 4), 0, 0);
  ASSERT_OK(more);
  EXPECT_EQ(*more, 4U);
  EXPECT_EQ(rows_of(collator.batch(2), 4), from_to(108, 112));
}

TEST(Collator, ChunksMeetInsideABatch) {
  Collator collator(5, 1);
  Rows a(0, 3), b(3, 7);
  EXPECT_EQ(*collator.place(b.chunk(), piece(3, 7), 0, 0), 7U);
  EXPECT_EQ(*collator.place(a.chunk(), piece(0, 3), 0, 0), 3U);
  EXPECT_EQ(rows_of(collator.batch(0), 5), from_to(0, 5));
  EXPECT_EQ(rows_of(collator.batch(1), 5), from_to(5, 10));
}

TEST(Collator, RowsArePermutedByTheSeed) {
  Collator collator(4, 2);
  Rows a(0, 12);
  EXPECT_EQ(*collator.place(a.chunk(), piece(0, 12), 77, 0), 12U);
  std::vector<std::int64_t> found;
  for (std::uint64_t batch = 0; batch < 3; ++batch) {
    const auto rows = rows_of(collator.batch(batch), 4);
    found.insert(found.end(), rows.begin(), rows.end());
  }
  const Permutation order(12, 77);
  for (std::uint64_t i = 0; i < 12; ++i) EXPECT_EQ(found[i], static_cast<std::int64_t>(order(i))) << i;
  EXPECT_NE(found, from_to(0, 12));
}

// With two slots a chunk of five batches is placed in three goes, and the slots are used again.
TEST(Collator, PlacesWhatThereIsRoomFor) {
  Collator collator(4, 1);
  Rows a(0, 20);
  EXPECT_EQ(*collator.place(a.chunk(), piece(0, 20), 0, 0), 8U);
  EXPECT_EQ(*collator.place(a.chunk(), piece(0, 20), 0, 8), 8U) << "nobody has taken a batch yet";
  EXPECT_EQ(rows_of(collator.batch(0), 4), from_to(0, 4));
  EXPECT_EQ(rows_of(collator.batch(1), 4), from_to(4, 8));
  collator.release_below(1);
  EXPECT_EQ(*collator.place(a.chunk(), piece(0, 20), 0, 8), 12U);
  EXPECT_EQ(rows_of(collator.batch(1), 4), from_to(4, 8)) << "in use";
  EXPECT_EQ(rows_of(collator.batch(2), 4), from_to(8, 12));
  collator.release_below(3);
  EXPECT_EQ(*collator.place(a.chunk(), piece(0, 20), 0, 12), 20U);
  EXPECT_EQ(rows_of(collator.batch(3), 4), from_to(12, 16));
  EXPECT_EQ(rows_of(collator.batch(4), 4), from_to(16, 20));
}

TEST(Collator, WaitsUntilABatchHasASlot) {
  Collator collator(4, 1);
  EXPECT_TRUE(collator.wait_for_room(0));
  EXPECT_TRUE(collator.wait_for_room(7));
  std::atomic<bool> released{false};
  std::jthread consumer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    released = true;
    collator.release_below(1);
  });
  EXPECT_TRUE(collator.wait_for_room(8));
  EXPECT_TRUE(released);
}

TEST(Collator, ClosingWakesWhoWaits) {
  Collator collator(4, 1);
  std::jthread closer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    collator.close();
  });
  EXPECT_FALSE(collator.wait_for_room(8));
  EXPECT_FALSE(collator.wait_for_room(0));
}

// Threads whose chunks end inside batches share the ring with a consumer that reads each batch once it is complete.
TEST(Collator, ThreadsFillBatchesWhileTheConsumerTakesThem) {
  constexpr std::uint64_t kBatch = 4, kChunk = 6, kThreads = 3, kRows = 20 * 12;
  Collator collator(kBatch, 3);
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::uint64_t> placed(kRows / kBatch);  // rows of each batch
  std::atomic<std::uint64_t> next{0};
  std::vector<std::jthread> threads;
  for (std::uint64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (std::uint64_t first = kChunk * next++; first < kRows; first = kChunk * next++) {
        Rows rows(static_cast<std::int64_t>(first), kChunk);
        for (std::uint64_t done = 0; done < kChunk;) {
          ASSERT_TRUE(collator.wait_for_room(first + done));
          const auto now = collator.place(rows.chunk(), piece(first, kChunk), 0, done);
          ASSERT_OK(now);
          const std::lock_guard lock(mutex);
          for (; done < *now; ++done) ++placed[(first + done) / kBatch];
          changed.notify_one();
        }
      }
    });
  }
  for (std::uint64_t batch = 0; batch < placed.size(); ++batch) {
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return placed[batch] == kBatch; });
    }
    const auto first = static_cast<std::int64_t>(batch * kBatch);
    EXPECT_EQ(rows_of(collator.batch(batch), kBatch), from_to(first, first + static_cast<std::int64_t>(kBatch)));
    collator.release_below(batch + 1);
  }
}

// In any order, and over the border of a batch.
TEST(Collator, CopiesAValueThatAllRowsHave) {
  const std::array<std::byte, 3> pixels{std::byte{7}, std::byte{8}, std::byte{9}};
  format::Chunk chunk;
  chunk.rows = 1'000'000;
  chunk.columns = {{.name = "image", .width = 1, .list_size = 3, .one_value = true, .segments = {{pixels, 3}}}};
  for (const std::uint64_t seed : {0U, 5U}) {
    Collator collator(4, 2);
    ASSERT_OK(collator.place(chunk, piece(2, 5), seed, 0));
    std::vector<std::byte> found;
    for (std::size_t row = 2; row < 7; ++row) {
      const std::byte* const at = collator.batch(row / 4).columns[0].data.data() + row % 4 * 3;
      found.insert(found.end(), at, at + 3);
    }
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i], pixels[i % 3]) << i;
    EXPECT_EQ(found.size(), 15U);
  }
}

TEST(Collator, RefusesWhatHasNoTensor) {
  Rows rows(0, 4);
  format::Chunk nothing;
  nothing.rows = 4;
  auto refused = Collator(4, 1).place(nothing, piece(0, 4), 0, 0);
  EXPECT_ERROR(refused, Code::kUnsupported, "reader.collate: the decode depth makes no arrays to copy");
  EXPECT_EQ(refused.error().hint, "use dataset.parquet.decode: arrays, or reader.collate: false");
  const auto changed = [&](const auto& change) {
    Rows other(0, 4);
    change(other.chunk().columns[1]);
    return Collator(4, 1).place(other.chunk(), piece(0, 4), 0, 0);
  };
  for (const auto& result : {changed([](format::ColumnView& view) { view.width = 0; }),
                             changed([](format::ColumnView& view) { view.definition_levels = {1}; }),
                             changed([](format::ColumnView& view) { view.repetition_levels = {0}; })}) {
    EXPECT_ERROR(result, Code::kUnsupported, "reader.collate: column 'list' has rows of different sizes");
    EXPECT_EQ(result.error().hint, "leave it out with `read: false`, or use reader.collate: false");
  }
}

TEST(Collator, AllChunksHaveTheSameColumns) {
  Collator collator(4, 1);
  Rows first(0, 4), second(4, 4);
  ASSERT_OK(collator.place(first.chunk(), piece(0, 4), 0, 0));
  second.chunk().columns[1].list_size = 2;
  EXPECT_ERROR(collator.place(second.chunk(), piece(4, 4), 0, 0), Code::kUnsupported,
               "reader.collate: column 'list' has rows of 8 bytes here and 12 elsewhere");
  second.chunk().columns.pop_back();
  EXPECT_ERROR(collator.place(second.chunk(), piece(4, 4), 0, 0), Code::kCorrupt,
               "reader.collate: files of the data set have different columns");
}

}  // namespace
}  // namespace stoker::pipeline
