// What a path should hold: the files that a manifest names, with what is known of each, or else the data files that are
// there.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "config/workload.h"
#include "data/audit/data_files.h"
#include "data/dataset/file_records.h"
#include "data/dataset/layout.h"
#include "data/format/format.h"
#include "data/io/storage.h"
#include "results/dataset_manifest.h"

namespace stoker::audit {

struct ExpectedFile {
  DataFile file;
  std::optional<dataset::FileSpec> spec;      // of files that a manifest names
  std::optional<dataset::FileRecord> record;  // where one was kept
  std::string record_fault;                   // that the record cannot be read; empty: it can, or there is none
};

// Safe from many threads. Of a data set with a manifest nothing is kept per file.
class ExpectedFiles {
 public:
  // Errors of find_data_files, of the manifest, and of a format that this build has not.
  [[nodiscard]] static Result<ExpectedFiles> find(io::Storage& storage, const io::Path& path);

  [[nodiscard]] std::uint64_t size() const;
  [[nodiscard]] ExpectedFile file(std::uint64_t i) const;  // i < size()

  // With a manifest; the three go together.
  [[nodiscard]] bool is_described() const { return layout_.has_value(); }
  [[nodiscard]] const results::DatasetManifest& manifest() const { return *manifest_; }
  [[nodiscard]] const config::Workload& workload() const { return workload_; }
  [[nodiscard]] const dataset::Layout& layout() const { return *layout_; }
  [[nodiscard]] const format::Format& format() const { return *format_; }
  [[nodiscard]] dataset::RecordsKey records_key() const;
  // Whether sizes and checksums are known; if a table lies there that cannot be used, why.
  [[nodiscard]] bool has_records() const { return records_ != nullptr; }
  [[nodiscard]] const std::string& records_fault() const { return records_fault_; }

 private:
  std::optional<results::DatasetManifest> manifest_;
  config::Workload workload_;
  std::optional<dataset::Layout> layout_;
  const format::Format* format_ = nullptr;
  std::shared_ptr<dataset::FileRecords> records_;
  std::string records_fault_;
  std::vector<DataFile> found_;  // without a manifest
};

}  // namespace stoker::audit
