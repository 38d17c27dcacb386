#include "data/format/hdf5/sample_arrays.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <utility>

#include "config/sample_geometry.h"
#include "data/format/hdf5/limits.h"

namespace stoker::format::hdf5 {
namespace {

// What the library's cache of chunks holds of an array: a chunk of more is read again for each sample in it.
constexpr std::uint64_t kOwnChunkBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kMostFileBytes = std::uint64_t{1} << 60;

Error refuse(std::string message, std::string hint) {
  return Error{.code = Code::kConfig, .message = std::move(message), .hint = std::move(hint)};
}

// Whole samples, as many as fit; one that does not is cut along its first axes.
std::vector<std::uint64_t> own_chunk(const std::vector<std::uint64_t>& shape, std::uint64_t element_bytes) {
  std::vector<std::uint64_t> chunk(shape.size(), 1);
  std::uint64_t bytes = element_bytes;
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    chunk[axis] = std::clamp<std::uint64_t>(kOwnChunkBytes / bytes, 1, shape[axis]);
    bytes *= chunk[axis];
    if (chunk[axis] < shape[axis]) break;
  }
  return chunk;
}

Status check_axes(const config::Dataset& d, const char* key, std::span<const std::int64_t> found,
                  std::span<const std::uint64_t> shape, bool is_least) {
  if (config::files_of_one_size(d) == 1) {
    return refuse(fmt::format("{}: found [{}], but dataset.record_length_bytes_stdev draws another shape for each file",
                              key, fmt::join(found, ", ")),
                  "remove one of them");
  }
  if (found.size() != shape.size()) {
    return refuse(fmt::format("{}: found {} sizes, expected {} for arrays of {}", key, found.size(), shape.size(),
                              fmt::join(shape, " x ")),
                  "give one for each axis");
  }
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    const auto size = static_cast<std::uint64_t>(found[axis]);
    if (is_least ? size >= shape[axis] : size <= shape[axis]) continue;
    return refuse(fmt::format("{}: found [{}], expected {} {} each", key, fmt::join(found, ", "),
                              is_least ? "at least" : "at most", fmt::join(shape, " x ")),
                  is_least ? "raise it" : "lower it");
  }
  return {};
}

}  // namespace

std::vector<std::uint64_t> part_shape(const config::Dataset& d, std::uint64_t file) {
  const std::vector<std::int64_t> whole = config::sample_shape(d, file);
  std::vector<std::uint64_t> shape(whole.begin(), whole.end());
  if (d.record_dims.empty()) return shape;
  shape.front() /= static_cast<std::uint64_t>(d.hdf5.num_dset_per_record);
  if (shape.front() == 1) shape.erase(shape.begin());
  return shape;
}

std::vector<SampleValues> sample_arrays(const config::Dataset& d, const dataset::FileSpec& spec) {
  const std::vector<std::uint64_t> shape = part_shape(d, spec.index);
  std::vector<SampleValues> arrays;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(d.hdf5.num_dset_per_record); ++i)
    arrays.emplace_back(d.record_element_type, shape, spec.rows, column_key(spec.index, i));
  return arrays;
}

std::string array_name(std::uint64_t number) {
  return fmt::format("records_{}", number);
}

bool is_contiguous(const config::Dataset& d) {
  return d.hdf5.chunk_dims.empty() && d.hdf5.max_shape.empty() && d.compression == config::Compression::kNone;
}

ChunkGrid grid_of(const config::Dataset& d, const SampleValues& values) {
  std::vector<std::uint64_t> shape = values.sample_shape();
  shape.insert(shape.begin(), values.samples());
  if (is_contiguous(d)) return {shape, shape};
  if (d.hdf5.chunk_dims.empty()) return {shape, own_chunk(shape, values.element_bytes())};
  return {shape, {d.hdf5.chunk_dims.begin(), d.hdf5.chunk_dims.end()}};
}

Status validate(const config::Workload& workload) {
  STOKER_TRY(check_element_type(workload));
  const config::Dataset& d = workload.dataset;
  if (d.record_dims.size() >= kMostAxes) {
    return refuse(fmt::format("dataset.record_dims: found {} dimensions, expected at most {} for format hdf5",
                              d.record_dims.size(), kMostAxes - 1),
                  "give fewer dimensions");
  }
  const auto parts = static_cast<std::uint64_t>(d.hdf5.num_dset_per_record);
  if (parts > kMostArrays) {
    return refuse(fmt::format("dataset.hdf5.num_dset_per_record: found {}, expected at most {}", parts, kMostArrays),
                  "lower it");
  }
  const auto samples = static_cast<std::uint64_t>(std::max<std::int64_t>(d.num_samples_per_file, 1));
  if (config::largest_sample_bytes(d) > kMostFileBytes / samples) {
    return refuse(fmt::format("dataset.num_samples_per_file: {} samples of {} bytes are more than a file of format "
                              "hdf5 holds",
                              samples, config::largest_sample_bytes(d)),
                  "lower it");
  }
  if (is_contiguous(d)) return {};
  const std::vector<std::uint64_t> sample = part_shape(d, 0);
  const SampleValues values(d.record_element_type, sample, samples, 0);
  if (!d.hdf5.max_shape.empty()) STOKER_TRY(check_axes(d, "dataset.hdf5.max_shape", d.hdf5.max_shape, sample, true));
  std::vector<std::uint64_t> most = sample;
  if (!d.hdf5.max_shape.empty()) most.assign(d.hdf5.max_shape.begin(), d.hdf5.max_shape.end());
  most.insert(most.begin(), samples);
  if (!d.hdf5.chunk_dims.empty()) STOKER_TRY(check_axes(d, "dataset.hdf5.chunk_dims", d.hdf5.chunk_dims, most, false));
  const ChunkGrid grid = grid_of(d, values);
  std::uint64_t chunk_bytes = values.element_bytes(), chunks = 1;
  for (std::size_t axis = 0; axis < most.size(); ++axis) {
    const std::uint64_t count = (most[axis] - 1) / grid.chunk()[axis] + 1;
    if (chunk_bytes > kMostChunkBytes / grid.chunk()[axis] || chunks > kMostChunks / count) {
      return refuse(
          fmt::format("dataset.hdf5.chunk_dims: found chunks of {}, expected at most {} of them, each of less "
                      "than 4 GiB",
                      fmt::join(grid.chunk(), " x "), kMostChunks),
          "choose other chunks");
    }
    chunk_bytes *= grid.chunk()[axis];
    chunks *= count;
  }
  return {};
}

}  // namespace stoker::format::hdf5
