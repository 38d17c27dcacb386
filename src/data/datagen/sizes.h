// How large a data set will be, before it is written.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "data/datagen/generate.h"
#include "data/format/format.h"

namespace stoker::datagen {

// The sizes of files one after the other, in the order of their indices: equal ones are measured once.
class FileSizes {
 public:
  // Both outlive it.
  FileSizes(const config::Workload& workload, const format::Format& format) : workload_(workload), format_(format) {}
  // Format::file_bytes of a file of the data set.
  [[nodiscard]] Result<format::SizeRange> of(const dataset::FileSpec& spec);
  // The index of the first file behind the last one asked for that may have another size.
  [[nodiscard]] std::uint64_t end() const { return end_; }

 private:
  const config::Workload& workload_;
  const format::Format& format_;
  std::uint64_t begin_ = 0, end_ = 0, rows_ = 0;  // of the files that `size_` is of
  format::SizeRange size_;
};

// Bytes of all files of all ranks together, each rounded up to whole blocks of `block_bytes` (1: the bytes in the
// files). Equal files are measured once. Sizes beyond 64 bits count as the largest number. Once the least size exceeds
// `enough` the rest of the files is left out, and the most is the largest number. Errors as Format::file_bytes.
[[nodiscard]] Result<format::SizeRange> total_bytes(const config::Workload&, const format::Format&,
                                                    std::uint64_t block_bytes = 1, std::uint64_t enough = UINT64_MAX);
[[nodiscard]] Result<format::SizeRange> total_bytes(const Request& request, std::uint64_t block_bytes = 1,
                                                    std::uint64_t enough = UINT64_MAX);

}  // namespace stoker::datagen
