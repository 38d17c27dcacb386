// The bytes of a data set's files without the files. Every generated value is a function of its place; where no byte of
// a layout depends on values either, any range of any file can be computed.
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/status.h"
#include "config/workload.h"
#include "data/dataset/layout.h"

namespace stoker::format {

// One file. Any number of threads may read it at the same time.
class FileContents {
 public:
  virtual ~FileContents() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  // Bytes [offset, offset + into.size()), which lie within the file. Allocates nothing.
  virtual void read(std::uint64_t offset, MutBytes into) const = 0;
};

// The files of one data set. Safe from many threads.
class Contents {
 public:
  virtual ~Contents() = default;
  // Exactly what FileWriter::write writes for this spec (spec.path is not looked at). Errors as there.
  [[nodiscard]] virtual Result<std::unique_ptr<FileContents>> file(const dataset::FileSpec& spec) = 0;
};

// Those of the workload's data set. Code::kConfig where its format has none, or where bytes depend on values: it says
// on which settings that hangs, and what would do.
[[nodiscard]] Result<std::unique_ptr<Contents>> make_contents(const config::Workload&);

}  // namespace stoker::format
