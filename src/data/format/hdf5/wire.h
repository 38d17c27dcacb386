// The bytes of HDF5's metadata: little endian numbers, addresses and lengths of 8 bytes, and the checksum of newer
// blocks.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace stoker::format::hdf5 {

// The address of what is not there.
inline constexpr std::uint64_t kUndefined = ~std::uint64_t{0};

inline constexpr std::string_view kSignature{"\x89HDF\r\n\x1a\n", 8};

// Types of the messages that object headers consist of.
enum MessageType : std::uint8_t {
  kDataspace = 0x01,
  kLinkInfo = 0x02,
  kDatatype = 0x03,
  kOldFillValue = 0x04,
  kFillValue = 0x05,
  kLink = 0x06,
  kExternalFiles = 0x07,
  kLayout = 0x08,
  kGroupInfo = 0x0A,
  kFilters = 0x0B,
  kContinuation = 0x10,
  kSymbolTable = 0x11,
};

enum LayoutClass : std::uint8_t { kCompact = 0, kContiguous = 1, kChunked = 2, kVirtual = 3 };

// How the chunks of an array are found (layout messages of version 4). 0: by a B-tree of version 1, as in older ones.
enum ChunkIndex : std::uint8_t {
  kOldTree = 0,
  kSingleChunk = 1,
  kImplicit = 2,
  kFixedArray = 3,
  kExtensibleArray = 4,
  kTree = 5,
};

enum FilterId : std::uint16_t { kDeflate = 1, kShuffle = 2, kFletcher32 = 3, kLzf = 32000 };

// lookup3 of Bob Jenkins, from 0: what newer blocks of metadata end with.
[[nodiscard]] std::uint32_t metadata_checksum(Bytes block);

// Appends to a block of metadata.
class BlockWriter {
 public:
  explicit BlockWriter(std::vector<std::byte>& out) : out_(out), begin_(out.size()) {}

  void number(std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) out_.push_back(static_cast<std::byte>(value >> (8 * i)));
  }
  void u8(std::uint64_t value) { number(value, 1); }
  void u16(std::uint64_t value) { number(value, 2); }
  void u32(std::uint64_t value) { number(value, 4); }
  void u64(std::uint64_t value) { number(value, 8); }
  void text(std::string_view text) {
    for (const char c : text) out_.push_back(static_cast<std::byte>(c));
  }
  void put(Bytes bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  // Of what was appended so far.
  void checksum() { u32(metadata_checksum(Bytes(out_).subspan(begin_))); }

 private:
  std::vector<std::byte>& out_;
  const std::size_t begin_;
};

// Takes numbers from a block. What is not there is 0, and shows in ok().
class BlockReader {
 public:
  explicit BlockReader(Bytes block) : rest_(block) {}

  std::uint64_t number(std::size_t bytes) {
    const Bytes taken = take(bytes);
    std::uint64_t value = 0;
    for (std::size_t i = taken.size(); i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(taken[i]);
    return value;
  }
  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  Bytes take(std::uint64_t bytes) {
    if (bytes > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const Bytes taken = rest_.first(static_cast<std::size_t>(bytes));
    rest_ = rest_.subspan(static_cast<std::size_t>(bytes));
    return taken;
  }
  std::string_view text(std::uint64_t bytes) {
    const Bytes taken = take(bytes);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }
  [[nodiscard]] Bytes rest() const { return rest_; }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  Bytes rest_;
  bool ok_ = true;
};

// Bytes that a number up to `most` takes, as HDF5 counts them where a field is as wide as it must be.
[[nodiscard]] constexpr std::size_t bytes_for(std::uint64_t most) {
  std::size_t bytes = 1;
  while (bytes < 8 && most >> (8 * bytes) != 0) ++bytes;
  return bytes;
}

// Of the stored size of a filtered chunk, which may be larger than the chunk: a byte more than it needs.
[[nodiscard]] constexpr std::size_t chunk_size_bytes(std::uint64_t chunk_bytes) {
  return bytes_for(chunk_bytes) < 8 ? bytes_for(chunk_bytes) + 1 : 8;
}

}  // namespace stoker::format::hdf5
