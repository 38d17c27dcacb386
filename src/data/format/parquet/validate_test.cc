#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "data/format/parquet/parquet_internal.h"

namespace stoker::format::parquet {
namespace {

using config::Compression;
using config::DType;

config::Workload workload() {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.parquet.columns = {{.name = "a", .dtype = DType::kFloat32}, {.name = "b", .dtype = DType::kInt32}};
  return w;
}

TEST(ValidateParquet, AcceptsItsCodecs) {
  for (const Compression c :
       {Compression::kNone, Compression::kSnappy, Compression::kGzip, Compression::kZstd, Compression::kLz4}) {
    config::Workload w = workload();
    w.dataset.compression = c;
    EXPECT_OK(validate_parquet(w));
    w.dataset.compression_level = 4;  // of no meaning to snappy and lz4
    EXPECT_OK(validate_parquet(w));
  }
}

TEST(ValidateParquet, RefusesOtherCodecsByName) {
  for (const Compression c : {Compression::kLzf, Compression::kBz2, Compression::kZip, Compression::kXz}) {
    config::Workload w = workload();
    w.dataset.compression = c;
    const Status status = validate_parquet(w);
    EXPECT_ERROR(status, Code::kConfig, fmt::format("dataset.compression: '{}'", config::to_string(c)));
    EXPECT_THAT(status.error().hint, ::testing::HasSubstr("none, snappy, gzip, zstd, lz4"));
  }
}

TEST(ValidateParquet, RefusesLevelsOutOfRange) {
  config::Workload w = workload();
  w.dataset.compression = Compression::kGzip;
  w.dataset.compression_level = 10;
  EXPECT_ERROR(validate_parquet(w), Code::kConfig,
               "dataset.compression_level: 10 is out of the range of 'gzip', 1 to 9");
  w.dataset.compression = Compression::kZstd;
  EXPECT_OK(validate_parquet(w));
  w.dataset.compression_level = 23;
  EXPECT_ERROR(validate_parquet(w), Code::kConfig, "'zstd'");
}

TEST(ValidateParquet, RefusesColumnsThatParquetCannotHold) {
  config::Workload w = workload();
  w.dataset.parquet.columns[1].dtype = DType::kComplex64;
  EXPECT_ERROR(validate_parquet(w), Code::kConfig, "column 'b' (complex64, size 1): Parquet has no type for it");
  w = workload();
  w.dataset.parquet.columns[0].size = 0;
  EXPECT_ERROR(validate_parquet(w), Code::kConfig, "column 'a' (float32, size 0): the size must be at least 1");
  w.dataset.parquet.columns[0].size = std::int64_t{1} << 31;
  EXPECT_ERROR(validate_parquet(w), Code::kConfig, "the size may be at most");
  w = workload();
  w.dataset.parquet.columns[1].name = "a";
  EXPECT_ERROR(validate_parquet(w), Code::kConfig, "column 'a' is given twice");
  w.dataset.parquet.columns[1].name = "";
  EXPECT_ERROR(validate_parquet(w), Code::kConfig, "column 1 has an empty name");
}

TEST(ValidateParquet, RefusesSamplesBeyondAListsLength) {
  config::Workload w = workload();
  w.dataset.parquet.columns.clear();
  w.dataset.record_length_bytes = 1e9;
  EXPECT_OK(validate_parquet(w));
  w.dataset.record_length_bytes = 5e9;
  EXPECT_ERROR(validate_parquet(w), Code::kConfig, "column 'data'");
}

TEST(ValidateParquet, ChecksThePartitionColumn) {
  config::Workload w = workload();
  w.dataset.parquet.partition_by = "b";
  EXPECT_OK(validate_parquet(w));
  w.dataset.parquet.partition_by = "c";
  EXPECT_ERROR(validate_parquet(w), Code::kConfig, "dataset.parquet.partition_by: found 'c'");
  w.dataset.parquet.partition_by = "b";
  w.dataset.parquet.columns.erase(w.dataset.parquet.columns.begin());
  EXPECT_ERROR(validate_parquet(w), Code::kConfig, "only column");
}

TEST(ValidateParquet, ChecksRowCounts) {
  config::Workload w = workload();
  w.dataset.parquet.row_group_size = 0;
  EXPECT_ERROR(validate_parquet(w), Code::kConfig, "dataset.parquet.row_group_size: found 0");
  w = workload();
  w.dataset.parquet.generation_batch_size = -1;
  EXPECT_ERROR(validate_parquet(w), Code::kConfig, "dataset.parquet.generation_batch_size: found -1");
}

TEST(ValidateParquet, AWriterIsNotMadeOfABadConfiguration) {
  config::Workload w = workload();
  w.dataset.compression = Compression::kBz2;
  EXPECT_ERROR(make_parquet_writer(w), Code::kConfig, "bz2");
}

}  // namespace
}  // namespace stoker::format::parquet
