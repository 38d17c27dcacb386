#include "data/datagen/sizes.h"

#include <algorithm>
#include <limits>

#include "data/format/side_files.h"

namespace stoker::datagen {
namespace {

constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();

// A size beyond all sizes stays one.
std::uint64_t add_times(std::uint64_t sum, std::uint64_t bytes, std::uint64_t times) {
  std::uint64_t product = 0, total = 0;
  if (__builtin_mul_overflow(bytes, times, &product) || __builtin_add_overflow(sum, product, &total)) {
    return kLargest;
  }
  return total;
}

}  // namespace

Result<format::SizeRange> FileSizes::of(const dataset::FileSpec& spec) {
  if (spec.index >= begin_ && spec.index < end_ && spec.rows == rows_) return size_;
  STOKER_ASSIGN(size_, format_.file_bytes(workload_, spec));
  begin_ = spec.index;
  rows_ = spec.rows;
  end_ = add_times(begin_, format_.equal_files(workload_, begin_), 1);
  return size_;
}

Result<format::SizeRange> total_bytes(const config::Workload& workload, const format::Format& format,
                                      std::uint64_t block_bytes, std::uint64_t enough) {
  const dataset::Layout layout(workload);
  const auto in_blocks = [&](std::uint64_t bytes) { return (bytes + block_bytes - 1) / block_bytes * block_bytes; };
  format::SizeRange total;
  FileSizes sizes(workload, format);
  const format::SideFiles sides(workload, format);
  for (std::uint64_t g = 0, files = layout.total_files(); g < files;) {
    STOKER_ASSIGN(const format::SizeRange file, sizes.of({.index = g, .rows = layout.samples_per_file(), .path = {}}));
    STOKER_ASSIGN(const std::uint64_t beside,
                  sides.bytes({.index = g, .rows = layout.samples_per_file(), .path = {}}, block_bytes));
    const std::uint64_t equal = std::min(files, sizes.end()) - g;
    total.least = add_times(total.least, in_blocks(file.least) + beside, equal);
    total.most = add_times(total.most, in_blocks(file.most) + beside, equal);
    g += equal;
    if (total.least > enough && g < files) return format::SizeRange{total.least, kLargest};
  }
  return total;
}

Result<format::SizeRange> total_bytes(const Request& request, std::uint64_t block_bytes, std::uint64_t enough) {
  return total_bytes(request.workload, request.format, block_bytes, enough);
}

}  // namespace stoker::datagen
