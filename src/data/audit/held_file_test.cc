#include "data/audit/held_file.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/testing/status_matchers.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::audit {
namespace {

using Op = io::testing::MemCall::Op;

std::string text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class HeldFileTest : public ::testing::Test {
 protected:
  // The bytes [offset, offset + size) of the file at the path, asked of what holds it.
  Result<std::string> read(const io::Path& path, std::uint64_t offset, std::size_t size) {
    STOKER_ASSIGN(const auto file, held_.open(path, {}));
    std::vector<std::byte> memory(size);
    STOKER_TRY(io::read_at(*file, offset, memory));
    return text_of(memory);
  }

  io::testing::MemStorage storage_;
  HeldFile held_{storage_};
};

TEST_F(HeldFileTest, IsReadOnce) {
  storage_.put("/a", "some text");
  ASSERT_OK(held_.take("/a"));
  EXPECT_EQ(held_.file().size(), 9U);
  EXPECT_EQ(text_of(held_.bytes().value()), "some text");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(*read("/a", 5, 4), "text");
  EXPECT_EQ(*read("/a", 9, 0), "");
  EXPECT_EQ((*held_.open("/a", {}))->size(), 9U);
  EXPECT_EQ((*held_.open("/a", {}))->path(), "/a");
  EXPECT_EQ(storage_.count(Op::kOpen), 1U);
  EXPECT_EQ(storage_.count(Op::kRead), 1U);
}

TEST_F(HeldFileTest, IsOnlyOpenedOnceWhenItIsLarge) {
  storage_.put("/large", std::string(HeldFile::kBytesMax, 'a') + "b");
  ASSERT_OK(held_.take("/large"));
  EXPECT_FALSE(held_.bytes().has_value());
  EXPECT_EQ(storage_.count(Op::kRead), 0U);
  EXPECT_EQ(*read("/large", HeldFile::kBytesMax - 1, 2), "ab");
  EXPECT_EQ(storage_.count(Op::kOpen), 1U);
  storage_.put("/whole", std::string(HeldFile::kBytesMax, 'a'));
  ASSERT_OK(held_.take("/whole"));
  EXPECT_EQ(held_.bytes().value().size(), HeldFile::kBytesMax);
}

TEST_F(HeldFileTest, GivesWayToTheNext) {
  storage_.put("/a", "1");
  storage_.put("/b", "23");
  ASSERT_OK(held_.take("/a"));
  EXPECT_EQ(*read("/b", 0, 2), "23");  // another file is asked of the storage
  ASSERT_OK(held_.take("/b"));
  EXPECT_EQ(*read("/b", 0, 2), "23");
  EXPECT_EQ(*read("/a", 0, 1), "1");
  EXPECT_EQ(storage_.count(Op::kOpen), 4U);
  EXPECT_ERROR(held_.take("/none"), Code::kNotFound, "/none: open: No such file or directory");
  EXPECT_FALSE(held_.bytes().has_value());
  EXPECT_EQ(*read("/b", 0, 2), "23");
  EXPECT_EQ(storage_.count(Op::kOpen), 6U);
}

TEST_F(HeldFileTest, HasAnEnd) {
  storage_.put("/a", "some text");
  ASSERT_OK(held_.take("/a"));
  EXPECT_ERROR(read("/a", 8, 2), Code::kCorrupt, "/a: file ends at byte 9, where 2 bytes at offset 8 were expected");
  EXPECT_ERROR(read("/a", 10, 0), Code::kCorrupt, "/a: file ends at byte 9, where 0 bytes at offset 10 were expected");
  storage_.put("/empty", "");
  ASSERT_OK(held_.take("/empty"));
  EXPECT_EQ(held_.bytes().value().size(), 0U);
  EXPECT_ERROR(read("/empty", 0, 1), Code::kCorrupt, "/empty: file ends at byte 0");
}

TEST_F(HeldFileTest, IsNotWhatIsOpenedDirect) {
  storage_.put("/a", "some text");
  ASSERT_OK(held_.take("/a"));
  EXPECT_EQ((*held_.open("/a", {.direct = true}))->alignment(), 4096U);
}

}  // namespace
}  // namespace stoker::audit
