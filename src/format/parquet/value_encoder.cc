#include "format/parquet/value_encoder.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"
#include "format/parquet/levels.h"

namespace stoker::format::parquet {
namespace {

constexpr std::uint64_t kByteEntries = 256;

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

Status ValueEncoder::plain(const Column& column, std::uint64_t key, std::uint64_t first, std::uint64_t count,
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

Status ValueEncoder::byte_indices(std::uint64_t key, std::uint64_t first, std::uint64_t count, ByteTarget& target) {
  STOKER_TRY(target.put(index_head(count, 8)));
  STOKER_TRY(put_stream(key, first, count, target));
  return put_zeros((8 - count % 8) % 8, target);
}

Status ValueEncoder::byte_dictionary(const Column& column, ByteTarget& target) {
  std::array<std::int32_t, kByteEntries> entries;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    entries[i] = column.dtype == config::DType::kInt8 ? static_cast<std::int8_t>(i) : static_cast<std::int32_t>(i);
  }
  return target.put(std::as_bytes(std::span(entries)));
}

template <class Visit>
Status ValueEncoder::each(const Column& column, std::uint64_t key, std::uint64_t first, std::uint64_t count,
                          Visit visit) {
  // A few values at a time, and at least one however large it is.
  const std::uint64_t most = std::clamp<std::uint64_t>(65536 / max_plain_bytes(column, 1), 1, 1024);
  for (std::uint64_t done = 0; done < count;) {
    const std::uint64_t n = std::min(most, count - done);
    piece_.begin(max_plain_bytes(column, n) + ByteTarget::kMaxReserve);
    STOKER_TRY(plain(column, key, first + done, n, piece_));
    Bytes rest = piece_.bytes();
    for (std::uint64_t i = 0; i < n; ++i) {
      std::size_t size = column.layout == Layout::kFixed ? value_bytes(column.values) : 4;
      if (column.layout != Layout::kFixed) {
        std::uint32_t length;
        std::memcpy(&length, rest.data(), sizeof(length));
        size += length;
      }
      visit(rest.first(size));
      rest = rest.subspan(size);
    }
    done += n;
  }
  return {};
}

Status ValueEncoder::collect(const Column& column, std::uint64_t key, std::uint64_t first, std::uint64_t count,
                             ValueDictionary& dictionary) {
  return each(column, key, first, count, [&](Bytes value) { dictionary.find_or_add(value); });
}

Status ValueEncoder::indices(const Column& column, std::uint64_t key, std::uint64_t first, std::uint64_t count,
                             const ValueDictionary& dictionary, ByteTarget& target) {
  const unsigned bits = dictionary.index_bits();
  STOKER_TRY(target.put(index_head(count, bits)));
  // Indices are packed from the lowest bit up into bytes that are handed on in small pieces.
  std::array<std::byte, 1024> packed;
  std::size_t used = 0;
  std::uint64_t pending = 0;
  unsigned pending_bits = 0;
  Status failed;
  const auto pack = [&](std::uint32_t index) {
    pending |= std::uint64_t{index} << pending_bits;
    for (pending_bits += bits; pending_bits >= 8; pending_bits -= 8, pending >>= 8) {
      packed[used++] = static_cast<std::byte>(pending);
    }
    if (used + sizeof(std::uint32_t) + 1 > packed.size()) {
      if (failed) failed = target.put(Bytes(packed).first(used));
      used = 0;
    }
  };
  STOKER_TRY(each(column, key, first, count, [&](Bytes value) { pack(dictionary.find(value)); }));
  for (std::uint64_t i = count; i % 8 != 0; ++i) pack(0);
  STOKER_TRY(failed);
  return target.put(Bytes(packed).first(used));
}

}  // namespace stoker::format::parquet
