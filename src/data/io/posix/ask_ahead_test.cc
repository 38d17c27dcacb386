// What is asked for ahead of a read, and what its observer is told, on files that the kernel never says to be cached.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "data/io/page_cache.h"
#include "data/io/posix/ask_ahead_internal.h"

namespace stoker::io {
namespace {

using ::testing::ElementsAre;

struct Request {
  std::int64_t begin_ns = 0, end_ns = 0;
  std::uint64_t bytes = 0;
  bool seen_late = false;
  friend bool operator==(const Request&, const Request&) = default;
};

// Its clock goes up by one at each look.
struct Requests final : ReadObserver {
  std::int64_t now_ns() override { return ++now; }
  void completed(std::int64_t begin_ns, std::int64_t end_ns, std::uint64_t bytes, bool seen_late) override {
    all.push_back({begin_ns, end_ns, bytes, seen_late});
  }
  std::int64_t now = 0;
  std::vector<Request> all;
};

// Files of /proc know no reads that do not wait.
class AskAheadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(fd_.valid());
    std::array<char, 20> text{};
    ASSERT_EQ(::pread(fd_.get(), text.data(), text.size(), 0), 20);
    content_.assign(text.data(), text.size());
  }
  [[nodiscard]] std::string text() const { return {into_.data(), into_.size()}; }

  const Path path_ = "/proc/version";
  const Fd fd_{::open("/proc/version", O_RDONLY | O_CLOEXEC)};
  const ReadTarget file_{.fd = fd_.get(), .path = path_, .size = 20, .transfer_bytes = 8};
  std::string content_;
  std::array<char, 20> into_{};
  const std::vector<ReadOp> ops_{{0, std::as_writable_bytes(std::span(into_))}};
  Requests requests_;
  AskAhead asks_{&requests_};
};

TEST_F(AskAheadTest, NothingIsAskedForBeforeAReadHasWaited) {
  const auto reads = asks_.plan(file_, ops_, true);
  ASSERT_EQ(reads.size(), 1U);
  EXPECT_FALSE(reads[0].asked);
  EXPECT_FALSE(asks_.cold());
  EXPECT_EQ(requests_.now, 0);
  EXPECT_OK(asks_.read(file_, reads));
  EXPECT_TRUE(asks_.cold());
  EXPECT_EQ(text(), content_);
  EXPECT_THAT(requests_.all, ElementsAre(Request{1, 2, 8, false}, Request{3, 4, 8, false}, Request{5, 6, 4, false}));
}

// All requests of a range begin when it is asked for. Where it cannot be told whether they were there they count as
// seen late.
TEST_F(AskAheadTest, WhatIsAskedForBeginsThen) {
  ASSERT_OK(asks_.read(file_, asks_.plan(file_, ops_, true)));
  requests_.all.clear();
  requests_.now = 100;
  const auto reads = asks_.plan(file_, ops_, true);
  EXPECT_TRUE(reads.at(0).asked);
  EXPECT_EQ(reads.at(0).asked_ns, 101);
  requests_.now = 200;
  ASSERT_OK(asks_.read(file_, reads));
  EXPECT_EQ(text(), content_);
  EXPECT_THAT(requests_.all,
              ElementsAre(Request{101, 201, 8, true}, Request{101, 202, 8, true}, Request{101, 203, 4, true}));
}

TEST_F(AskAheadTest, OnlyWithMoreThanOneRequestUnderWayAndForRangesWithBytes) {
  ASSERT_OK(asks_.read(file_, asks_.plan(file_, ops_, true)));
  EXPECT_FALSE(asks_.plan(file_, ops_, false).at(0).asked);
  const std::vector<ReadOp> empty{{0, {}}};
  EXPECT_FALSE(asks_.plan(file_, empty, true).at(0).asked);
  EXPECT_TRUE(asks_.plan(file_, ops_, true).at(0).asked);
}

// Four plans in turn without anything to ask for.
TEST_F(AskAheadTest, WarmCallsInTurnEndTheAsking) {
  const std::vector<ReadOp> nothing{{0, {}}};
  for (int warm = 0; warm < 4; ++warm) {
    ASSERT_OK(asks_.read(file_, asks_.plan(file_, ops_, true)));
    ASSERT_TRUE(asks_.cold());
    ASSERT_TRUE(asks_.plan(file_, ops_, true).at(0).asked) << "which counts from the beginning";
    for (int i = 0; i < warm; ++i) (void)asks_.plan(file_, nothing, true);
    EXPECT_TRUE(asks_.cold());
  }
  // A read that waited without being asked for begins anew, too.
  ASSERT_OK(asks_.read(file_, asks_.plan(file_, ops_, false)));
  for (int i = 0; i < 3; ++i) (void)asks_.plan(file_, nothing, true);
  EXPECT_TRUE(asks_.cold());
  (void)asks_.plan(file_, nothing, true);
  EXPECT_FALSE(asks_.cold());
}

