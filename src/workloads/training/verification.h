// reader.verify: which values the files of a data set must have.
#pragma once

#include <optional>

#include "base/status.h"
#include "config/workload.h"
#include "data/dataset/layout.h"
#include "data/dataset/listing.h"
#include "data/pipeline/data_loader.h"
#include "results/dataset_manifest.h"
#include "workloads/training/context.h"

namespace stoker::training {

// The workload that wrote the data set of `manifest`, read as `workload` reads it. Code::kConfig when the values that
// it wrote cannot be generated again or are not those that `workload` describes: an incomplete data set, one of another
// version, other columns, other records.
[[nodiscard]] Result<config::Workload> generating_workload(const results::DatasetManifest& manifest,
                                                           const config::Workload& workload, std::string_view version);

// What the loader of a split compares with; nothing unless reader.verify. `files` must outlive it. Collective: rank 0
// reads the manifest, unless the files are generated from the workload itself. Code::kConfig, on all ranks, when there
// is none or it does not fit.
[[nodiscard]] Result<std::optional<pipeline::Verification>> verification_of(Context& c,
                                                                            const dataset::FileTable& files);

}  // namespace stoker::training
