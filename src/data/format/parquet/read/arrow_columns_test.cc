// Decode depth `arrow`, completed, has the columns of decode depth `arrays`.
#include "data/format/parquet/read/arrow_columns.h"

#include <arrow/type.h>
#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "data/format/parquet/parquet_internal.h"
#include "data/format/parquet/testing/arrow_files.h"
#include "data/format/parquet/testing/flat_columns.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::parquet {
namespace {

// All chunks of the file, and whether levels were left out as the contract of ColumnView wants it.
Result<std::vector<testing::FlatColumn>> read_whole(const std::vector<std::byte>& bytes, config::Decode decode,
                                                    std::uint64_t rows_at_a_time) {
  io::testing::MemStorage storage;
  storage.put("f.parquet", bytes);
  config::Workload workload;
  workload.dataset.parquet.decode = decode;
  return testing::read_with_stoker(storage, "f.parquet", workload,
                                   {.pieces = testing::pieces_of(rows_at_a_time), .complete = true});
}

void expect_one(const ::arrow::Schema& schema, double nulls, std::int64_t distinct) {
  SCOPED_TRACE(schema.ToString());
  const auto table = testing::random_table(std::make_shared<::arrow::Schema>(schema),
                                           {.rows = 300, .nulls = nulls, .distinct = distinct});
  ::parquet::WriterProperties::Builder builder;
  const auto bytes = testing::write_with_arrow(*table, builder.build(), {.row_group_rows = 130});
  for (const std::uint64_t rows : {1000U, 7U}) {
    const auto arrays = read_whole(bytes, config::Decode::kArrays, rows);
    const auto arrow = read_whole(bytes, config::Decode::kArrow, rows);
    ASSERT_OK(arrays);
    ASSERT_OK(arrow);
    EXPECT_EQ(testing::difference(*arrays, *arrow), "");
    EXPECT_EQ(arrays->empty(), false);
  }
}

std::vector<std::shared_ptr<::arrow::DataType>> types() {
  const auto record = ::arrow::struct_({::arrow::field("a", ::arrow::int16()),
                                        ::arrow::field("b", ::arrow::list(::arrow::field("item", ::arrow::utf8()))),
                                        ::arrow::field("c", ::arrow::float64(), false)});
  return {::arrow::int8(),
          ::arrow::uint16(),
          ::arrow::uint32(),
          ::arrow::int64(),
          ::arrow::float32(),
          ::arrow::boolean(),
          ::arrow::utf8(),
          ::arrow::binary(),
          ::arrow::fixed_size_binary(3),
          ::arrow::list(::arrow::field("item", ::arrow::int8())),
          ::arrow::list(::arrow::field("item", ::arrow::int8(), false)),
          ::arrow::fixed_size_list(::arrow::field("item", ::arrow::float32()), 3),
          ::arrow::fixed_size_list(::arrow::field("item", ::arrow::float32(), false), 3),
          ::arrow::list(::arrow::field("item", ::arrow::list(::arrow::field("item", ::arrow::utf8())))),
          record,
          ::arrow::list(::arrow::field("item", record))};
}

TEST(ArrowColumns, AreThoseOfDecodeArrays) {
  for (const auto& type : types()) {
    for (const bool nullable : {true, false}) {
      expect_one(::arrow::Schema({::arrow::field("x", type, nullable)}), nullable ? 0.3 : 0, 0);
    }
    expect_one(::arrow::Schema({::arrow::field("x", type)}), 0, 5);
  }
}

TEST(ArrowColumns, StandInTheOrderOfTheFile) {
  std::vector<std::shared_ptr<::arrow::Field>> fields;
  for (const auto& type : types()) fields.push_back(::arrow::field(fmt::format("x{}", fields.size()), type));
  expect_one(::arrow::Schema(fields), 0.3, 0);
}

}  // namespace
}  // namespace stoker::format::parquet
