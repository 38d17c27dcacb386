#include "data/format/parquet/write/value_encoder.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"
#include "data/format/parquet/wire/levels.h"

namespace stoker::format::parquet {
namespace {

// Fills the target's room with as many of the remaining items as fit, piece after piece. `least` is what must fit at
// once; fill(done, room) writes items from `done` on and returns {items, bytes}.
struct Filled {
  std::uint64_t items;
  std::size_t bytes;
};
template <class Fill>
Status fill_pieces(std::uint64_t count, std::size_t least, ByteTarget& target, Fill fill) {
  for (std::uint64_t done = 0; done < count;) {
    STOKER_ASSIGN(const MutBytes room, target.reserve(least));
    const Filled filled = fill(done, room);
    target.commit(filled.bytes);
    done += filled.items;
  }
  return {};
}

// Bytes that a function of their place fills: fill(at, out).
template <class Fill>
Status put_bytes(std::uint64_t bytes, ByteTarget& target, Fill fill) {
  return fill_pieces(bytes, 1, target, [&](std::uint64_t done, MutBytes room) -> Filled {
    const std::size_t n = std::min<std::uint64_t>(room.size(), bytes - done);
    fill(done, room.first(n));
    return {n, n};
  });
}

// Bytes of elements, the first and the last of which may be wanted in part.
void fill_elements(ValueKind kind, std::uint64_t key, std::uint64_t first, std::uint64_t at, MutBytes out) {
  const std::size_t width = value_bytes(kind);
  first += at / width;
  const auto fill_part = [&](std::size_t skip, MutBytes into) {
    std::array<std::byte, sizeof(std::uint64_t)> element;
    fill_values(kind, key, first, 1, element.data());
    std::memcpy(into.data(), element.data() + skip, into.size());
  };
  if (const std::size_t skip = at % width; skip != 0) {
    const std::size_t n = std::min(width - skip, out.size());
    fill_part(skip, out.first(n));
    out = out.subspan(n);
    ++first;
  }
  const std::size_t whole = out.size() / width;
  fill_values(kind, key, first, whole, out.data());
  first += whole;
  if (const MutBytes rest = out.subspan(whole * width); !rest.empty()) fill_part(0, rest);
}

void fill_binaries(std::uint64_t size, std::uint64_t key, std::uint64_t first, std::uint64_t at, MutBytes out) {
  const auto length = static_cast<std::uint32_t>(size);
  const auto head = std::as_bytes(std::span(&length, 1));
  while (!out.empty()) {
    const std::uint64_t element = first + at / (head.size() + size), within = at % (head.size() + size);
    const std::uint64_t end = within < head.size() ? head.size() : head.size() + size;
    const std::size_t n = std::min<std::uint64_t>(end - within, out.size());
    if (within < head.size()) {
      std::memcpy(out.data(), head.data() + within, n);
    } else {
      fill_bytes(key, element * size + (within - head.size()), out.first(n));
    }
    at += n;
    out = out.subspan(n);
  }
}

}  // namespace

void ValueEncoder::fill_plain(const Column& column, std::uint64_t key, std::uint64_t first, std::uint64_t count,
                              std::uint64_t at, MutBytes out) {
  switch (column.layout) {
    case Layout::kFixed: return fill_elements(column.values, key, first, at, out);
    case Layout::kBits: return fill_bits(key, first + 8 * at, std::min(8 * out.size(), count - 8 * at), out.data());
    case Layout::kBinaries: return fill_binaries(column.binary_bytes, key, first, at, out);
    case Layout::kStrings: break;
  }
  STOKER_CHECK(false, "values of any length have no places");
}

Status ValueEncoder::put_plain(const Column& column, std::uint64_t key, std::uint64_t first, std::uint64_t count,
                               ByteTarget& target) {
  if (column.layout == Layout::kStrings) {
    return fill_pieces(count, kMaxPlainStringBytes, target, [&](std::uint64_t done, MutBytes room) -> Filled {
      const std::size_t n = std::min<std::uint64_t>(room.size() / kMaxPlainStringBytes, count - done);
      return {n, fill_plain_strings(key, first + done, n, room.data())};
    });
  }
  return put_bytes(max_plain_bytes(column, count), target,
                   [&](std::uint64_t at, MutBytes out) { fill_plain(column, key, first, count, at, out); });
}

std::optional<std::uint64_t> ValueEncoder::plain_bytes(const Column& column, std::uint64_t count) {
  if (column.layout == Layout::kStrings) return std::nullopt;
  return max_plain_bytes(column, count);
}

std::uint64_t ValueEncoder::min_plain_bytes(const Column& column, std::uint64_t count) {
  if (column.layout == Layout::kStrings) return count * kMinPlainStringBytes;
  return max_plain_bytes(column, count);
}

std::uint64_t ValueEncoder::max_plain_bytes(const Column& column, std::uint64_t count) {
  switch (column.layout) {
    case Layout::kFixed: return count * value_bytes(column.values);
    case Layout::kBits: return (count + 7) / 8;
    case Layout::kStrings: return count * kMaxPlainStringBytes;
    case Layout::kBinaries: return count * (4 + column.binary_bytes);
  }
  return 0;
}

std::vector<std::byte> ValueEncoder::index_head(std::uint64_t count, unsigned bits) {
  std::vector<std::byte> head{static_cast<std::byte>(bits)};
  append_bit_packed_head(head, count);
  return head;
}

std::uint64_t ValueEncoder::index_bytes(std::uint64_t count, unsigned bits) {
  return index_head(count, bits).size() + (count + 7) / 8 * bits;
}

void ValueEncoder::fill_byte_indices(std::uint64_t key, std::uint64_t first, std::uint64_t count, std::uint64_t at,
                                     MutBytes out) {
  const std::size_t values = std::min<std::uint64_t>(out.size(), count - std::min(at, count));
  fill_bytes(key, first + at, out.first(values));
  const MutBytes padding = out.subspan(values);
  std::fill(padding.begin(), padding.end(), std::byte{0});
}

Status ValueEncoder::put_byte_indices(std::uint64_t key, std::uint64_t first, std::uint64_t count, ByteTarget& target) {
  STOKER_TRY(put_index_head(count, kByteIndexBits, target));
  return put_bytes((count + 7) / 8 * 8, target,
                   [&](std::uint64_t at, MutBytes out) { fill_byte_indices(key, first, count, at, out); });
}

Status ValueEncoder::put_byte_dictionary(const Column& column, ByteTarget& target) {
  std::array<std::int32_t, kByteEntries> entries;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    entries[i] = column.dtype == config::DType::kInt8 ? static_cast<std::int8_t>(i) : static_cast<std::int32_t>(i);
  }
  return target.put(std::as_bytes(std::span(entries)));
}

Status ValueEncoder::put_index_head(std::uint64_t count, unsigned bits, ByteTarget& target) {
  return target.put(index_head(count, bits));
}

}  // namespace stoker::format::parquet
