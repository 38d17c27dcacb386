// Which files a run reads: those of the data set's manifest, or, where there is none, what the workload describes. A
// data set that lies nowhere (context.h, has_files) is what the workload describes.
#pragma once

#include <cstdint>
#include <optional>

#include "base/status.h"
#include "config/workload.h"
#include "data/dataset/layout.h"
#include "data/dataset/listing.h"
#include "results/dataset_manifest.h"
#include "workloads/training/context.h"

namespace stoker::training {

struct DataSet {
  dataset::Layout layout;
  bool has_manifest = false;
  std::optional<std::uint64_t> rows_per_file = {};  // as the manifest says
  std::uint64_t identity = 0;                       // results::manifest_identity; 0 without a manifest
};

// The files that a run with this workload takes of the data set which `manifest` describes: as many as the workload
// asks for, the first of each split, under their own names. Code::kConfig when the data set is incomplete or of another
// format, Code::kNotFound when it has fewer files than are asked for. Pure.
[[nodiscard]] Result<dataset::Layout> layout_to_read(const config::Workload& workload,
                                                     const results::DatasetManifest& manifest);

// The workload with as many samples in a file as the manifest says: not every format's files say it (an image).
[[nodiscard]] config::Workload workload_of_files(const config::Workload& workload, const DataSet& data);

// Rank 0 reads the manifest, all get the same answer. Warns when the data set has more files than are taken.
// Collective.
[[nodiscard]] Result<DataSet> open_data_set(Context& context);

// After the last epoch: Code::kCorrupt when the folder holds another data set now, or one that is being written or
// deleted. What had been read before the change cannot be told from what came after it. Collective.
[[nodiscard]] Status check_unchanged(Context& context, const DataSet& data);

// Rank 0 looks which files there are; the others are told. Collective.
[[nodiscard]] Result<dataset::FileTable> find_files(Context& context, const DataSet& data, dataset::Split split);

}  // namespace stoker::training
