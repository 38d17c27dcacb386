#include "data/format/parquet/wire/thrift_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace stoker::format::parquet {
namespace {

using ::testing::ElementsAreArray;

template <class Write>
std::vector<int> encoded(Write write) {
  std::vector<std::byte> out;
  ThriftWriter w(out);
  w.begin_struct();
  write(w);
  w.end_struct();
  std::vector<int> numbers;
  for (const std::byte b : out) numbers.push_back(static_cast<int>(b));
  return numbers;
}

// The expected bytes are those of Thrift's compact protocol specification: field header (id delta << 4 | type), zigzag
// varints.
TEST(ThriftWriter, Integers) {
  EXPECT_THAT(encoded([](auto& w) { w.i32(1, 7); }), ElementsAreArray(std::vector<int>{0x15, 14, 0}));
  EXPECT_THAT(encoded([](auto& w) { w.i32(3, -1); }), ElementsAreArray(std::vector<int>{0x35, 1, 0}));
  EXPECT_THAT(encoded([](auto& w) { w.i64(1, 300); }), ElementsAreArray(std::vector<int>{0x16, 0xD8, 0x04, 0}));
  EXPECT_THAT(encoded([](auto& w) { w.i64(1, std::numeric_limits<std::int64_t>::min()); }),
              ElementsAreArray(std::vector<int>{0x16, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0}));
  EXPECT_THAT(encoded([](auto& w) { w.i8(1, -2); }), ElementsAreArray(std::vector<int>{0x13, 0xFE, 0}));
  EXPECT_THAT(encoded([](auto& w) {
                w.boolean(1, true);
                w.boolean(2, false);
              }),
              ElementsAreArray(std::vector<int>{0x11, 0x12, 0}));
}

TEST(ThriftWriter, IdsAreRelativeToThePreviousFieldOfTheSameStruct) {
  EXPECT_THAT(encoded([](auto& w) {
                w.i32(4, 0);
                w.field_struct(10);
                w.i32(1, 1);
                w.end_struct();
                w.i32(11, 2);
              }),
              ElementsAreArray(std::vector<int>{0x45, 0, 0x6C, 0x15, 2, 0, 0x15, 4, 0}));
}

TEST(ThriftWriter, StringsAndLists) {
  EXPECT_THAT(encoded([](auto& w) { w.binary(2, "ab"); }), ElementsAreArray(std::vector<int>{0x28, 2, 'a', 'b', 0}));
  EXPECT_THAT(encoded([](auto& w) {
                w.list(1, ThriftWriter::Type::kI32, 2);
                w.element(1);
                w.element(-1);
              }),
              ElementsAreArray(std::vector<int>{0x19, 0x25, 2, 1, 0}));
  // 15 elements and more: the size follows as a varint.
  std::vector<int> long_list = encoded([](auto& w) {
    w.list(1, ThriftWriter::Type::kBinary, 200);
    for (int i = 0; i < 200; ++i) w.element(std::string_view("x"));
  });
  long_list.resize(6);
  EXPECT_THAT(long_list, ElementsAreArray(std::vector<int>{0x19, 0xF8, 0xC8, 0x01, 1, 'x'}));
}

TEST(ThriftWriterDeathTest, RefusesFieldsOutOfOrder) {
  EXPECT_DEATH(encoded([](auto& w) {
                 w.i32(2, 0);
                 w.i32(1, 0);
               }),
               "ascending order");
}

}  // namespace
}  // namespace stoker::format::parquet
