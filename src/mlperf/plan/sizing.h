// How large the data set of a training run must be. The one place that knows: datasize plans with it, datagen and run
// are judged by it.
//
// Two minimums (MLPerf Storage rules, "training data set size"):
//
//   memory:  files * samples per file * record bytes >= 5 * memory of all client hosts
//   steps:   files * samples per file                >= 500 * accelerators * batch size
//
// The larger one decides, and the number of files is rounded up: both are minimums. mlpstorage rounds down, so its
// count can be one less; it is accepted where a run is judged.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "config/workload.h"

namespace stoker::mlperf {

inline constexpr double kMemoryMultiple = 5;
inline constexpr std::int64_t kStepsPerEpoch = 500;
inline constexpr std::uint64_t kFilesPerFolder = 10'000;  // above it subfolders are advised
inline constexpr double kFileTolerance = 0.99;            // of the count that a run must have

struct DatasetShape {
  double record_bytes = 0;  // what a sample takes in a file, before compression
  std::int64_t samples_per_file = 1;
  std::int64_t batch_size = 1;

  [[nodiscard]] double file_bytes() const { return record_bytes * static_cast<double>(samples_per_file); }
};

// Parquet with columns: the sum over all of them, also those that training does not read, by the true widths of their
// types. Anything else: config::record_bytes.
[[nodiscard]] DatasetShape shape_of(const config::Workload& workload);

struct TrainingSize {
  std::uint64_t files_for_memory = 0, files_for_steps = 0;  // rounded up
  std::uint64_t files = 0;                                  // the larger one
  std::uint64_t files_rounded_down = 0;                     // mlpstorage's count
  bool memory_decides = false;                              // false on a tie
  double file_bytes = 0, disk_bytes = 0;                    // disk: of `files`
  // dataset.num_subfolders_train when one folder would hold too many files, else 0: files / 10000, at least 2, since
  // one folder is what there is without any.
  std::uint64_t subfolders_advised = 0;

  // The lowest count with which a run is accepted: 99 % of mlpstorage's, at least 1.
  [[nodiscard]] std::uint64_t least_accepted() const;
};

// `memory_bytes` of all client hosts together; `processes`: accelerators of the run. Code::kConfig when a sample has no
// size or the count does not fit.
[[nodiscard]] Result<TrainingSize> size_training(const DatasetShape& shape, std::uint64_t memory_bytes,
                                                 std::int64_t processes);

// The other way round: what `files` files are enough for.
struct DatasetServes {
  std::uint64_t processes = 0;     // accelerators with 500 steps per epoch
  std::uint64_t memory_bytes = 0;  // of all client hosts
};
[[nodiscard]] DatasetServes serves(const DatasetShape& shape, std::uint64_t files);

}  // namespace stoker::mlperf
