#include "datagen/sizes.h"

#include <algorithm>
#include <limits>

namespace stoker::datagen {
namespace {

// A size beyond all sizes stays one.
std::uint64_t add_times(std::uint64_t sum, std::uint64_t bytes, std::uint64_t times) {
  std::uint64_t product = 0, total = 0;
  if (__builtin_mul_overflow(bytes, times, &product) || __builtin_add_overflow(sum, product, &total)) {
    return std::numeric_limits<std::uint64_t>::max();
  }
  return total;
}

}  // namespace

Result<format::SizeRange> total_bytes(const Request& request, std::uint64_t block_bytes) {
  const auto in_blocks = [&](std::uint64_t bytes) { return (bytes + block_bytes - 1) / block_bytes * block_bytes; };
  format::SizeRange total;
  for (std::uint64_t g = 0, files = request.layout.total_files(); g < files;) {
    const dataset::FileSpec spec{.index = g, .rows = request.layout.samples_per_file(), .path = {}};
    STOKER_ASSIGN(const format::SizeRange file, request.format.file_bytes(request.workload, spec));
    const std::uint64_t equal = std::min(files - g, request.format.equal_files(request.workload, g));
    total.least = add_times(total.least, in_blocks(file.least), equal);
    total.most = add_times(total.most, in_blocks(file.most), equal);
    g += equal;
  }
  return total;
}

}  // namespace stoker::datagen
