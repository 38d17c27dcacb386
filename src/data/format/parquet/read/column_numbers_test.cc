#include "data/format/parquet/read/column_numbers.h"

#include <gmock/gmock.h>

#include "base/testing/status_matchers.h"
#include "data/format/parquet/parquet_internal.h"
#include "data/format/parquet/read/footer.h"
#include "data/format/parquet/testing/arrow_files.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::parquet {
namespace {

using ::arrow::field;
using ::testing::ElementsAre;

struct File {
  std::vector<NamedColumn> columns;
  std::uint64_t number = 0, number_when_open = 0;
};

// As outline, columns and an open file tell them, which must agree.
File file_of(const ::arrow::FieldVector& fields, bool store_schema = true, std::int64_t rows = 3) {
  const auto table = testing::random_table(::arrow::schema(fields), {.rows = rows});
  io::testing::MemStorage storage;
  storage.put("f.parquet", testing::write_with_arrow(*table, ::parquet::default_writer_properties(),
                                                     {.store_schema = store_schema}));
  const auto reader = *make_parquet_reader({}, storage);
  File file;
  const auto outline = reader->outline("f.parquet");
  EXPECT_OK(outline);
  if (outline) {
    file.number = outline->columns;
    EXPECT_EQ(outline->rows, static_cast<std::uint64_t>(rows));
  }
  const auto columns = reader->columns("f.parquet");
  EXPECT_OK(columns);
  if (columns) file.columns = *columns;
  const auto open = reader->open("f.parquet", nullptr);
  EXPECT_OK(open);
  if (open) file.number_when_open = (*open)->columns();
  return file;
}

TEST(ColumnNumbers, NamesAreThoseOfTheTable) {
  const File file =
      file_of({field("a", ::arrow::int8()), field("v", ::arrow::fixed_size_list(::arrow::float32(), 12)),
               field("l", ::arrow::list(::arrow::utf8())), field("ll", ::arrow::list(::arrow::list(::arrow::int64()))),
               field("s", ::arrow::struct_({field("x", ::arrow::int32()), field("y", ::arrow::uint8())}))});
  EXPECT_THAT(file.columns, ElementsAre(NamedColumn{"a", "int8"}, NamedColumn{"v", "list of float32"},
                                        NamedColumn{"l", "list of string"}, NamedColumn{"ll", "list of list of int64"},
                                        NamedColumn{"s.x", "int32"}, NamedColumn{"s.y", "uint8"}));
  EXPECT_NE(file.number, 0U);
  EXPECT_EQ(file.number, file.number_when_open);
}

TEST(ColumnNumbers, RowsOrderAndNullsDoNotMatter) {
  const File file = file_of({field("a", ::arrow::int32()), field("b", ::arrow::utf8())});
  EXPECT_EQ(file_of({field("b", ::arrow::utf8()), field("a", ::arrow::int32())}).number, file.number);
  EXPECT_EQ(file_of({field("a", ::arrow::int32(), false), field("b", ::arrow::utf8())}).number, file.number);
  EXPECT_EQ(file_of({field("a", ::arrow::int32()), field("b", ::arrow::utf8())}, true, 7).number, file.number);
  EXPECT_EQ(file_of({field("a", ::arrow::int32()), field("b", ::arrow::utf8())}, false).number, file.number);
}

TEST(ColumnNumbers, NamesAndTypesDo) {
  const std::uint64_t number = file_of({field("a", ::arrow::int32()), field("b", ::arrow::int64())}).number;
  EXPECT_NE(file_of({field("a", ::arrow::int64()), field("b", ::arrow::int32())}).number, number);
  EXPECT_NE(file_of({field("a", ::arrow::uint32()), field("b", ::arrow::int64())}).number, number);
  EXPECT_NE(file_of({field("A", ::arrow::int32()), field("b", ::arrow::int64())}).number, number);
  EXPECT_NE(file_of({field("a", ::arrow::int32())}).number, number);
  const auto list = [](std::int32_t size) {
    return file_of({field("v", ::arrow::fixed_size_list(::arrow::float32(), size))}).number;
  };
  EXPECT_EQ(list(4), list(5)) << "samples may differ in size";
}

TEST(ColumnNumbers, ASchemaIsLookedAtOnceAndManyAreForgotten) {
  ColumnNumbers numbers;
  const std::vector<std::byte> nonsense{std::byte{0x10}};
  EXPECT_ERROR(numbers.of(nonsense), Code::kCorrupt, "the schema cannot be read");
  std::uint64_t first = 0;
  for (int i = 0; i < 600; ++i) {
    const auto table =
        testing::random_table(::arrow::schema({field(fmt::format("a{}", i % 300), ::arrow::int32())}), {.rows = 1});
    io::testing::MemStorage storage;
    storage.put("f", testing::write_with_arrow(*table, ::parquet::default_writer_properties()));
    const auto file = storage.open("f", {});
    ASSERT_OK(file);
    const auto footer = read_footer(**file, nullptr);
    ASSERT_OK(footer);
    const auto outline = outline_footer(footer->bytes);
    ASSERT_OK(outline);
    const auto number = numbers.of(outline->schema_footer);
    ASSERT_OK(number);
    if (i == 0) first = *number;
    EXPECT_EQ(*number == first, i % 300 == 0) << i;
  }
}

}  // namespace
}  // namespace stoker::format::parquet
