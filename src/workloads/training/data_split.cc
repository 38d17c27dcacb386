#include "workloads/training/data_split.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "base/plural.h"

namespace stoker::training {
namespace {

// How many rows of each file are planned; what is unexpected is told.
Result<dataset::RowCounts> used_rows(Context& c, const dataset::FileTable& files, const dataset::RowCounts& rows) {
  const auto configured = static_cast<std::uint64_t>(c.workload.dataset.num_samples_per_file);
  if (rows.total() == 0) {
    return make_error(Code::kCorrupt, "{}: the files have no rows", files.path(0).parent_path().string());
  }
  if (const auto other = rows.first_other()) {
    c.warn(
        fmt::format("the files differ in rows: {} has {}, {} has {}; every row is planned as it is, {} in {} "
                    "(dataset.num_samples_per_file is {})",
                    files.path(0).string(), format_count(rows.rows(0)), files.path(*other).string(),
                    format_count(rows.rows(*other)), counted_long(rows.total(), "row"),
                    counted_long(rows.files(), "file"), configured));
    return rows;
  }
  const std::uint64_t common = *rows.common();
  if (common < configured) {
    c.warn(fmt::format("the files have {} each, not {} as dataset.num_samples_per_file says: {} is used everywhere",
                       counted(common, "sample"), configured, common));
    return rows;
  }
  if (common > configured) {
    c.warn(fmt::format(
        "the files have {} each, dataset.num_samples_per_file is {}: only the first {} used, {} in {} left out",
        counted(common, "sample"), configured, configured == 1 ? "is" : fmt::format("{} are", configured),
        counted_long((common - configured) * rows.files(), "sample"), counted_long(rows.files(), "file")));
    return dataset::RowCounts::equal(rows.files(), configured);
  }
  return rows;
}

}  // namespace

Result<DataSplit> prepare_split(Context& c, const DataSet& set, dataset::Split split, format::FormatReader& reader) {
  STOKER_ASSIGN(dataset::FileTable files, find_files(c, set, split));
  STOKER_ASSIGN(CountedRows counted, count_rows(c, reader, set, files));
  STOKER_ASSIGN(dataset::RowCounts used, used_rows(c, files, counted.rows));
  DataSplit data{std::move(files), std::move(counted), std::move(used)};
  Status opened;
  if (c.root()) {
    if (const auto first = reader.open(data.files.path(0), nullptr)) {
      data.counted.columns = (*first)->columns();
    } else {
      opened = first.error();
    }
  }
  STOKER_TRY(dist::agree_on_root(c.comm, opened));
  STOKER_ASSIGN(const std::string columns, c.comm.broadcast(std::to_string(data.counted.columns), 0));
  data.counted.columns = std::stoull(columns);
  return data;
}

Result<std::unique_ptr<format::FileReader>> DataSplit::open(format::FormatReader& reader, std::uint64_t i,
                                                            io::ReadObserver* observer) const {
  const format::Outline known{.rows = counted.rows.rows(i), .columns = counted.columns};
  const io::Path path = files.path(i);
  STOKER_ASSIGN(auto file, reader.open_known(path, known, observer));
  if (file->rows() != known.rows) {
    Error error = make_error(Code::kCorrupt, "{}: has {}, but {} were planned", path.string(),
                             counted_long(file->rows(), "row"), format_count(known.rows));
    error.hint = source_hint(counted.source, files.size());
    return error;
  }
  if (file->columns() != known.columns) return other_columns(reader, files, i);
  if (!versions->is_same(i, file->version())) {
    Error error =
        make_error(Code::kCorrupt, "{}: was written or replaced since it was opened first in this run", path.string());
    error.hint = "the epochs would be of different data: see who writes there, and run again";
    return error;
  }
  return file;
}

}  // namespace stoker::training
