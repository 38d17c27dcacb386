// After the largest unit was read once, reading allocates nothing: asserted by counting operator new.
#include <arrow/type.h>
#include <gtest/gtest.h>

#include <memory>

#include "base/testing/status_matchers.h"
#include "data/format/chunk_reader.h"
#include "data/format/parquet/parquet_internal.h"
#include "data/format/parquet/testing/arrow_files.h"
#include "data/format/parquet/testing/one_file_storage.h"
#include "data/format/testing/counting_new.h"
#include "data/io/storage.h"

namespace stoker::format::parquet {
namespace {

class SteadyMemory : public ::testing::TestWithParam<bool> {};

TEST_P(SteadyMemory, NoAllocationAfterTheLargestUnit) {
  const bool defaults = GetParam();
  std::vector<std::shared_ptr<::arrow::Field>> fields;
  for (int i = 0; i < 8; ++i) {
    fields.push_back(::arrow::field(fmt::format("b{}", i), ::arrow::int8(), defaults));
    fields.push_back(::arrow::field(fmt::format("f{}", i), ::arrow::float32(), defaults));
  }
  fields.push_back(::arrow::field("s", ::arrow::utf8(), defaults));
  fields.push_back(::arrow::field("t", ::arrow::boolean(), defaults));
  fields.push_back(
      ::arrow::field("v", ::arrow::fixed_size_list(::arrow::field("element", ::arrow::float32(), false), 50), false));
  ::parquet::WriterProperties::Builder builder;
  if (!defaults) testing::plain(builder);
  const auto bytes = testing::write_with_arrow(
      *testing::random_table(::arrow::schema(fields), {.rows = 6000, .nulls = defaults ? 0.1 : 0, .distinct = 100}),
      builder.build(), {.row_group_rows = 500});
  testing::OneFileStorage storage(bytes);
  const auto reader = make_parquet_reader({}, storage);
  ASSERT_OK(reader);
  const auto file = (*reader)->open("f.parquet", nullptr);
  ASSERT_OK(file);
  ChunkReader chunks;
  Chunk chunk;
  std::uint64_t rows = 0;
  const auto read_all = [&] {
    for (std::size_t u = 0; u < (*file)->units().size(); ++u) {
      const Unit& unit = (*file)->units()[u];
      if (!chunks.fetch(**file, {u, unit.first_row, unit.rows}) || !chunks.decompress(**file) ||
          !chunks.decode(**file, chunk)) {
        return;
      }
      rows += chunk.rows;
    }
  };
  read_all();
  read_all();
  const std::uint64_t before = format::testing::allocations();
  read_all();
  EXPECT_EQ(format::testing::allocations() - before, 0U);
  EXPECT_EQ(rows, 3U * 6000);
}

INSTANTIATE_TEST_SUITE_P(Plain, SteadyMemory, ::testing::Values(false));
INSTANTIATE_TEST_SUITE_P(Defaults, SteadyMemory, ::testing::Values(true));

}  // namespace
}  // namespace stoker::format::parquet
