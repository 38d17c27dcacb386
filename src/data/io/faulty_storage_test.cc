// The storages for tests keep their promises; other folders' tests rest on them.
#include "data/io/testing/faulty_storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/aligned_buffer.h"
#include "base/testing/status_matchers.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::io::testing {
namespace {

TEST(MemStorage, RecordsWhatWasAsked) {
  MemStorage storage;
  storage.put("/d/file", "hello world");
  auto file = storage.open("/d/file", {});
  ASSERT_OK(file);
  std::byte into[5];
  ASSERT_OK(read_at(**file, 6, into));
  EXPECT_EQ(std::memcmp(into, "world", 5), 0);
  EXPECT_THAT(storage.calls(),
              ::testing::ElementsAre(MemCall{.op = MemCall::Op::kOpen, .path = "/d/file"},
                                     MemCall{.op = MemCall::Op::kRead, .path = "/d/file", .offset = 6, .length = 5}));
  storage.clear_calls();
  EXPECT_EQ(storage.count(MemCall::Op::kRead), 0U);
}

TEST(MemStorage, DirectFilesDemandAlignmentAndSpoilWhatLiesBehindTheEnd) {
  MemStorage storage(512);
  storage.put("file", "abc");
  auto file = storage.open("file", {.direct = true});
  ASSERT_OK(file);
  EXPECT_EQ((*file)->alignment(), 512U);
  AlignedBuffer buffer(512);
  ASSERT_OK(read_at(**file, 0, buffer.bytes()));
  EXPECT_EQ(buffer.data()[2], std::byte{'c'});
  EXPECT_EQ(buffer.data()[3], std::byte{0xDB});
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH((void)read_at(**file, 0, buffer.bytes().first(3)), "not aligned");
}

TEST(MemStorage, CanBeWithoutDirectIo) {
  MemStorage storage(0);
  storage.put("file", "abc");
  EXPECT_ERROR(storage.open("file", {.direct = true}), Code::kUnsupported, "O_DIRECT");
  EXPECT_OK(storage.open("file", {}));
}

TEST(MemStorage, SpellingsOfAPathAreOneFile) {
  MemStorage storage;
  storage.put("./data/a", "1");
  EXPECT_TRUE(*storage.exists("data//a"));
  EXPECT_EQ(storage.list("data/")->size(), 1U);
  EXPECT_EQ(storage.list(".")->size(), 1U);
}

class FaultyStorageTest : public ::testing::Test {
 protected:
  FaultyStorageTest() { mem_.put("/d/file", std::string(100, 'x')); }

  static Status read(ReadableFile& file, std::uint64_t offset, std::size_t length) {
    std::vector<std::byte> into(length);
    return read_at(file, offset, into);
  }

  MemStorage mem_;
};

TEST_F(FaultyStorageTest, FailsTheRequestedReadOnly) {
  FaultyStorage storage(mem_, {.fail_read = 2});
  auto file = storage.open("/d/file", {});
  ASSERT_OK(file);
  EXPECT_OK(read(**file, 0, 10));
  EXPECT_ERROR(read(**file, 20, 10), Code::kIo, "/d/file: read of 10 bytes at offset 20: Input/output error");
  EXPECT_OK(read(**file, 20, 10));
  EXPECT_EQ(storage.reads(), 3U);
}

TEST_F(FaultyStorageTest, ShortFilesEndEarlyButSayOtherwise) {
  mem_.put("/d/other", std::string(100, 'x'));
  FaultyStorage storage(mem_, {.short_bytes = 50, .short_path = "file"});
  auto file = storage.open("/d/file", {});
  ASSERT_OK(file);
  EXPECT_EQ((*file)->size(), 100U);
  EXPECT_OK(read(**file, 0, 50));
  EXPECT_ERROR(read(**file, 0, 51), Code::kCorrupt, "/d/file: file ends at byte 50");
  EXPECT_OK(read(**storage.open("/d/other", {}), 0, 100));
}

TEST_F(FaultyStorageTest, CallsBackBeforeEachRead) {
  std::vector<std::uint64_t> offsets;
  FaultyStorage storage(mem_, {.before_read = [&](const Path&, const ReadOp& op) { offsets.push_back(op.offset); }});
  auto file = storage.open("/d/file", {});
  ASSERT_OK(file);
  std::byte into[2];
  const ReadOp ops[] = {{7, MutBytes(into).first(1)}, {3, MutBytes(into).last(1)}};
  ASSERT_OK((*file)->read_many(ops, nullptr));
  EXPECT_THAT(offsets, ::testing::ElementsAre(7, 3));
}

TEST_F(FaultyStorageTest, RunsOutOfSpaceAfterWhatFits) {
  FaultyStorage storage(mem_, {.space_bytes = 10});
  auto file = storage.create("/d/new");
  ASSERT_OK(file);
  const std::byte data[8] = {};
  EXPECT_OK((*file)->append(data));
  EXPECT_ERROR((*file)->append(data), Code::kNoSpace, "/d/new: write of 6 bytes at offset 10: No space left");
  EXPECT_EQ((*file)->position(), 10U);
  EXPECT_FALSE(*mem_.exists("/d/new"));
  EXPECT_EQ(storage.bytes_written(), 10U);
}

TEST_F(FaultyStorageTest, RefusesToOpenCreateAndCommit) {
  FaultyStorage storage(mem_, {.fail_open = "file", .fail_create = "bad", .fail_commit = true});
  EXPECT_ERROR(storage.open("/d/file", {}), Code::kPermission, "/d/file: open: Permission denied");
  EXPECT_ERROR(storage.create("/d/bad"), Code::kPermission, "/d/bad: create");
  auto file = storage.create("/d/good");
  ASSERT_OK(file);
  EXPECT_ERROR((*file)->commit(), Code::kIo, "/d/good: close");
  EXPECT_FALSE(*mem_.exists("/d/good"));
}

}  // namespace
}  // namespace stoker::io::testing
