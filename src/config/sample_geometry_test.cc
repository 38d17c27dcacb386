#include "config/sample_geometry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace stoker::config {
namespace {

using ::testing::ElementsAre;

struct Square {
  double length;
  DType dtype;
  std::int64_t side;
};

class SquareSample : public ::testing::TestWithParam<Square> {};

TEST_P(SquareSample, HasTheFloorOfTheRoot) {
  const Dataset dataset{.record_length_bytes = GetParam().length, .record_element_type = GetParam().dtype};
  EXPECT_THAT(sample_shape(dataset, 0), ElementsAre(GetParam().side, GetParam().side));
  EXPECT_EQ(sample_bytes(dataset, 7),
            static_cast<std::uint64_t>(GetParam().side * GetParam().side) * element_bytes(GetParam().dtype));
}

INSTANTIATE_TEST_SUITE_P(All, SquareSample,
                         ::testing::Values(Square{146600628, DType::kUint8, 12107},
                                           Square{2828486, DType::kUint8, 1681}, Square{114660.07, DType::kUint8, 338},
                                           Square{322957, DType::kUint8, 568}, Square{4096, DType::kUint8, 64},
                                           Square{4095, DType::kUint8, 63}, Square{1, DType::kUint8, 1},
                                           // Wider elements: as many bytes, not as many elements.
                                           Square{4096, DType::kFloat32, 32}, Square{2, DType::kFloat64, 1},
                                           // Where the rounding of sqrt would be one too high.
                                           Square{4503599761588223.0, DType::kUint8, 67108864}));

TEST(SampleShape, RecordDimsWin) {
  const Dataset dataset{.record_length_bytes = 4096, .record_dims = {3, 4, 5}, .record_element_type = DType::kFloat16};
  EXPECT_THAT(sample_shape(dataset, 0), ElementsAre(3, 4, 5));
  EXPECT_EQ(sample_bytes(dataset, 0), 120U);
}

// Anybody can claim them: they are neither looked for one by one nor more than a number can hold.
TEST(SampleShape, TheLargestIsThatOfTheDataSetThatIsAskedFor) {
  Dataset one, other;
  one.record_length_bytes = 10'000;
  one.record_length_bytes_stdev = 3'000;
  one.num_files_train = 50;
  other = one;
  other.num_files_train = 3;
  const auto largest = [](const Dataset& d) {
    std::uint64_t most = 0;
    for (std::int64_t g = 0; g < d.num_files_train; ++g)
      most = std::max(most, sample_bytes(d, static_cast<std::uint64_t>(g)));
    return most;
  };
  ASSERT_NE(largest(one), largest(other));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(largest_sample_bytes(one), largest(one));
    EXPECT_EQ(largest_sample_bytes(other), largest(other));
  }
  other.record_element_type = DType::kFloat64;
  EXPECT_EQ(largest_sample_bytes(other), largest(other));
}

TEST(SampleShape, SizesBeyondAllMeasureAreTheLargest) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 60;
  for (const double length : {0x1p60, 1e19, 1e308}) {
    EXPECT_EQ(sample_bytes({.record_length_bytes = length}, 0), kMost) << length;
    EXPECT_LE(sample_bytes({.record_length_bytes = length, .record_length_bytes_stdev = length}, 3), kMost) << length;
  }
  constexpr std::int64_t kLarge = 1'000'000'000'000'000'000;
  EXPECT_EQ(sample_bytes({.record_dims = {kLarge, kLarge}}, 0), kMost);
  EXPECT_EQ(sample_bytes({.record_dims = {kLarge, 2}}, 0), kMost);
  EXPECT_EQ(sample_bytes({.record_dims = {kLarge}}, 0), static_cast<std::uint64_t>(kLarge));
  EXPECT_EQ(sample_bytes({.record_dims = {1 << 30, 1 << 30}}, 0), kMost);
  EXPECT_EQ(sample_bytes({.record_dims = {1 << 30, 1 << 27}, .record_element_type = DType::kFloat64}, 0), kMost);
  EXPECT_EQ(sample_bytes({.record_dims = {1 << 30, 1 << 26}, .record_element_type = DType::kFloat64}, 0), kMost / 2);
  Workload workload;
  workload.dataset.record_dims = {kLarge, kLarge};
  EXPECT_EQ(record_bytes(workload), 0x1p60);
}

TEST(SampleShape, WithASpreadDependsOnTheFileAlone) {
  const Dataset dataset{.record_length_bytes = 146600628, .record_length_bytes_stdev = 68341808};
  std::set<std::vector<std::int64_t>> shapes;
  double sum = 0;
  double squares = 0;
  constexpr int kFiles = 20000;
  for (std::uint64_t g = 0; g < kFiles; ++g) {
    const std::vector<std::int64_t> shape = sample_shape(dataset, g);
    ASSERT_EQ(shape.size(), 2U);
    EXPECT_EQ(shape, sample_shape(dataset, g));
    shapes.insert(shape);
    for (const std::int64_t side : shape) {
      EXPECT_GE(side, 1);
      sum += static_cast<double>(side);
      squares += static_cast<double>(side) * static_cast<double>(side);
    }
  }
  const double mean = sum / (2 * kFiles);
  const double stdev = std::sqrt(squares / (2 * kFiles) - mean * mean);
  EXPECT_NEAR(mean, 12107, 60);  // four standard errors of the mean
  EXPECT_NEAR(stdev, 2822.2, 45);
  EXPECT_GT(shapes.size(), kFiles * 0.99);
}

