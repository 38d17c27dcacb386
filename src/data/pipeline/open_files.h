// The files that a rank's reader threads have open.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/shared_lru.h"
#include "base/status.h"
#include "data/dataset/unit_order.h"
#include "data/format/format.h"

namespace stoker::pipeline {

// Opens files for the worker that wants one, which may time it.
class FileOpener {
 public:
  virtual ~FileOpener() = default;
  // File number i of the split.
  [[nodiscard]] virtual Result<std::unique_ptr<format::FileReader>> open(std::uint64_t file) = 0;
};

// An open file, with what each visit of it asks for.
struct OpenFile {
  std::unique_ptr<format::FileReader> reader;
  std::uint64_t version = 0;  // when it was opened
  std::vector<dataset::UnitRows> units;
};

// Safe from many threads. A file is open for as long as somebody reads it; of those that nobody reads, the last ones
// stay open, so that an order that comes back to a file row by row does not open it for each.
class OpenFiles {
 public:
  // Keeps that many files open beside those that are being read; 0: none.
  explicit OpenFiles(std::uint64_t kept);

  // A file that was written or replaced since it was opened is opened anew: whoever opens it sees the change.
  [[nodiscard]] Result<std::shared_ptr<const OpenFile>> open(std::uint64_t file, FileOpener& opener);

 private:
  SharedLru<std::uint64_t, OpenFile> kept_;
};

}  // namespace stoker::pipeline
