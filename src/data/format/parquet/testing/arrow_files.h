// Parquet files in memory, made by Arrow's writer, for tests and benchmarks.
#pragma once

#include <arrow/table.h>
#include <arrow/type.h>
#include <parquet/properties.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace stoker::format::parquet::testing {

// A seeded array of `rows` values of any type that write_with_arrow's tables need: integers, floats, booleans, strings,
// binaries, fixed binaries, and lists, fixed-size lists, structs and maps of them. Where the field is nullable, a value
// is null with probability `nulls`. `distinct` > 0: so many different numbers (and strings), so that dictionaries pay.
struct ArraySpec {
  std::uint64_t seed = 1;
  std::int64_t rows = 0;
  double nulls = 0;
  std::int64_t distinct = 0;
  std::int64_t max_list = 5;    // elements of a variable list: 0 to that
  std::int64_t max_bytes = 20;  // of a string or binary
};
[[nodiscard]] std::shared_ptr<::arrow::Array> random_array(const std::shared_ptr<::arrow::Field>& field,
                                                           const ArraySpec& spec);
[[nodiscard]] std::shared_ptr<::arrow::Table> random_table(const std::shared_ptr<::arrow::Schema>& schema,
                                                           const ArraySpec& spec);

// The bytes of a file; aborts on errors.
struct WriteOptions {
  std::int64_t row_group_rows = 1 << 20;
  bool store_schema = true;
};
[[nodiscard]] std::vector<std::byte> write_with_arrow(const ::arrow::Table& table,
                                                      const std::shared_ptr<::parquet::WriterProperties>& properties,
                                                      const WriteOptions& options = {});

// PLAIN, no dictionary, no statistics, no compression: what a storage benchmark likes to read.
void plain(::parquet::WriterProperties::Builder& builder);

}  // namespace stoker::format::parquet::testing