TEST_F(AskAheadTest, AnEarlyEndIsToldWithTheWholeRange) {
  std::vector<std::byte> large(64 * 1024);
  const std::vector<ReadOp> ops{{1, large}};
  const ReadTarget file{.fd = fd_.get(), .path = path_, .size = large.size(), .transfer_bytes = 64 * 1024};
  EXPECT_ERROR(asks_.read(file, asks_.plan(file, ops, true)), Code::kCorrupt,
               "/proc/version: file ends at byte " + std::to_string(1 + requests_.all.at(0).bytes) +
                   ", where 65536 bytes at offset 1 were expected");
}

// Nobody listens: nobody is asked for the time.
TEST_F(AskAheadTest, WithoutAnObserver) {
  AskAhead asks(nullptr);
  for (int i = 0; i < 2; ++i) {
    into_ = {};
    ASSERT_OK(asks.read(file_, asks.plan(file_, ops_, true)));
    EXPECT_EQ(text(), content_);
  }
}

TEST_F(AskAheadTest, AReadThatFailsNamesWhatItWanted) {
  const ReadTarget none{.fd = -1, .path = path_, .size = 20, .transfer_bytes = 8};
  EXPECT_ERROR(asks_.read(none, asks_.plan(none, ops_, true)), Code::kIo,
               "/proc/version: read of 8 bytes at offset 0: Bad file descriptor");
  EXPECT_ERROR(read_buffered(none, ops_, nullptr), Code::kIo, "read of 8 bytes at offset 0: Bad file descriptor");
}

// Of each range the last request may be short: what a chunk takes of the depth are requests, not bytes.
TEST(PosixReadQueue, CountsRequestsOfColdFiles) {
  const auto storage = make_posix_storage();
  const auto file = storage->open("/proc/version", {.transfer_bytes = 8});
  ASSERT_OK(file);
  const auto queue = storage->make_read_queue({.depth = 5}, nullptr);
  const Lease memory = queue->lease(64);
  const ReadOp eight{0, memory.bytes().first(8)}, nine{0, memory.bytes().first(9)};
  queue->submit(1, **file, memory, {&eight, 1});
  EXPECT_FALSE(queue->wants_more()) << "nobody knows yet";
  ASSERT_OK(queue->wait(1, {}));
  const ReadOp both[] = {eight, nine};
  queue->submit(2, **file, memory, both);  // three requests
  EXPECT_TRUE(queue->wants_more());
  queue->submit(3, **file, memory, {&eight, 1});
  EXPECT_TRUE(queue->wants_more()) << "four of five";
  queue->submit(4, **file, memory, {&eight, 1});
  EXPECT_FALSE(queue->wants_more());
  for (const Ticket ticket : {2, 3, 4}) ASSERT_OK(queue->wait(ticket, {}));
  EXPECT_TRUE(queue->wants_more());

  const auto shallow = storage->make_read_queue({.depth = 1}, nullptr);
  for (int i = 0; i < 2; ++i) {
    shallow->submit(1, **file, memory, {&eight, 1});
    EXPECT_FALSE(shallow->wants_more()) << "one at a time gains nothing by another";
    ASSERT_OK(shallow->wait(1, {}));
  }
}

// The beginning of a range is in the cache, the rest is not.
TEST(AskAhead, WhatIsThereInPartIsCompleted) {
  const ::stoker::testing::TempDir dir;
  const Path path = dir.path() / "file";
  std::string content(256 * 1024, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i / 1000);
  std::ofstream(path) << content;
  ASSERT_OK(drop_file_cache(path));
  if (*resident_bytes(path) > 0) GTEST_SKIP() << "the temporary folder is no storage that forgets";
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(::posix_fadvise(file.get(), 0, 0, POSIX_FADV_RANDOM), 0);  // no reading ahead
  std::byte one{};
  ASSERT_EQ(::pread(file.get(), &one, 1, 64 * 1024), 1);
  const ReadTarget target{.fd = file.get(), .path = path, .size = content.size(), .transfer_bytes = 64 * 1024};
  std::string into(64 * 1024, '?');
  const std::vector<ReadOp> ops{{64 * 1024, std::as_writable_bytes(std::span(into))}};
  Requests requests;
  AskAhead asks(&requests);
  ASSERT_OK(asks.read(target, asks.plan(target, ops, true)));
  EXPECT_TRUE(into == content.substr(64 * 1024, 64 * 1024));
  EXPECT_THAT(requests.all, ElementsAre(Request{1, 2, 64 * 1024, false})) << "one request, whatever was there of it";
}

// With two requests under way the next is asked for when it is submitted, with one when it is waited for.
TEST(PosixReadQueue, AsksAheadFromTwoRequestsOn) {
  const auto storage = make_posix_storage();
  const auto file = storage->open("/proc/version", {});
  ASSERT_OK(file);
  for (const unsigned depth : {1U, 2U}) {
    Requests requests;
    const auto queue = storage->make_read_queue({.depth = depth}, &requests);
    const Lease memory = queue->lease(8);
    const ReadOp op{0, memory.bytes()};
    for (int i = 0; i < 2; ++i) {
      requests.now = 100;
      queue->submit(1, **file, memory, {&op, 1});
      requests.now = 200;
      ASSERT_OK(queue->wait(1, {}));
    }
    EXPECT_EQ(requests.all.back().begin_ns, depth == 1 ? 201 : 101);
  }
}

}  // namespace
}  // namespace stoker::io
