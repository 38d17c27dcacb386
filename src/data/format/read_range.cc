#include "data/format/read_range.h"

namespace stoker::format {

Result<MutBytes> read_range(io::ReadableFile& file, const ByteRange& range, AlignedBuffer& into,
                            io::ReadObserver* observer) {
  const std::uint64_t unit = file.alignment();
  const std::uint64_t first = range.offset / unit * unit;
  const std::uint64_t last = (range.offset + range.bytes + unit - 1) / unit * unit;
  const MutBytes memory = into.resize(static_cast<std::size_t>(last - first));
  STOKER_TRY(io::read_at(file, first, memory, observer));
  return memory.subspan(static_cast<std::size_t>(range.offset - first), static_cast<std::size_t>(range.bytes));
}

}  // namespace stoker::format
