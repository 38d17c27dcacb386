// ZIP archives as Python writes them, and as far as such archives have to be read (APPNOTE.TXT 6.3).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace stoker::format {

inline constexpr std::uint16_t kStored = 0, kDeflated = 8;

struct ZipMember {
  std::string name;
  std::uint16_t method = kStored;
  bool sizes_follow = false;                        // its content, because they are not known before it
  std::uint32_t crc = 0;                            // of the plain bytes
  std::uint64_t stored_bytes = 0, plain_bytes = 0;  // without headers
  std::uint64_t offset = 0;                         // of its local header
};

// Byte for byte what Python's zipfile writes in front of a member of numpy.savez.
void append_local_header(std::vector<std::byte>& out, const ZipMember& member);
// Behind its content, where sizes follow.
void append_descriptor(std::vector<std::byte>& out, const ZipMember& member);
// And behind all members, where `offset` is.
void append_directory(std::vector<std::byte>& out, std::span<const ZipMember> members, std::uint64_t offset);

// The most bytes at the end of an archive that parse_directory() looks at first.
inline constexpr std::uint64_t kZipEndBytes = 22 + 65535 + 20;

// The place of the directory, from the end of the archive: `end` are its last min(kZipEndBytes, file_bytes) bytes or
// more. Code::kCorrupt.
struct ZipDirectory {
  std::uint64_t offset = 0, bytes = 0, members = 0;
};
[[nodiscard]] Result<ZipDirectory> find_directory(Bytes end, std::uint64_t file_bytes);
// Its members, each of which lies before it. Code::kCorrupt; Code::kUnsupported for encrypted ones and more than 65535.
[[nodiscard]] Result<std::vector<ZipMember>> parse_directory(Bytes directory, const ZipDirectory& place);
// Bytes of the local header of a member, from its first kLocalHeader bytes: its content follows. Code::kCorrupt where
// it is none, or has another method.
inline constexpr std::size_t kLocalHeader = 30;
[[nodiscard]] Result<std::uint64_t> local_header_bytes(Bytes header, const ZipMember& member);

}  // namespace stoker::format
