// The arrays of a generated file: records_0 to records_{k-1}, each a part of every sample, and labels.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/workload.h"
#include "data/dataset/layout.h"
#include "data/format/hdf5/chunk_grid.h"
#include "data/format/samples.h"

namespace stoker::format::hdf5 {

// The shape of what one array has of a sample; empty: a number.
[[nodiscard]] std::vector<std::uint64_t> part_shape(const config::Dataset&, std::uint64_t file);
// Array i has the stream of column i.
[[nodiscard]] std::vector<SampleValues> sample_arrays(const config::Dataset&, const dataset::FileSpec&);
[[nodiscard]] std::string array_name(std::uint64_t number);

// Whether arrays lie in the file in one piece.
[[nodiscard]] bool is_contiguous(const config::Dataset&);
// The shape of all arrays with the chunks that they are cut into; one chunk where they are not.
[[nodiscard]] ChunkGrid grid_of(const config::Dataset&, const SampleValues&);

// Code::kConfig for what arrays of HDF5 cannot be.
[[nodiscard]] Status validate(const config::Workload&);

}  // namespace stoker::format::hdf5
