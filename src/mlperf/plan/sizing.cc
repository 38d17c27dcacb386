#include "mlperf/plan/sizing.h"

#include <algorithm>
#include <cmath>

#include "config/columns.h"
#include "config/formats.h"
#include "config/sample_geometry.h"

namespace stoker::mlperf {
namespace {

// Counts above this are no longer exact in a double, and no file system holds them.
constexpr double kMostFiles = 0x1p53;

}  // namespace

DatasetShape shape_of(const config::Workload& w) {
  const config::Dataset& d = w.dataset;
  DatasetShape shape;
  shape.record_bytes = config::spec_of(d.format).has_columns && !d.parquet.columns.empty()
                           ? static_cast<double>(config::row_bytes(d.parquet.columns))
                           : config::record_bytes(w);
  shape.samples_per_file = d.num_samples_per_file;
  shape.batch_size = w.reader.batch_size;
  return shape;
}

std::uint64_t TrainingSize::least_accepted() const {
  return std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::ceil(kFileTolerance * static_cast<double>(files_rounded_down))));
}

Result<TrainingSize> size_training(const DatasetShape& shape, std::uint64_t memory_bytes, std::int64_t processes) {
  if (!(shape.record_bytes > 0) || shape.samples_per_file < 1) {
    return Error{Code::kConfig,
                 fmt::format("the size of a file is unknown: found {} bytes in each of {} samples", shape.record_bytes,
                             shape.samples_per_file),
                 "set dataset.record_length_bytes and dataset.num_samples_per_file"};
  }
  if (processes < 1 || shape.batch_size < 1) {
    return Error{Code::kConfig,
                 fmt::format("the number of steps is unknown: found {} accelerators with batches of {} samples",
                             processes, shape.batch_size),
                 "both are whole numbers, at least 1"};
  }
  TrainingSize size;
  size.file_bytes = shape.file_bytes();
  const double for_memory = kMemoryMultiple * static_cast<double>(memory_bytes) / size.file_bytes;
  const double samples =
      static_cast<double>(kStepsPerEpoch) * static_cast<double>(processes) * static_cast<double>(shape.batch_size);
  const double for_steps = samples / static_cast<double>(shape.samples_per_file);
  const double most = std::max(for_memory, for_steps);
  if (most > kMostFiles) {
    return Error{Code::kConfig, fmt::format("the data set would need {:.3g} files", most),
                 "check --client-host-memory-in-gb, the number of accelerators and reader.batch_size"};
  }
  size.files_for_memory = static_cast<std::uint64_t>(std::ceil(for_memory));
  size.files_for_steps = static_cast<std::uint64_t>(std::ceil(for_steps));
  size.files = std::max(size.files_for_memory, size.files_for_steps);
  size.files_rounded_down = static_cast<std::uint64_t>(std::floor(most));
  size.memory_decides = size.files_for_memory > size.files_for_steps;
  size.disk_bytes = static_cast<double>(size.files) * size.file_bytes;
  if (size.files > kFilesPerFolder) size.subfolders_advised = std::max<std::uint64_t>(2, size.files / kFilesPerFolder);
  return size;
}

DatasetServes serves(const DatasetShape& shape, std::uint64_t files) {
  const double samples = static_cast<double>(files) * static_cast<double>(shape.samples_per_file);
  DatasetServes result;
  result.processes = static_cast<std::uint64_t>(samples / static_cast<double>(kStepsPerEpoch) /
                                                static_cast<double>(std::max<std::int64_t>(1, shape.batch_size)));
  result.memory_bytes = static_cast<std::uint64_t>(std::min(samples * shape.record_bytes / kMemoryMultiple, 0x1p63));
  return result;
}

}  // namespace stoker::mlperf
