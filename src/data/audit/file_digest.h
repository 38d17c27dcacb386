// The digests of whole files and data sets.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/status.h"
#include "config/workload.h"
#include "data/audit/data_files.h"
#include "data/audit/held_file.h"
#include "data/audit/read_rows.h"
#include "data/io/storage.h"

namespace stoker::audit {

struct NamedDigest {
  std::string column, type;
  std::uint64_t digest = 0;
  friend bool operator==(const NamedDigest&, const NamedDigest&) = default;
};

struct FileDigest {
  std::string name;  // as DataFile::name
  std::uint64_t rows = 0, bytes = 0;
  std::vector<NamedDigest> columns;  // in the file's order
};

// Digests one file after the other, and keeps memory and readers for the next. For one thread. The storage outlives it.
class FileDigester {
 public:
  // `decode`: kArrays or kArrow, the two ways to values; the digests are the same.
  FileDigester(io::Storage& storage, config::Decode decode);
  // Reads the whole file. Errors name the file; Code::kUnsupported for a format whose files hold no values.
  [[nodiscard]] Result<FileDigest> digest(const DataFile& file, const std::stop_token& stop);

 private:
  HeldFile storage_;
  RowReader reader_;
};

struct DigestRequest {
  io::Storage& storage;
  const DataFiles& files;
  config::Decode decode = config::Decode::kArrays;
  unsigned ranks = 1;                                           // files read at a time
  std::function<void(std::uint64_t bytes)> progress = nullptr;  // a file is done; from any thread
};

struct SetDigests {
  std::uint64_t rows = 0;
  std::vector<NamedDigest> columns;  // of all files together, in the order of their names
  std::vector<FileDigest> files;
};

// The files must have the same columns: Code::kCorrupt names the first that differs, the first file, and the columns.
[[nodiscard]] Result<SetDigests> digest_files(const DigestRequest& request, const std::stop_token& stop);

}  // namespace stoker::audit
