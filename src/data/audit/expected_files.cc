#include "data/audit/expected_files.h"

#include <fmt/format.h>

#include <utility>

namespace stoker::audit {

Result<ExpectedFiles> ExpectedFiles::find(io::Storage& storage, const io::Path& path) {
  ExpectedFiles set;
  // A path that ends in a slash is no other folder.
  STOKER_ASSIGN(set.manifest_, results::read_manifest(path));
  if (!set.manifest_) {
    STOKER_ASSIGN(DataFiles found, find_data_files(storage, path));
    set.found_ = std::move(found.files);
    return set;
  }
  STOKER_TRY(results::apply_manifest(*set.manifest_, set.workload_));
  set.workload_.dataset.data_folder = path.string();
  STOKER_ASSIGN(set.format_, format::find_format(set.workload_.dataset.format));
  set.layout_.emplace(set.workload_);
  auto records = dataset::FileRecords::open(storage, set.layout_->root(), set.records_key());
  if (records.has_value()) {
    set.records_ = std::move(*records);
  } else if (records.error().code != Code::kNotFound) {
    set.records_fault_ = std::move(records).error().message;
  }
  return set;
}

dataset::RecordsKey ExpectedFiles::records_key() const {
  return {.identity = results::manifest_identity(*manifest_), .files = layout_->total_files()};
}

std::uint64_t ExpectedFiles::size() const {
  return layout_ ? layout_->total_files() : found_.size();
}

ExpectedFile ExpectedFiles::file(std::uint64_t i) const {
  if (!layout_) return {.file = found_[i]};
  ExpectedFile expected{.spec = layout_->file(i)};
  expected.file = {.path = expected.spec->path,
                   .name = expected.spec->path.lexically_relative(layout_->root()).string(),
                   .format = format_,
                   .rows = expected.spec->rows};
  if (records_ == nullptr) return expected;
  auto record = records_->find(i);
  if (record.has_value()) {
    expected.record = *record;
  } else {
    expected.record_fault = std::move(record).error().message;
  }
  return expected;
}

}  // namespace stoker::audit
