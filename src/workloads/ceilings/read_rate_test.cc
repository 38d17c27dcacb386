#include "workloads/ceilings/read_rate.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "data/io/model/storage.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::ceilings {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kRow = 4096, kRows = 256;

// A file whose rows are blocks, each a unit.
class Blocks final : public format::FileReader {
 public:
  explicit Blocks(std::unique_ptr<io::ReadableFile> file, std::uint64_t unit_rows = 1) : file_(std::move(file)) {
    for (std::uint64_t row = 0; row < kRows; row += unit_rows) units_.push_back({row, unit_rows, unit_rows * kRow});
  }
  [[nodiscard]] std::uint64_t rows() const override { return kRows; }
  [[nodiscard]] std::span<const format::Unit> units() const override { return units_; }
  [[nodiscard]] io::ReadableFile* source() const override { return file_.get(); }
  [[nodiscard]] std::unique_ptr<format::Scratch> make_scratch() const override {
    return std::make_unique<format::Scratch>();
  }
  Status plan(const format::ChunkRows& rows, format::ReadPlan& plan) const override {
    plan.begin(rows);
    plan.add({.offset = rows.first_row * kRow, .bytes = rows.rows * kRow});
    return plan.finish(file_->alignment());
  }
  Status decompress(const format::Fetched&, format::Scratch&) const override { return {}; }
  Status decode(const format::Fetched&, format::Scratch&, format::Chunk&) const override { return {}; }

 private:
  std::unique_ptr<io::ReadableFile> file_;
  std::vector<format::Unit> units_;
};

// A file of blocks seen through a model of a storage, and a clock that only waiting moves.
class ReadBench : public ::testing::Test {
 protected:
  void open(const io::ModelLimits& limits, std::uint64_t unit_rows = 1) {
    auto memory = std::make_unique<io::testing::MemStorage>();
    memory_ = memory.get();
    memory_->put("f", std::string(kRows * kRow, 'x'));
    storage_ = io::make_model_storage(std::move(memory), limits, 1, clock_);
    auto file = storage_->open("f", {.direct = true});
    ASSERT_OK(file);
    std::vector<std::unique_ptr<format::FileReader>> files;
    files.push_back(std::make_unique<Blocks>(*std::move(file), unit_rows));
    auto chunks = Chunks::of(std::move(files));
    ASSERT_OK(chunks);
    chunks_ = std::make_unique<Chunks>(*std::move(chunks));
  }
  ReadMeasured measure(const ReadSettings& settings) {
    const auto measured = measure_reads(*chunks_, *storage_, clock_, settings, {});
    EXPECT_OK(measured);
    EXPECT_TRUE(measured && *measured);
    return measured && *measured ? **measured : ReadMeasured{};
  }

  stoker::testing::FakeClock clock_;
  io::testing::MemStorage* memory_ = nullptr;
  std::unique_ptr<io::Storage> storage_;
  std::unique_ptr<Chunks> chunks_;
};

TEST_F(ReadBench, EightRequestsUnderWayGiveEightTimesTheRateOfOne) {
  open({.latency = 10ms});
  const ReadMeasured one = measure({.depth = 1, .seconds = 4});
  const ReadMeasured eight = measure({.depth = 8, .seconds = 4});
  EXPECT_DOUBLE_EQ(one.bytes_per_second(), static_cast<double>(kRow) / 0.01);
  EXPECT_NEAR(eight.bytes_per_second() / one.bytes_per_second(), 8, 0.05);
  EXPECT_NEAR(to_seconds(one.latency.quantile(0.5)), 0.01, 0.0002);
  EXPECT_NEAR(to_seconds(eight.latency.quantile(0.99)), 0.01, 0.0002);
  EXPECT_DOUBLE_EQ(eight.request_bytes(), kRow);
}

TEST_F(ReadBench, ALimitOfBandwidthIsReachedWhateverTheDepth) {
  open({.latency = 1ms, .bytes_per_second = 50.0 * kRow});
  for (const unsigned depth : {4U, 32U}) {
    EXPECT_NEAR(measure({.depth = depth, .seconds = 20}).bytes_per_second() / (50.0 * kRow), 1, 0.02) << depth;
  }
}

TEST_F(ReadBench, GoesOnFromTheFirstChunkAgainUntilTheTimeIsOver) {
  open({.latency = 10ms});
  const ReadMeasured m = measure({.depth = 1, .seconds = 2.56 * 3});
  // And the one that was behind it when the time was over.
  EXPECT_EQ(m.requests, 3 * kRows + 1);
  EXPECT_EQ(m.bytes, (3 * kRows + 1) * kRow);
  EXPECT_DOUBLE_EQ(to_seconds(m.wall), 7.69);
}

TEST_F(ReadBench, WhatIsDoneBeforeAPassIsNoPartOfItsTime) {
  open({.latency = 10ms});
  int passes = 0;
  const ReadMeasured m = measure({.depth = 1, .seconds = 2.56 * 3, .before_pass = [&]() -> Status {
                                    ++passes;
                                    clock_.advance(2s);
                                    return {};
                                  }});
  EXPECT_EQ(passes, 3);
  EXPECT_EQ(m.requests, 3 * kRows);
  EXPECT_EQ(to_seconds(m.wall), 2.56 * 3);
}

TEST_F(ReadBench, PassesThatTakeLongToPrepareAreNotRepeatedForEver) {
  open({.latency = 10ms});
  int passes = 0;
  (void)measure({.depth = 1, .seconds = 100, .before_pass = [&]() -> Status {
                   ++passes;
                   clock_.advance(100s);
                   return {};
                 }});
  EXPECT_EQ(passes, 3);
}

TEST_F(ReadBench, AnErrorOfTheStorageIsTheAnswer) {
  open({.latency = 10ms});
  const auto measured = measure_reads(
      *chunks_, *storage_, clock_,
      {.depth = 1, .seconds = 1, .before_pass = []() -> Status { return make_error(Code::kIo, "broken"); }}, {});
  EXPECT_EQ(measured.error().message, "broken");
}

TEST_F(ReadBench, AStopEndsIt) {
  open({.latency = 10ms});
  std::stop_source stop;
  stop.request_stop();
  const auto measured = measure_reads(*chunks_, *storage_, clock_, {.depth = 1, .seconds = 1}, stop.get_token());
  EXPECT_EQ(measured.error().code, Code::kInterrupted);
}

TEST(Chunks, WithoutBytesAreRefused) {
  EXPECT_EQ(Chunks::of({}).error().code, Code::kConfig);
}

}  // namespace
}  // namespace stoker::ceilings
