// The files beside each data file that are made of its sizes alone: indexes.
#pragma once

#include <cstdint>
#include <stop_token>

#include "base/aligned_buffer.h"
#include "base/status.h"
#include "config/workload.h"
#include "data/dataset/layout.h"
#include "data/format/format.h"
#include "data/io/storage.h"

namespace stoker::format {

// Those of a data set. All of it does nothing where the format has none. For one thread.
class SideFiles {
 public:
  SideFiles(const config::Workload& workload, const Format& format);

  // Of one data file's, each rounded up to blocks.
  [[nodiscard]] Result<std::uint64_t> bytes(const dataset::FileSpec& spec, std::uint64_t block_bytes = 1) const;
  // Writes those of the file, in the place of what is there; returns their bytes. Their folders are there.
  [[nodiscard]] Result<std::uint64_t> write(io::Storage& storage, const dataset::FileSpec& spec,
                                            const std::stop_token& stop);
  // Whether those of the file are there and hold what write() would write: Code::kNotFound or kCorrupt, with the path
  // and the first byte that differs. Other errors are the storage's.
  [[nodiscard]] Status check(io::Storage& storage, const dataset::FileSpec& spec, const std::stop_token& stop);

 private:
  const config::Workload& workload_;
  const Format& format_;
  const dataset::Layout layout_;
  AlignedBuffer found_, expected_;
};

}  // namespace stoker::format
