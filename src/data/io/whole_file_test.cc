#include "data/io/whole_file.h"

#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "data/io/testing/faulty_storage.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::io {
namespace {

using testing::FaultyStorage;
using testing::MemCall;
using testing::MemStorage;

TEST(WholeFile, GoesThereAndBack) {
  MemStorage storage;
  ASSERT_OK(storage.make_directories("/d"));
  for (const std::string& text : {std::string("first"), std::string(), std::string(100'000, 'x')}) {
    ASSERT_OK(replace_whole(storage, "/d/f", text));
    EXPECT_EQ(*read_whole(storage, "/d/f"), text);
  }
}

TEST(WholeFile, SurvivesACrash) {
  MemStorage storage;
  ASSERT_OK(storage.make_directories("/d"));
  ASSERT_OK(replace_whole(storage, "/d/f", "text"));
  const std::vector<MemCall> calls = storage.calls();
  ASSERT_EQ(calls.size(), 3U);
  EXPECT_EQ(calls[2], (MemCall{.op = MemCall::Op::kCommit, .path = "/d/f", .durable = true}));
}

TEST(WholeFile, AFullStorageLeavesTheOldOne) {
  MemStorage memory;
  memory.put("/d/f", "old");
  testing::Faults faults;
  faults.space_bytes = 2;
  FaultyStorage storage(memory, faults);
  EXPECT_ERROR(replace_whole(storage, "/d/f", "new text"), Code::kNoSpace, "/d/f");
  EXPECT_EQ(*read_whole(memory, "/d/f"), "old");
}

TEST(WholeFile, SizesHaveALimit) {
  MemStorage storage;
  storage.put("/d/f", "1234");
  EXPECT_EQ(*read_whole(storage, "/d/f", 4), "1234");
  EXPECT_ERROR(read_whole(storage, "/d/f", 3), Code::kCorrupt, "/d/f: found 4 bytes, expected at most 3");
  EXPECT_ERROR(read_whole(storage, "/d/g"), Code::kNotFound, "/d/g");
}

}  // namespace
}  // namespace stoker::io
