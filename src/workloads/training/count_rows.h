// How many rows each file of a split has, before anything is planned.
//
// A complete data set of this program says so in its manifest. Else the footers tell: of all files when there are at
// most kMostCountedFiles, or of the first, the last and some between. All ranks share the work, file i of those looked
// at being rank i mod n's, with several requests at a time; nothing is read but the files' ends. Of more files the
// sample stands for all, and each file is checked when it is opened; when the sample differs all files are counted.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "data/dataset/listing.h"
#include "data/dataset/row_counts.h"
#include "data/format/format.h"
#include "workloads/training/context.h"
#include "workloads/training/data_set.h"

namespace stoker::training {

inline constexpr std::uint64_t kMostCountedFiles = 100'000;

enum class RowSource {
  kConfiguration,  // no file is there to be counted
  kManifest,
  kFooters,  // of all files
  kSample,   // footers of some
};

struct CountedRows {
  dataset::RowCounts rows;
  std::uint64_t columns = 0;  // format::FileReader::columns() of every file
  RowSource source = RowSource::kConfiguration;
};

// Collective. Code::kCorrupt when files differ in columns: it names two of them, and the columns.
[[nodiscard]] Result<CountedRows> count_rows(Context&, format::FormatReader&, const DataSet&,
                                             const dataset::FileTable&);

// Which files are looked at: the first, the last, and those between at equal distance.
struct Sample {
  std::uint64_t files = 0, stride = 1;
  [[nodiscard]] static Sample all(std::uint64_t files) { return {files, 1}; }
  [[nodiscard]] static Sample some(std::uint64_t files);  // at most 256 of them, at least every thousandth
  [[nodiscard]] std::uint64_t size() const;
  [[nodiscard]] std::uint64_t file(std::uint64_t k) const;  // k < size()
};

// What to do when a file has another number of rows than `source` said.
[[nodiscard]] std::string source_hint(RowSource source, std::uint64_t files);
// The error that file i of the table has other columns than file 0.
[[nodiscard]] Error other_columns(format::FormatReader&, const dataset::FileTable&, std::uint64_t i);

}  // namespace stoker::training
