// Describes data files and folders of them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/status.h"
#include "data/audit/data_files.h"
#include "data/format/file_info.h"
#include "data/io/storage.h"
#include "results/dataset_manifest.h"
#include "results/json.h"

namespace stoker::audit {

struct FileView {
  DataFile file;
  format::FileInfo info;            // Detail::kStorage
  std::vector<results::Json> rows;  // the first ones (first_rows.h)
};
[[nodiscard]] Result<FileView> view_file(io::Storage& storage, const DataFile& file, std::uint64_t rows,
                                         const std::stop_token& stop);

// Files of a folder that have one schema.
struct SchemaGroup {
  std::string first_file;
  std::uint64_t files = 0;
  std::vector<format::SchemaNode> schema;
  std::string difference;  // from the first group: the first field that differs; empty for the first one
};

struct FolderView {
  std::optional<results::DatasetManifest> manifest;
  std::uint64_t files = 0, bytes = 0, rows = 0, row_groups = 0;
  std::uint64_t least_rows = 0, most_rows = 0;  // of a file
  std::vector<SchemaGroup> schemas;             // the one of the first file first
  FileView first;                               // the first file, by name
};

struct FolderRequest {
  io::Storage& storage;
  io::Path folder;
  const DataFiles& files;
  std::uint64_t rows = 0;  // of the first file
  unsigned ranks = 1;
  std::function<void(std::uint64_t bytes)> progress = nullptr;  // a file is done; from any thread
};
// Reads the footers of all files.
[[nodiscard]] Result<FolderView> view_folder(const FolderRequest& request, const std::stop_token& stop);

}  // namespace stoker::audit