TEST(SampleShape, SidesOfOneFileAreIndependent) {
  const Dataset dataset{.record_length_bytes = 1e6, .record_length_bytes_stdev = 1e5};
  double product = 0;
  constexpr int kFiles = 20000;
  for (std::uint64_t g = 0; g < kFiles; ++g) {
    const std::vector<std::int64_t> shape = sample_shape(dataset, g);
    product += (static_cast<double>(shape[0]) - 1000) / 50 * (static_cast<double>(shape[1]) - 1000) / 50;
  }
  EXPECT_NEAR(product / kFiles, 0, 0.04);
}

TEST(SampleShape, AWideSpreadNeverGoesBelowOne) {
  const Dataset dataset{.record_length_bytes = 100, .record_length_bytes_stdev = 10000};
  for (std::uint64_t g = 0; g < 1000; ++g) {
    for (const std::int64_t side : sample_shape(dataset, g)) EXPECT_GE(side, 1);
  }
}

TEST(RecordBytes, OfImagesIsTheConfiguredLength) {
  Workload w;
  w.dataset.record_length_bytes = 114660.07;
  EXPECT_DOUBLE_EQ(record_bytes(w), 114660.07);
  w.dataset.record_dims = {10, 20};
  w.dataset.record_element_type = DType::kFloat32;
  EXPECT_DOUBLE_EQ(record_bytes(w), 800);
}

TEST(RecordBytes, OfTablesIsTheSumOverReadColumns) {
  Workload w;
  w.dataset.format = FormatName::kParquet;
  w.dataset.record_length_bytes = 761;
  EXPECT_DOUBLE_EQ(record_bytes(w), 761);
  w.dataset.parquet.columns = {{.name = "a", .dtype = DType::kFloat32, .size = 13},
                               {.name = "b", .dtype = DType::kFloat64, .read = false},
                               {.name = "c", .dtype = DType::kBinary, .size = 24}};
  EXPECT_DOUBLE_EQ(record_bytes(w), 76);
  w.storage.columns = {"b"};
  EXPECT_DOUBLE_EQ(record_bytes(w), 8);
}

TEST(ParquetColumns, DefaultIsOneColumnOfTheSamplesBytes) {
  Dataset dataset{.record_length_bytes = 10000};
  EXPECT_THAT(parquet_columns(dataset, 0),
              ElementsAre(ColumnSpec{.name = "data", .dtype = DType::kUint8, .size = 10000}));
  dataset.parquet.columns = {{.name = "x"}};
  EXPECT_THAT(parquet_columns(dataset, 0), ElementsAre(ColumnSpec{.name = "x"}));
}

TEST(EffectiveColumns, StorageOptionsWinOverReadFlags) {
  Workload w;
  w.dataset.parquet.columns = {{.name = "a"}, {.name = "b", .read = false}, {.name = "c"}};
  EXPECT_EQ(effective_columns(w), w.dataset.parquet.columns);
  w.storage.columns = {"b", "c"};
  const std::vector<ColumnSpec> columns = effective_columns(w);
  EXPECT_FALSE(columns[0].read);
  EXPECT_TRUE(columns[1].read);
  EXPECT_TRUE(columns[2].read);
}

struct Width {
  ColumnSpec column;
  std::uint64_t bytes;
  bool vector;
};

class ColumnWidth : public ::testing::TestWithParam<Width> {};

TEST_P(ColumnWidth, CountsAsResultsDo) {
  EXPECT_EQ(row_bytes(GetParam().column), GetParam().bytes);
  EXPECT_EQ(is_vector(GetParam().column), GetParam().vector);
}

INSTANTIATE_TEST_SUITE_P(
    All, ColumnWidth,
    ::testing::Values(Width{{.dtype = DType::kBool, .size = 5}, 1, false}, Width{{.dtype = DType::kInt8}, 1, false},
                      Width{{.dtype = DType::kUint16, .size = 3}, 6, true}, Width{{.dtype = DType::kFloat16}, 2, false},
                      Width{{.dtype = DType::kFloat64, .size = 2}, 16, true},
                      Width{{.dtype = DType::kBinary, .size = 24}, 24, false},
                      Width{{.dtype = DType::kString, .size = 9}, 12, false}, Width{{.dtype = DType::kList}, 4, true},
                      Width{{.dtype = DType::kList, .size = 5}, 20, true}));

TEST(DTypeNames, GoBothWays) {
  for (const char* name : {"uint8", "int64", "float16", "bool", "complex128", "string", "binary", "list"}) {
    const auto dtype = parse_dtype(name);
    ASSERT_TRUE(dtype.has_value()) << name;
    EXPECT_EQ(to_string(*dtype), name);
  }
  EXPECT_FALSE(parse_dtype("float").has_value());
  EXPECT_EQ(element_bytes(DType::kComplex64), 8U);
}

}  // namespace
}  // namespace stoker::config
