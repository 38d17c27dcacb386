// The files of a split as a run uses them: which they are, how many rows each has, and how many of those are planned.
// Fixed before the first epoch, the same on all ranks.
#pragma once

#include <cstdint>
#include <memory>

#include "base/status.h"
#include "data/dataset/layout.h"
#include "data/dataset/listing.h"
#include "data/dataset/row_counts.h"
#include "data/format/format.h"
#include "data/pipeline/dataset.h"
#include "workloads/training/context.h"
#include "workloads/training/count_rows.h"
#include "workloads/training/data_set.h"
#include "workloads/training/file_versions.h"

namespace stoker::training {

struct DataSplit {
  dataset::FileTable files;
  CountedRows counted;      // what the files hold
  dataset::RowCounts used;  // how many rows of each are planned: the first so many
  std::unique_ptr<FileVersions> versions = std::make_unique<FileVersions>(files.size());

  // Rows of the files that no plan has, since dataset.num_samples_per_file asks for fewer.
  [[nodiscard]] std::uint64_t unused_rows() const { return counted.rows.total() - used.total(); }
  // Opens file i for an epoch. Code::kCorrupt when it has other rows or columns than were counted, or was written or
  // replaced since this rank opened it first.
  [[nodiscard]] Result<std::unique_ptr<format::FileReader>> open(format::FormatReader&, std::uint64_t i,
                                                                 io::ReadObserver*) const;
};

// What a loader reads of a split. From any thread; all of it outlives it.
class SplitFiles final : public pipeline::Dataset {
 public:
  // `storage` is where `reader` opens files.
  SplitFiles(const DataSplit& split, format::FormatReader& reader, io::Storage& storage)
      : split_(split), reader_(reader), storage_(storage) {}
  Result<std::unique_ptr<format::FileReader>> open(std::uint64_t i, io::ReadObserver* observer) override {
    return split_.open(reader_, i, observer);
  }
  std::unique_ptr<io::ReadQueue> make_read_queue(const io::ReadQueueOptions& options,
                                                 io::ReadObserver* observer) override {
    return storage_.make_read_queue(options, observer);
  }

 private:
  const DataSplit& split_;
  format::FormatReader& reader_;
  io::Storage& storage_;
};

// Collective: finds the files, counts their rows, and decides how many of them are used:
//   all files have as many rows as dataset.num_samples_per_file, or fewer: all of them;
//   all have more: the first num_samples_per_file of each, as the reference does, with a warning;
//   they differ: all rows of all files, with a warning.
// The first file is opened as an epoch would open it, so that columns that are not there are told before anything
// starts.
[[nodiscard]] Result<DataSplit> prepare_split(Context&, const DataSet&, dataset::Split, format::FormatReader&);

}  // namespace stoker::training
