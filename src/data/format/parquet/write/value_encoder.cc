#include "data/format/parquet/write/value_encoder.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"
#include "data/format/parquet/wire/levels.h"

namespace stoker::format::parquet {
namespace {

// Bit width, then the head of one bit-packed run.
std::vector<std::byte> index_head(std::uint64_t count, unsigned bits) {
  std::vector<std::byte> head{static_cast<std::byte>(bits)};
  append_bit_packed_head(head, count);
  return head;
}

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

Status put_stream(std::uint64_t key, std::uint64_t first, std::uint64_t bytes, ByteTarget& target) {
  return fill_pieces(bytes, 1, target, [&](std::uint64_t done, MutBytes room) -> Filled {
    const std::size_t n = std::min<std::uint64_t>(room.size(), bytes - done);
    fill_bytes(key, first + done, room.first(n));
    return {n, n};
  });
}

Status put_zeros(std::size_t count, ByteTarget& target) {
  STOKER_ASSIGN(const MutBytes room, target.reserve(count));
  std::memset(room.data(), 0, count);
  target.commit(count);
  return {};
}

}  // namespace

Status ValueEncoder::put_plain(const Column& column, std::uint64_t key, std::uint64_t first, std::uint64_t count,
                               ByteTarget& target) {
  switch (column.layout) {
    case Layout::kFixed: {
      const std::size_t width = value_bytes(column.values);
      return fill_pieces(count, width, target, [&](std::uint64_t done, MutBytes room) -> Filled {
        const std::size_t n = std::min<std::uint64_t>(room.size() / width, count - done);
        fill_values(column.values, key, first + done, n, room.data());
        return {n, n * width};
      });
    }
    case Layout::kBits:
      return fill_pieces(count, 1, target, [&](std::uint64_t done, MutBytes room) -> Filled {
        const std::size_t n =
            std::min<std::uint64_t>(room.size() * 8, count - done);  // whole bytes but for the last piece
        fill_bits(key, first + done, n, room.data());
        return {n, (n + 7) / 8};
      });
    case Layout::kStrings:
      return fill_pieces(count, kMaxPlainStringBytes, target, [&](std::uint64_t done, MutBytes room) -> Filled {
        const std::size_t n = std::min<std::uint64_t>(room.size() / kMaxPlainStringBytes, count - done);
        return {n, fill_plain_strings(key, first + done, n, room.data())};
      });
    case Layout::kBinaries: {
      const auto length = static_cast<std::uint32_t>(column.binary_bytes);
      for (std::uint64_t i = 0; i < count; ++i) {
        STOKER_TRY(target.put(std::as_bytes(std::span(&length, 1))));
        STOKER_TRY(put_stream(key, (first + i) * column.binary_bytes, column.binary_bytes, target));
      }
      return {};
    }
  }
  STOKER_CHECK(false, "unknown layout");
  return {};
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

std::uint64_t ValueEncoder::index_bytes(std::uint64_t count, unsigned bits) {
  return index_head(count, bits).size() + (count + 7) / 8 * bits;
}

Status ValueEncoder::put_byte_indices(std::uint64_t key, std::uint64_t first, std::uint64_t count, ByteTarget& target) {
  STOKER_TRY(put_index_head(count, 8, target));
  STOKER_TRY(put_stream(key, first, count, target));
  return put_zeros((8 - count % 8) % 8, target);
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
