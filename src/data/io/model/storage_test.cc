#include "data/io/model/storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <utility>
#include <vector>

#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "base/units.h"
#include "data/io/read_queue.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::io {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using stoker::testing::FakeClock;
using ::testing::ElementsAre;

Instant at(Nanos time) {
  return Instant{time};
}

TEST(ModelLine, RequestsBeginAtTheirRate) {
  ModelLine line({.latency = milliseconds(5), .requests_per_second = 100}, 1);
  EXPECT_EQ(line.answered(at(milliseconds(0)), 0), at(milliseconds(5)));
  EXPECT_EQ(line.answered(at(milliseconds(0)), 0), at(milliseconds(15)));
  EXPECT_EQ(line.answered(at(milliseconds(0)), 0), at(milliseconds(25)));
  EXPECT_EQ(line.answered(at(milliseconds(100)), 0), at(milliseconds(105))) << "what was not asked is not saved up";
}

TEST(ModelLine, BytesShareOneLine) {
  ModelLine line({.latency = milliseconds(5), .bytes_per_second = 1e6}, 1);
  EXPECT_EQ(line.answered(at(milliseconds(0)), 10'000), at(milliseconds(15)));
  EXPECT_EQ(line.answered(at(milliseconds(0)), 10'000), at(milliseconds(25))) << "latencies overlap, bytes do not";
  EXPECT_EQ(line.answered(at(milliseconds(1)), 0), at(milliseconds(6))) << "opening a file needs no line";
  EXPECT_EQ(line.answered(at(milliseconds(90)), 10'000), at(milliseconds(105)));
}

TEST(ModelLine, JitterLiesBetweenNothingAndItsMost) {
  ModelLine line({.latency = milliseconds(5), .jitter = milliseconds(2)}, 1);
  Nanos least = milliseconds(100), most{0};
  for (int i = 0; i < 1000; ++i) {
    const Nanos took = line.answered(at(milliseconds(i)), 0) - at(milliseconds(i));
    least = std::min(least, took);
    most = std::max(most, took);
  }
  EXPECT_GE(least, milliseconds(5));
  EXPECT_LT(least, microseconds(5100));
  EXPECT_LE(most, milliseconds(7));
  EXPECT_GT(most, microseconds(6900));
}

TEST(ModelLine, ProcessesShareRateAndBandwidth) {
  ModelLine line({.bytes_per_second = 4e6, .requests_per_second = 4000}, 4);
  EXPECT_EQ(line.answered(at(milliseconds(0)), 10'000), at(milliseconds(10)));
  ModelLine rate({.requests_per_second = 4000}, 4);
  EXPECT_EQ(rate.answered(at(milliseconds(0)), 1), at(milliseconds(0)));
  EXPECT_EQ(rate.answered(at(milliseconds(0)), 1), at(milliseconds(1)));
}

// Over files of 3 MiB in memory, with a clock that only sleeps move.
class ModelStorageTest : public ::testing::Test, public ReadObserver {
 protected:
  void make(const ModelLimits& limits) {
    auto memory = std::make_unique<testing::MemStorage>();
    content_.resize(3 * kMiB);
    for (std::size_t i = 0; i < content_.size(); ++i) content_[i] = static_cast<std::byte>(i * 7 / 5);
    memory->put("/d/f", content_);
    storage_ = make_model_storage(std::move(memory), limits, 1, clock_);
  }
  std::int64_t now_ns() override { return clock_.now().since_start.count(); }
  void completed(std::int64_t begin, std::int64_t end, std::uint64_t bytes, bool seen_late) override {
    EXPECT_FALSE(seen_late) << "a model knows when it answers";
    latencies_.emplace_back(Nanos{end - begin});
    bytes_ += bytes;
  }
  Nanos took(auto&& work) {
    const Instant begin = clock_.now();
    work();
    return clock_.now() - begin;
  }

  FakeClock clock_;
  std::vector<std::byte> content_;
  std::unique_ptr<Storage> storage_;
  std::vector<Nanos> latencies_;
  std::uint64_t bytes_ = 0;
};

TEST_F(ModelStorageTest, ReadsThroughThePageCacheAreInTurn) {
  make({.latency = milliseconds(10), .bytes_per_second = static_cast<double>(kGiB)});
  std::unique_ptr<ReadableFile> file;
  EXPECT_EQ(took([&] { file = *storage_->open("/d/f", {}); }), milliseconds(10));
  EXPECT_EQ(file->size(), content_.size());
  std::vector<std::byte> into(content_.size());
  const Nanos time = took([&] { EXPECT_OK(read_at(*file, 0, into, this)); });
  EXPECT_EQ(into, content_);
  EXPECT_EQ(time, 3 * (milliseconds(10) + Nanos{976'562})) << "three requests of 1 MiB";
  EXPECT_EQ(latencies_.size(), 3U);
  EXPECT_EQ(bytes_, 3 * kMiB);
}

TEST_F(ModelStorageTest, DirectReadsOfACallAreUnderWayTogether) {
  make({.latency = milliseconds(10), .bytes_per_second = static_cast<double>(kGiB)});
  const auto file = storage_->open("/d/f", {.direct = true});
  ASSERT_OK(file);
  AlignedBuffer into(4 * kMiB);
  const Nanos time = took([&] { EXPECT_OK(read_at(**file, 0, into.bytes(), this)); });
  EXPECT_TRUE(std::equal(content_.begin(), content_.end(), into.data()));
  EXPECT_EQ(time, milliseconds(10) + 3 * Nanos{976'562})
      << "one latency, three requests of 1 MiB, nothing past the end";
  EXPECT_THAT(latencies_, ElementsAre(Nanos{10'976'562}, Nanos{11'953'124}, Nanos{12'929'686}));
  EXPECT_EQ(bytes_, 3 * kMiB);
}

// What a queue has under way shares latencies as far as its depth goes, through the page cache, too.
TEST_F(ModelStorageTest, RequestsOfAQueueAreUnderWayTogether) {
  for (const auto& [depth, expected] : {std::pair{0U, milliseconds(10)}, std::pair{1U, milliseconds(60)},
                                        std::pair{2U, milliseconds(30)}, std::pair{4U, milliseconds(20)}}) {
    SCOPED_TRACE(depth);
    latencies_.clear();
    make({.latency = milliseconds(10)});
    const auto file = *storage_->open("/d/f", {});
    const auto queue = storage_->make_read_queue({.depth = depth}, this);
    const Lease first = queue->lease(3 * kMiB), second = queue->lease(3 * kMiB);
    const ReadOp one{0, first.bytes()}, other{0, second.bytes()};
    const Nanos time = took([&] {
      EXPECT_TRUE(queue->wants_more());
      queue->submit(1, *file, first, {&one, 1});
      EXPECT_TRUE(queue->wants_more()) << "a chunk behind the one that is worked on";
      queue->submit(2, *file, second, {&other, 1});
      EXPECT_EQ(queue->wants_more(), depth == 0);
      EXPECT_OK(queue->wait(1, {}));
      EXPECT_OK(queue->wait(2, {}));
    });
    EXPECT_EQ(time, expected);
    EXPECT_TRUE(std::equal(content_.begin(), content_.end(), first.bytes().data()));
    EXPECT_TRUE(std::equal(content_.begin(), content_.end(), second.bytes().data()));
    EXPECT_THAT(latencies_, ::testing::Each(milliseconds(10))) << "waiting for a place is no latency";
    EXPECT_EQ(latencies_.size(), 6U);
  }
}

TEST_F(ModelStorageTest, AStopEndsTheWaitingOfAQueue) {
  make({.latency = milliseconds(10)});
  const auto file = *storage_->open("/d/f", {});
  const auto queue = storage_->make_read_queue({}, this);
  const Lease memory = queue->lease(kMiB);
  const ReadOp op{0, memory.bytes()};
  queue->submit(1, *file, memory, {&op, 1});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_ERROR(queue->wait(1, stop.get_token()), Code::kInterrupted, "/d/f: interrupted while it was read");
  EXPECT_TRUE(queue->wants_more()) << "it is forgotten";
  EXPECT_TRUE(latencies_.empty());
}

TEST_F(ModelStorageTest, WhatIsWrittenTakesItsTime) {
  make({.bytes_per_second = 1e6});
  const auto file = storage_->create("/d/new");
  ASSERT_OK(file);
  EXPECT_EQ(took([&] { EXPECT_OK((*file)->append(Bytes(content_).first(5000))); }), milliseconds(5));
  EXPECT_EQ(took([&] {
              ASSERT_OK((*file)->lend());
              EXPECT_OK((*file)->give_back(20'000));
            }),
            milliseconds(20));
  EXPECT_OK((*file)->commit());
  EXPECT_EQ(*storage_->file_size("/d/new"), 25'000U);
}

TEST_F(ModelStorageTest, ErrorsOfTheStorageBelowAreItsErrors) {
  make({.latency = milliseconds(10)});
  EXPECT_ERROR(storage_->open("/d/none", {}), Code::kNotFound, "/d/none");
  const auto file = storage_->open("/d/f", {});
  std::vector<std::byte> into(10);
  EXPECT_ERROR(read_at(**file, 3 * kMiB, into), Code::kCorrupt, "/d/f: file ends at byte");
}

TEST(ModelLimits, AsText) {
  EXPECT_EQ(to_text({}), "");
  EXPECT_FALSE(ModelLimits{}.any());
  const ModelLimits all{
      .latency = milliseconds(5), .jitter = milliseconds(1), .bytes_per_second = 2e8, .requests_per_second = 20'000};
  EXPECT_TRUE(all.any());
  EXPECT_EQ(to_text(all), "latency 5.0 ms, jitter 1.0 ms, at most 190.7 MiB/s, at most 20000 requests/s");
  for (const ModelLimits& one : {ModelLimits{.latency = Nanos{1}}, ModelLimits{.jitter = Nanos{1}},
                                 ModelLimits{.bytes_per_second = 1}, ModelLimits{.requests_per_second = 1}})
    EXPECT_TRUE(one.any());
}

// Ranges that do not begin at the file's beginning, of which one lies over its end: nothing past it is a request.
TEST_F(ModelStorageTest, DirectRequestsEndWithTheFile) {
  make({.latency = milliseconds(10)});
  const auto file = storage_->open("/d/f", {.direct = true});
  ASSERT_OK(file);
  AlignedBuffer into(8 * kMiB);
  EXPECT_OK(read_at(**file, kMiB + 4096, into.bytes(), this));
  EXPECT_EQ(latencies_.size(), 2U);
  EXPECT_EQ(bytes_, 2 * kMiB - 4096);
  const auto queue = storage_->make_read_queue({}, this);
  const Lease memory = queue->lease(8 * kMiB);
  const ReadOp op{kMiB + 4096, memory.bytes()};
  queue->submit(1, **file, memory, {&op, 1});
  EXPECT_OK(queue->wait(1, {}));
  EXPECT_EQ(latencies_.size(), 4U);
  EXPECT_EQ(bytes_, 2 * (2 * kMiB - 4096));
}

TEST_F(ModelStorageTest, BehindTheEndNothingIsWaitedFor) {
  make({.latency = milliseconds(10)});
  const auto file = *storage_->open("/d/f", {});
  const auto queue = storage_->make_read_queue({}, this);
  const Lease memory = queue->lease(kMiB);
  const ReadOp op{3 * kMiB, memory.bytes()};
  EXPECT_EQ(took([&] {
              queue->submit(1, *file, memory, {&op, 1});
              EXPECT_ERROR(queue->wait(1, {}), Code::kCorrupt, "/d/f: file ends at byte");
            }),
            Nanos{0});
}

// A chunk that is given up takes its own requests with it, sent or not.
TEST_F(ModelStorageTest, AStopForgetsOneChunkAlone) {
  make({.latency = milliseconds(10)});
  const auto file = *storage_->open("/d/f", {});
  const auto queue = storage_->make_read_queue({.depth = 2}, this);
  const Lease first = queue->lease(3 * kMiB), second = queue->lease(3 * kMiB);
  const ReadOp one{0, first.bytes()}, other{0, second.bytes()};
  queue->submit(1, *file, first, {&one, 1});
  queue->submit(2, *file, second, {&other, 1});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_ERROR(queue->wait(1, stop.get_token()), Code::kInterrupted, "/d/f: interrupted");
  EXPECT_OK(queue->wait(2, {}));
  EXPECT_EQ(bytes_, 3 * kMiB);
  EXPECT_TRUE(std::equal(content_.begin(), content_.end(), second.bytes().data()));
}

TEST_F(ModelStorageTest, QueuesCutBufferedReadsAsTheFileDoes) {
  make({.latency = milliseconds(10)});
  const auto file = *storage_->open("/d/f", {.transfer_bytes = 512 * kKiB});
  const auto queue = storage_->make_read_queue({}, this);
  const Lease memory = queue->lease(3 * kMiB);
  const ReadOp op{0, memory.bytes()};
  queue->submit(1, *file, memory, {&op, 1});
  EXPECT_OK(queue->wait(1, {}));
  EXPECT_EQ(latencies_.size(), 6U);
}

TEST_F(ModelStorageTest, AFileIsMadeAndOpenedWithoutTheLine) {
  make({.latency = milliseconds(10), .bytes_per_second = 1});
  EXPECT_EQ(took([&] { EXPECT_OK(storage_->create("/d/new")); }), milliseconds(10));
  EXPECT_EQ(took([&] { EXPECT_OK(storage_->open("/d/f", {})); }), milliseconds(10));
}

TEST_F(ModelStorageTest, IsNamedBeforeWhatItStandsFor) {
  make({.latency = milliseconds(5)});
  EXPECT_EQ(storage_->describe_reads({}), "a model (latency 5.0 ms) over memory");
  EXPECT_EQ(storage_->describe_reads({.direct = true}), "a model (latency 5.0 ms) over memory, direct");
  EXPECT_EQ(storage_->describe_writes(true), "a model (latency 5.0 ms) over memory, direct");
}

TEST(ModelLine, LessThanOneASecond) {
  ModelLine line({.requests_per_second = 0.5}, 1);
  EXPECT_EQ(line.answered(at(milliseconds(0)), 0), at(milliseconds(0)));
  EXPECT_EQ(line.answered(at(milliseconds(0)), 0), at(milliseconds(2000)));
  EXPECT_EQ(to_text({.requests_per_second = 0.5}), "at most 0.5 requests/s");
}

}  // namespace
}  // namespace stoker::io
