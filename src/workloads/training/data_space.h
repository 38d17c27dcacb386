// How much a data set takes of a file system, before it is written.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "config/workload.h"
#include "data/datagen/generate.h"
#include "data/format/format.h"
#include "results/dataset_manifest.h"

namespace stoker::training {

// Bytes of the files of the data set that the workload describes, each rounded up to blocks of `block_bytes`.
// Code::kUnsupported when this build has no such format, Code::kConfig for what cannot be written.
[[nodiscard]] Result<format::SizeRange> planned_data_bytes(const config::Workload&, std::uint64_t block_bytes = 1);

// "5.2 GiB", or "1.1 GiB to 5.2 GiB" where values decide.
[[nodiscard]] std::string size_text(const format::SizeRange&);

// A part of a data set: what is there already, and stays; or what is there, and will be deleted before.
struct Part {
  std::uint64_t files = 0, bytes = 0;
};

// Code::kNoSpace when what is still to be written cannot fit: the files in the file system's blocks, at their least
// size where values decide, and the manifest twice, as it is replaced at the end. Files that are there but do not stay
// give their space back when they are replaced, which is too late to count on.
[[nodiscard]] Status check_space(const datagen::Request&, const results::DatasetManifest&, const Part& kept,
                                 const Part& freed = {});

}  // namespace stoker::training
