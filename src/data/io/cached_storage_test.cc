#include "data/io/cached_storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "base/testing/status_matchers.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::io {
namespace {

using testing::MemCall;
using testing::MemStorage;

std::string read(ReadableFile& file, std::uint64_t offset, std::size_t length) {
  std::string text(length, '?');
  const Status status = read_at(file, offset, std::as_writable_bytes(std::span(text)));
  return status ? text : status.error().message;
}

class CachedStorageTest : public ::testing::Test {
 protected:
  CachedStorageTest() { inner_.put("/d/a", "0123456789"); }
  [[nodiscard]] std::size_t reads() const { return inner_.count(MemCall::Op::kRead); }
  MemStorage inner_;
};

TEST_F(CachedStorageTest, AsksTheStorageOnceForTheSameBytes) {
  CachedStorage cached(inner_, 100);
  for (int visit = 0; visit < 3; ++visit) {
    auto file = cached.open("/d/a", {});
    ASSERT_OK(file);
    EXPECT_EQ(read(**file, 2, 5), "23456");
    EXPECT_EQ(read(**file, 3, 2), "34") << "lies within the first read";
  }
  EXPECT_EQ(reads(), 1U);
  EXPECT_EQ(cached.cached_bytes(), 5U);
  EXPECT_FALSE(cached.full());
}

TEST_F(CachedStorageTest, ReadsWhatAnEarlierReadDoesNotHoldWhole) {
  CachedStorage cached(inner_, 100);
  auto file = cached.open("/d/a", {});
  ASSERT_OK(file);
  EXPECT_EQ(read(**file, 0, 4), "0123");
  EXPECT_EQ(read(**file, 2, 4), "2345");
  EXPECT_EQ(read(**file, 0, 8), "01234567") << "the longer range takes the place of the shorter";
  EXPECT_EQ(read(**file, 1, 7), "1234567");
  EXPECT_EQ(reads(), 3U);
  EXPECT_EQ(cached.cached_bytes(), 4U + 8U);
}

TEST_F(CachedStorageTest, KeepsNoMoreThanItsBudget) {
  CachedStorage cached(inner_, 6);
  auto file = cached.open("/d/a", {});
  ASSERT_OK(file);
  for (int epoch = 0; epoch < 2; ++epoch) {
    EXPECT_EQ(read(**file, 0, 6), "012345");
    EXPECT_EQ(read(**file, 6, 4), "6789");
  }
  EXPECT_EQ(reads(), 3U) << "the second range is read in each epoch";
  EXPECT_EQ(cached.cached_bytes(), 6U);
  EXPECT_TRUE(cached.full());
}

TEST_F(CachedStorageTest, SeveralOpsAreAskedTogetherWithoutThoseThatAreKnown) {
  CachedStorage cached(inner_, 100);
  auto file = cached.open("/d/a", {});
  ASSERT_OK(file);
  EXPECT_EQ(read(**file, 4, 2), "45");
  inner_.clear_calls();
  std::string a(2, '?'), b(2, '?'), c(2, '?');
  const ReadOp ops[] = {{0, std::as_writable_bytes(std::span(a))},
                        {4, std::as_writable_bytes(std::span(b))},
                        {8, std::as_writable_bytes(std::span(c))}};
  ASSERT_OK((*file)->read_many(ops, nullptr));
  EXPECT_EQ(a + b + c, "014589");
  EXPECT_EQ(reads(), 2U);
}

TEST_F(CachedStorageTest, ErrorsAreNotKept) {
  CachedStorage cached(inner_, 100);
  auto file = cached.open("/d/a", {});
  ASSERT_OK(file);
  std::byte into[4];
  EXPECT_FALSE(read_at(**file, 8, into).has_value());
  EXPECT_EQ(cached.cached_bytes(), 0U);
  EXPECT_FALSE(cached.open("/d/absent", {}).has_value());
}

TEST_F(CachedStorageTest, ThreadsShareIt) {
  CachedStorage cached(inner_, 100);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      auto file = cached.open("/d/a", {});
      ASSERT_OK(file);
      for (int i = 0; i < 500; ++i) EXPECT_EQ(read(**file, static_cast<std::uint64_t>(i % 5), 5).size(), 5U);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(cached.cached_bytes(), 25U) << "five ranges, each once";
}

}  // namespace
}  // namespace stoker::io
