// Where a run reads, writes and deletes: what must not meet.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "config/workload.h"
#include "data/dataset/deletion.h"
#include "data/io/storage.h"
#include "results/dataset_manifest.h"
#include "workloads/training/context.h"

namespace stoker::training {

// Code::kConfig, with both paths and the remedy, when results would lie inside the data folder or the data folder
// inside that of the results: who deletes, copies or measures the one must not meet the other. Links are followed.
[[nodiscard]] Status check_apart(const std::filesystem::path& data_folder, const std::filesystem::path& results);

// Of a run that writes its results into `results`; by rank 0, before anything is written. Besides the above: whether a
// data set that dataset.keep_files: False gives up may be deleted at all (data/dataset/deletion_guard.h).
[[nodiscard]] Status check_folders(io::Storage& storage, const config::Workload& workload,
                                   const std::vector<io::Path>& results);

// What dataset.keep_files: False cannot do, for a run that does not generate: "" when there is a manifest and the run
// reads.
[[nodiscard]] Result<std::string> deletion_warning(const config::Workload& workload);

// Which data set a run reads: where it really lies, and what it is.
struct DataSetMark {
  io::Path place;  // canonical
  std::uint64_t identity = 0;
};

// The data set that dataset.keep_files: False will give up, before it is read; by rank 0. nullopt when there is none.
[[nodiscard]] Result<std::optional<DataSetMark>> mark_data_set(const config::Workload& workload);

// The end of a run with dataset.keep_files: False; by rank 0. Says what was deleted and what was not. Another data set
// than the marked one stays.
[[nodiscard]] Status delete_after_run(Context& context, const std::vector<io::Path>& results,
                                      const std::optional<DataSetMark>& mark);

}  // namespace stoker::training
