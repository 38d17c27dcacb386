#include "data/format/hdf5/filters.h"

#include <algorithm>
#include <cstring>

#include "data/format/hdf5/lzf.h"

namespace stoker::format::hdf5 {
namespace {

constexpr std::size_t kChecksum = 4;

// Byte b of all elements lies together: in front that of b = 0. What is no whole element follows as it is.
void unshuffle(Bytes stored, std::size_t width, MutBytes into) {
  const std::size_t elements = stored.size() / width;
  for (std::size_t byte = 0; byte < width; ++byte) {
    const std::byte* const from = stored.data() + byte * elements;
    std::byte* const to = into.data() + byte;
    for (std::size_t i = 0; i < elements; ++i) to[i * width] = from[i];
  }
  std::ranges::copy(stored.subspan(elements * width), into.begin() + static_cast<std::ptrdiff_t>(elements * width));
}

}  // namespace

std::uint32_t fletcher32(Bytes bytes) {
  std::uint32_t a = 0, b = 0;
  const auto fold = [](std::uint32_t sum) { return (sum & 0xFFFFU) + (sum >> 16U); };
  std::size_t at = 0;
  while (bytes.size() - at >= 2) {
    // As many words as cannot overflow the sums.
    for (int i = 0; i < 360 && bytes.size() - at >= 2; ++i, at += 2) {
      a += std::to_integer<std::uint32_t>(bytes[at]) << 8U | std::to_integer<std::uint32_t>(bytes[at + 1]);
      b += a;
    }
    a = fold(a);
    b = fold(b);
  }
  if (at < bytes.size()) {
    a += std::to_integer<std::uint32_t>(bytes[at]) << 8U;
    b += a;
    a = fold(a);
    b = fold(b);
  }
  return fold(b) << 16U | fold(a);
}

Status FilterReader::undo(const Array& array, const StoredChunk& chunk, Bytes stored, MutBytes plain,
                          bool verify_checksums) {
  const auto is_applied = [&](std::size_t i) { return (chunk.filter_mask >> i & 1U) == 0; };
  std::size_t next = 0;  // of the buffers
  for (std::size_t i = array.filters.size(); i-- > 0;) {
    if (!is_applied(i)) continue;
    // What is in front of it in the pipeline adds checksums, and leaves sizes as they are: there is one compression.
    std::size_t bytes = plain.size();
    bool is_last = true;
    for (std::size_t before = 0; before < i; ++before) {
      if (!is_applied(before)) continue;
      is_last = false;
      if (array.filters[before].id == kFletcher32) bytes += kChecksum;
    }
    const Filter& filter = array.filters[i];
    if (filter.id == kFletcher32) {
      if (stored.size() < kChecksum) return make_error(Code::kCorrupt, "its {} bytes have no checksum", stored.size());
      const Bytes content = stored.first(stored.size() - kChecksum);
      if (verify_checksums) {
        const std::uint32_t expected = BlockReader(stored.last(kChecksum)).u32(), found = fletcher32(content);
        if (found != expected) {
          return make_error(Code::kCorrupt, "has the checksum {:08x}, expected {:08x} (fletcher32)", found, expected);
        }
      }
      stored = content;
      continue;
    }
    const MutBytes into = is_last ? plain : between_[next].resize(bytes);
    next = 1 - next;
    switch (filter.id) {
      case kDeflate: STOKER_TRY(inflater_.inflate(stored, Inflater::Frame::kZlib, into)); break;
      case kLzf:
        if (!lzf_decompress(stored, into))
          return make_error(Code::kCorrupt, "its {} bytes are not {} bytes of LZF", stored.size(), into.size());
        break;
      default:
        if (stored.size() != into.size())
          return make_error(Code::kCorrupt, "has {} bytes before they are put in order, expected {}", stored.size(),
                            into.size());
        unshuffle(stored, filter.element_bytes, into);
    }
    stored = into;
  }
  if (stored.data() == plain.data()) return {};
  if (stored.size() != plain.size())
    return make_error(Code::kCorrupt, "has {} bytes, expected {} for its shape", stored.size(), plain.size());
  std::ranges::copy(stored, plain.begin());
  return {};
}

}  // namespace stoker::format::hdf5
