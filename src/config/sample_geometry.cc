#include "config/sample_geometry.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>
#include <tuple>
#include <utility>

#include "base/hash.h"
#include "config/formats.h"

namespace stoker::config {
namespace {

// DLIO draws shapes from seed 10; so do we, but per file, so that a file's shape depends on its index only.
constexpr std::uint64_t kShapeSeed = 10;

// A size can be claimed by anybody: larger ones count as this, which no file can hold either.
constexpr std::uint64_t kBytesMost = std::uint64_t{1} << 60;

// Uniform in (0, 1]: never 0, whose logarithm is not finite.
double unit_interval(std::uint64_t bits) {
  return (static_cast<double>(bits >> 11) + 1.0) * 0x1p-53;
}

// Two independent standard normal numbers for file g (Box and Muller, 1958).
std::array<double, 2> normal_pair(std::uint64_t g) {
  const std::uint64_t stream = derive_seed(kShapeSeed, g);
  const double radius = std::sqrt(-2.0 * std::log(unit_interval(mix64(stream))));
  const double angle = 2.0 * std::numbers::pi * unit_interval(mix64(stream + 1));
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

// Of a sample of that shape.
std::uint64_t bytes_of(const std::vector<std::int64_t>& dims, DType element) {
  std::uint64_t n = element_bytes(element);
  for (const std::int64_t dim : dims) {
    const auto factor = static_cast<std::uint64_t>(dim);
    if (factor != 0 && n > kBytesMost / factor) return kBytesMost;
    n *= factor;
  }
  return n;
}

}  // namespace

// Corrected by integers: the rounding of sqrt must not move a side by one.
std::int64_t square_side(double bytes, double element) {
  bytes = std::min(bytes, static_cast<double>(kBytesMost));
  auto side = static_cast<std::int64_t>(std::sqrt(bytes / element));
  const auto fits = [&](std::int64_t d) { return static_cast<double>(d) * static_cast<double>(d) * element <= bytes; };
  while (side > 1 && !fits(side)) --side;
  while (fits(side + 1)) ++side;
  return std::max<std::int64_t>(side, 1);
}

std::vector<std::int64_t> sample_shape(const Dataset& dataset, std::uint64_t g) {
  if (!dataset.record_dims.empty()) return dataset.record_dims;
  const auto element = static_cast<double>(element_bytes(dataset.record_element_type));
  const double length = dataset.record_length_bytes;
  const std::int64_t side = square_side(length, element);
  if (dataset.record_length_bytes_stdev <= 0) return {side, side};
  // The side is sqrt(length / element), so to first order its deviation is stdev / (2 * sqrt(length * element)).
  const double side_stdev = dataset.record_length_bytes_stdev / (2.0 * std::sqrt(length * element));
  const auto draw = [&](double z) {
    const double drawn = static_cast<double>(side) + z * side_stdev;
    return static_cast<std::int64_t>(std::clamp(drawn, 1.0, static_cast<double>(kBytesMost)));
  };
  const auto [first, second] = normal_pair(g);
  return {draw(first), draw(second)};
}

std::uint64_t sample_bytes(const Dataset& dataset, std::uint64_t g) {
  return bytes_of(sample_shape(dataset, g), dataset.record_element_type);
}

std::uint64_t files_of_one_size(const Dataset& dataset) {
  const bool drawn = dataset.record_length_bytes_stdev > 0 && dataset.record_dims.empty();
  return drawn ? 1 : std::numeric_limits<std::uint64_t>::max();
}

std::uint64_t largest_sample_bytes(const Dataset& dataset) {
  if (files_of_one_size(dataset) > 1) return sample_bytes(dataset, 0);
  constexpr std::int64_t kLookedAt = 10'000;
  const std::int64_t files = std::clamp<std::int64_t>(dataset.num_files_train, 1, kLookedAt);
  // What it hangs on. Whoever measures a data set's files one by one asks for each: the last answer is kept.
  using Key = std::tuple<double, double, DType, std::int64_t>;
  thread_local std::optional<std::pair<Key, std::uint64_t>> last;
  const Key key{dataset.record_length_bytes, dataset.record_length_bytes_stdev, dataset.record_element_type, files};
  if (last && last->first == key) return last->second;
  std::uint64_t largest = 0;
  for (std::int64_t g = 0; g < files; ++g)
    largest = std::max(largest, sample_bytes(dataset, static_cast<std::uint64_t>(g)));
  last = {key, largest};
  return largest;
}

double record_bytes(const Workload& workload) {
  const Dataset& dataset = workload.dataset;
  if (spec_of(dataset.format).has_columns && !dataset.parquet.columns.empty()) {
    return static_cast<double>(read_row_bytes(effective_columns(workload)));
  }
  if (dataset.record_dims.empty()) return dataset.record_length_bytes;
  return static_cast<double>(bytes_of(dataset.record_dims, dataset.record_element_type));
}

std::vector<ColumnSpec> parquet_columns(const Dataset& dataset, std::uint64_t g) {
  if (!dataset.parquet.columns.empty()) return dataset.parquet.columns;
  return {
      ColumnSpec{.name = "data", .dtype = DType::kUint8, .size = static_cast<std::int64_t>(sample_bytes(dataset, g))}};
}

std::vector<ColumnSpec> effective_columns(const Workload& workload) {
  std::vector<ColumnSpec> columns = workload.dataset.parquet.columns;
  const std::vector<std::string>& wanted = workload.storage.columns;
  if (!wanted.empty()) {
    for (ColumnSpec& column : columns) column.read = std::ranges::find(wanted, column.name) != wanted.end();
  }
  return columns;
}

}  // namespace stoker::config
