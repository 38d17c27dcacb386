// What is known of each format without its code: one row each, for whoever plans, sizes, judges or names files. Pure.
// How files are written and read: data/format.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "config/workload.h"

namespace stoker::config {

// A file for each data file that is made of the sizes of its samples alone: an index.
struct SideFile {
  std::string_view end;     // behind the data file's name
  std::string_view folder;  // below the data folder, with one for each split in it; empty: beside the data file
};

struct FormatSpec {
  FormatName name;
  std::string_view text;                         // in workload files and at the end of files' names
  std::span<const Compression> compressions;     // the first is none
  std::span<const std::string_view> other_ends;  // of the names of files that others wrote
  std::span<const SideFile> side_files{};        // beside each data file
  bool is_named_by_codec = false;                // the names of compressed files have the codec's end, too
  bool is_image = false;                         // uint8 pixels in at most two dimensions
  bool has_columns = false;                      // dataset.parquet says what is in a file, and how it is decoded
  bool has_hdf5 = false;                         // dataset.hdf5 says how samples are cut into arrays and chunks
  bool is_mapped = false;                        // files are read through a memory mapping
  bool ends_with_index = false;                  // what is in a file stands at its end, which tells that it is whole
  bool has_samples = true;                       // false: files are only there, and nothing is read of them
  bool dlio_reads_with_pytorch = true;           // DLIO's own loader of that name can
  Status (*check)(const Workload&) = nullptr;    // of what only it has
};

[[nodiscard]] std::span<const FormatSpec> format_specs();
[[nodiscard]] const FormatSpec& spec_of(FormatName);

// The end of the names of the data set's files, without the leading dot: "npz", "csv.gz".
[[nodiscard]] std::string name_end(const Dataset&);

// Whether training takes samples that cost nothing: nothing is then listed, opened or read.
[[nodiscard]] bool reads_nothing(const Workload&);
// Whether reading makes arrays of what is read. A format without columns always does.
[[nodiscard]] bool makes_arrays(const Workload&);
// Whether Arrow's reader does (dataset.parquet.decode: arrow).
[[nodiscard]] bool uses_arrow(const Workload&);

}  // namespace stoker::config
