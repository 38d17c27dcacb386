// The bytes of tables and journals of file records (docs/formats.md, "Records of files").
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/checksum.h"
#include "data/dataset/file_records.h"

namespace stoker::dataset::internal {

inline constexpr std::string_view kTableMagic = "STKFILES";
inline constexpr std::string_view kJournalMagic = "STKJOURN";
inline constexpr std::uint32_t kRecordsVersion = 1;
inline constexpr std::uint32_t kRecorded = 1;  // flags of an entry: the file is complete

inline constexpr std::size_t kHeaderBytes = 32;
inline constexpr std::size_t kEntryBytes = 32;
inline constexpr std::size_t kJournalEntryBytes = 8 + kEntryBytes;

using HeaderBytes = std::array<std::byte, kHeaderBytes>;
using JournalEntryBytes = std::array<std::byte, kJournalEntryBytes>;

template <class T>
void put(std::byte* at, T value) {
  for (std::size_t i = 0; i < sizeof value; ++i) at[i] = static_cast<std::byte>(value >> (8 * i));
}

template <class T>
[[nodiscard]] T get(const std::byte* at) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) value |= static_cast<T>(std::to_integer<T>(at[i]) << (8 * i));
  return value;
}

[[nodiscard]] inline HeaderBytes header_bytes(std::string_view magic, const RecordsKey& key) {
  HeaderBytes bytes{};
  std::memcpy(bytes.data(), magic.data(), 8);
  put<std::uint64_t>(&bytes[8], key.identity);
  put<std::uint64_t>(&bytes[16], key.files);
  put<std::uint32_t>(&bytes[24], kRecordsVersion);
  put<std::uint32_t>(&bytes[28], crc32(Bytes(bytes).first(28)));
  return bytes;
}

// The CRC of an entry covers the number of its file, so that an entry in another's place is noticed.
[[nodiscard]] inline std::uint32_t entry_crc(std::uint64_t g, const std::byte* entry) {
  std::array<std::byte, 8> number;
  put(number.data(), g);
  return crc32(Bytes(entry, 28), crc32(number));
}

inline void put_entry(std::byte* at, std::uint64_t g, const std::optional<FileRecord>& record) {
  std::memset(at, 0, kEntryBytes);
  if (record) {
    put(at, record->rows);
    put(at + 8, record->bytes);
    put(at + 16, record->checksum);
    put<std::uint32_t>(at + 24, kRecorded);
  }
  put(at + 28, entry_crc(g, at));
}

// False when the entry is damaged.
[[nodiscard]] inline bool get_entry(const std::byte* at, std::uint64_t g, std::optional<FileRecord>& record) {
  record.reset();
  if (get<std::uint32_t>(at + 28) != entry_crc(g, at)) return false;
  if (get<std::uint32_t>(at + 24) != kRecorded) return true;
  record = FileRecord{
      .rows = get<std::uint64_t>(at), .bytes = get<std::uint64_t>(at + 8), .checksum = get<std::uint64_t>(at + 16)};
  return true;
}

}  // namespace stoker::dataset::internal
