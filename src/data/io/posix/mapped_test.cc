// Files read through a memory mapping.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <thread>
#include <vector>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "data/io/read_queue.h"
#include "data/io/storage.h"

namespace stoker::io {
namespace {

namespace fs = std::filesystem;

class MappedTest : public ::testing::Test {
 protected:
  static constexpr std::size_t kBytes = 100'000;

  MappedTest() : content_(kBytes) {
    for (std::size_t i = 0; i < kBytes; ++i) content_[i] = static_cast<std::byte>(i * 7 + i / 256);
    std::ofstream(path_, std::ios::binary).write(reinterpret_cast<const char*>(content_.data()), kBytes);
  }
  Result<std::unique_ptr<ReadableFile>> open() { return storage_->open(path_, {.mapped = true}); }
  [[nodiscard]] Bytes expected(std::uint64_t offset, std::size_t bytes) const {
    return Bytes(content_).subspan(static_cast<std::size_t>(offset), bytes);
  }

  stoker::testing::TempDir folder_;
  const fs::path path_ = folder_.path() / "f";
  std::vector<std::byte> content_;
  std::unique_ptr<Storage> storage_ = make_posix_storage();
};

struct Requests final : ReadObserver {
  std::int64_t now_ns() override { return ++now; }
  void completed(std::int64_t begin, std::int64_t end, std::uint64_t n, bool seen_late) override {
    EXPECT_LT(begin, end);
    EXPECT_FALSE(seen_late);
    ++requests;
    bytes += n;
  }
  std::int64_t now = 0;
  std::uint64_t requests = 0, bytes = 0;
};

TEST_F(MappedTest, GivesTheBytesOfTheFile) {
  const auto file = open();
  ASSERT_OK(file);
  EXPECT_EQ((*file)->size(), kBytes);
  EXPECT_EQ((*file)->alignment(), 1U);
  EXPECT_EQ((*file)->path(), path_);
  EXPECT_EQ((*file)->version(), (*storage_->open(path_, {}))->version());
  EXPECT_EQ((*file)->version_now(), (*file)->version());
  std::vector<std::byte> first(10), last(5000);
  const std::vector<ReadOp> ops{{.offset = 4090, .into = first}, {.offset = kBytes - 5000, .into = last}};
  Requests seen;
  ASSERT_OK((*file)->read_many(ops, &seen));
  EXPECT_THAT(first, ::testing::ElementsAreArray(expected(4090, 10)));
  EXPECT_THAT(last, ::testing::ElementsAreArray(expected(kBytes - 5000, 5000)));
  EXPECT_EQ(seen.requests, 2U);
  EXPECT_EQ(seen.bytes, 5010U);
  // Nothing is asked for by an op of no bytes; a transfer is a request.
  const ReadOp none{.offset = kBytes, .into = {}};
  ASSERT_OK((*file)->read_many({&none, 1}, &seen));
  EXPECT_EQ(seen.requests, 2U);
  const auto small = storage_->open(path_, {.mapped = true, .transfer_bytes = 1000});
  ASSERT_OK(small);
  Requests pieces;
  ASSERT_OK(read_at(**small, kBytes - 4500, MutBytes(last).first(4500), &pieces));
  EXPECT_THAT(Bytes(last).first(4500), ::testing::ElementsAreArray(expected(kBytes - 4500, 4500)));
  EXPECT_EQ(pieces.requests, 5U);
}

TEST_F(MappedTest, IsReadInQueues) {
  const auto file = open();
  ASSERT_OK(file);
  const auto queue = storage_->make_read_queue({}, nullptr);
  const Lease one = queue->lease(100), two = queue->lease(100);
  const ReadOp first{.offset = 50, .into = one.bytes().first(100)},
      second{.offset = 500, .into = two.bytes().first(100)};
  queue->submit(1, **file, one, {&first, 1});
  EXPECT_FALSE(queue->wants_more()) << "nothing goes on while nobody waits";
  queue->submit(2, **file, two, {&second, 1});
  ASSERT_OK(queue->wait(2, {}));
  ASSERT_OK(queue->wait(1, {}));
  EXPECT_THAT(first.into, ::testing::ElementsAreArray(expected(50, 100)));
  EXPECT_THAT(second.into, ::testing::ElementsAreArray(expected(500, 100)));
}

TEST_F(MappedTest, WhatLiesBehindTheEndIsAnError) {
  const auto file = open();
  ASSERT_OK(file);
  std::vector<std::byte> into(10);
  EXPECT_ERROR(read_at(**file, kBytes - 9, into), Code::kCorrupt, "file ends at byte 100000");
  EXPECT_ERROR(read_at(**file, UINT64_MAX, into), Code::kCorrupt, "file ends at byte 100000");
  EXPECT_OK(read_at(**file, kBytes - 10, into));
  EXPECT_ERROR(storage_->open(folder_.path() / "none", {.mapped = true}), Code::kNotFound, "none");
}

TEST_F(MappedTest, AnEmptyFileHasNothing) {
  fs::resize_file(path_, 0);
  const auto file = open();
  ASSERT_OK(file);
  EXPECT_EQ((*file)->size(), 0U);
  EXPECT_OK((*file)->read_many({}, nullptr));
}

// Pages that are gone are an error, as often as they are asked for and in any thread, and the process lives.
TEST_F(MappedTest, AFileThatGetsShorterIsAnError) {
  const auto file = open();
  ASSERT_OK(file);
  fs::resize_file(path_, 8192);
  const auto read = [&] {
    std::vector<std::byte> into(6000);
    for (int i = 0; i < 3; ++i) {
      EXPECT_ERROR(read_at(**file, 8000, into), Code::kCorrupt,
                   path_.string() + ": 6000 bytes at offset 8000 of the mapping cannot be read (SIGBUS)");
      // What is there is of a file that nobody asked for.
      EXPECT_ERROR(read_at(**file, 0, into), Code::kCorrupt, "was written, cut or removed while it was read");
    }
  };
  read();
  std::thread one(read), two(read);
  one.join();
  two.join();
}

// The rest of its last page is zeros, and no signal comes.
TEST_F(MappedTest, AFileThatGetsShorterWithinAPageIsAnErrorToo) {
  const auto file = open();
  ASSERT_OK(file);
  std::vector<std::byte> into(100);
  ASSERT_OK(read_at(**file, kBytes - 100, into));
  fs::resize_file(path_, kBytes - 50);
  EXPECT_ERROR(read_at(**file, kBytes - 100, into), Code::kCorrupt, "was written, cut or removed");
}

// A SIGBUS that is not this mapping's ends the process as it does anywhere.
TEST_F(MappedTest, OtherErrorsOfTheBusAreNotHidden) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "the thread sanitizer's own handler, which comes next, reports the signal and exits";
#endif
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // rings and pools of this process have threads
  ASSERT_OK(open());
  EXPECT_EXIT(static_cast<void>(::raise(SIGBUS)), ::testing::KilledBySignal(SIGBUS), "");
}

TEST_F(MappedTest, IsNamedInResults) {
  EXPECT_EQ(storage_->describe_reads({.mapped = true}), "posix, memory mapping");
}

}  // namespace
}  // namespace stoker::io
