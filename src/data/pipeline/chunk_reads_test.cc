// Reads of chunks, of which some have nothing to read.
#include "data/pipeline/chunk_reads.h"

#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "data/pipeline/testing/fake_format.h"

namespace stoker::pipeline {
namespace {

// Counts what it is told.
class CountingQueue final : public io::ReadQueue {
 public:
  struct Calls {
    int submitted = 0, waited = 0;
    bool stopped = false;  // the last wait
  };
  explicit CountingQueue(Calls& calls) : calls_(calls) {}
  void submit(io::Ticket ticket, io::ReadableFile&, const io::Lease&, std::span<const io::ReadOp>) override {
    EXPECT_NE(ticket, 0U);
    ++calls_.submitted;
  }
  Status wait(io::Ticket, const std::stop_token& stop) override {
    ++calls_.waited;
    calls_.stopped = stop.stop_requested();
    return {};
  }
  [[nodiscard]] bool wants_more() const override { return calls_.submitted < 2; }

 private:
  Calls& calls_;
};

// Its rows take no bytes, as those of a file whose columns are not read.
class EmptyFile final : public format::FileReader {
 public:
  [[nodiscard]] std::uint64_t rows() const override { return 4; }
  [[nodiscard]] std::span<const format::Unit> units() const override { return {}; }
  [[nodiscard]] std::unique_ptr<format::Scratch> make_scratch() const override { return nullptr; }
  Status plan(const format::ChunkRows& rows, format::ReadPlan& plan) const override {
    plan.begin(rows);
    return plan.finish(1);
  }
  Status decompress(const format::Fetched&, format::Scratch&) const override { return {}; }
  Status decode(const format::Fetched&, format::Scratch&, format::Chunk&) const override { return {}; }
};

TEST(ChunkReads, ChunksWithoutBytesAreNoReads) {
  CountingQueue::Calls calls;
  ChunkReads reads(std::make_unique<CountingQueue>(calls));
  const auto sent = reads.send(EmptyFile{}, {.rows = 4});
  ASSERT_OK(sent);
  EXPECT_OK(reads.wait(**sent, {}));
  reads.abandon(**sent);
  EXPECT_EQ(calls.submitted, 0);
  EXPECT_EQ(calls.waited, 0);
}

TEST(ChunkReads, OthersAreSubmittedOnceAndWaitedFor) {
  CountingQueue::Calls calls;
  ChunkReads reads(std::make_unique<CountingQueue>(calls));
  testing::FakeDataset data;
  const testing::FakeFile file(data, 0);
  auto first = reads.send(file, {.rows = 4});
  ASSERT_OK(first);
  EXPECT_TRUE(reads.wants_more());
  const auto second = reads.send(file, {.unit = 1, .first_row = 4, .rows = 4});
  ASSERT_OK(second);
  EXPECT_FALSE(reads.wants_more());
  EXPECT_EQ(calls.submitted, 2);
  EXPECT_OK(reads.wait(**first, {}));
  EXPECT_FALSE(calls.stopped);
  reads.abandon(**second);
  EXPECT_TRUE(calls.stopped) << "what is abandoned need not come any more";
  EXPECT_EQ(calls.waited, 2);
  // Its memory, and what is warm of it, serve the next one.
  const SentChunk* const warm = first->get();
  const std::byte* const memory = (*first)->memory.bytes().data();
  reads.recycle(*std::move(first));
  const auto third = reads.send(file, {.rows = 4});
  ASSERT_OK(third);
  EXPECT_EQ(third->get(), warm);
  EXPECT_EQ((*third)->memory.bytes().data(), memory);
  reads.abandon(**third);
}

}  // namespace
}  // namespace stoker::pipeline
