// Shape and bytes of one sample: the one place that knows them (spec: workload 1.4.2). Pure functions.
#pragma once

#include <cstdint>
#include <vector>

#include "config/workload.h"

namespace stoker::config {

// Side of the largest square of elements that has at most so many bytes, at least 1.
[[nodiscard]] std::int64_t square_side(double bytes, double element_bytes);

// Shape of the samples of file g (0-based over train then eval files). All samples of one file share the shape. A
// function of (seed 10, g) alone when record_length_bytes_stdev > 0, constant otherwise.
[[nodiscard]] std::vector<std::int64_t> sample_shape(const Dataset&, std::uint64_t g);
// Bytes of one sample of file g.
[[nodiscard]] std::uint64_t sample_bytes(const Dataset&, std::uint64_t g);
// How many files after another have samples of one size: all, or one where each draws its own.
[[nodiscard]] std::uint64_t files_of_one_size(const Dataset&);
// Of the largest of the data set's files, of which at most the first 10,000 are looked at.
[[nodiscard]] std::uint64_t largest_sample_bytes(const Dataset&);
// Bytes of one sample as metrics count them: the columns that are read, or record_length_bytes, or the product of
// record_dims and the element's size.
[[nodiscard]] double record_bytes(const Workload&);
// The columns of a Parquet file g: those configured, or the single column `data` (uint8, as many elements as the sample
// has bytes).
[[nodiscard]] std::vector<ColumnSpec> parquet_columns(const Dataset&, std::uint64_t g);
// dataset.parquet.columns with `read` set by storage_options.columns where that is given.
[[nodiscard]] std::vector<ColumnSpec> effective_columns(const Workload&);

}  // namespace stoker::config
