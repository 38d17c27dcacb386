#include "data/format/zip.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string_view>

#include "base/printable.h"

namespace stoker::format {
namespace {

constexpr std::uint32_t kLocalMagic = 0x04034b50, kCentralMagic = 0x02014b50, kEndMagic = 0x06054b50;
constexpr std::uint32_t kDescriptorMagic = 0x08074b50, kEnd64Magic = 0x06064b50, kLocator64Magic = 0x07064b50;
constexpr std::uint16_t kZip64 = 1;  // id of the extra field
constexpr std::uint16_t kVersion = 45, kUnix = 3;
constexpr std::uint16_t kSizesFollow = 8;  // a flag
constexpr std::uint16_t kDate = 0x21;      // 1980-01-01
constexpr std::uint32_t kMode = 0600U << 16U;
constexpr std::uint32_t kAllOnes = 0xFFFFFFFF;
constexpr std::uint64_t kLimit = 0x7FFFFFFF;  // above it Python writes 64 bits
constexpr std::size_t kEnd = 22, kLocator64 = 20, kEnd64 = 56, kCentral = 46;

template <class T>
void put(std::vector<std::byte>& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) out.push_back(static_cast<std::byte>(value >> (8 * i)));
}
void put_text(std::vector<std::byte>& out, std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  out.insert(out.end(), bytes.begin(), bytes.end());
}

template <class T>
T get(Bytes bytes, std::size_t at) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<T>(value | static_cast<T>(static_cast<T>(bytes[at + i]) << (8 * i)));
  return value;
}

Error corrupt(std::string_view what) {
  return make_error(Code::kCorrupt, "the ZIP archive: {}", what);
}

// Sizes and offset of 32 bits that are all ones stand in the extra field, in this order.
Status take_zip64(Bytes extra, ZipMember& member) {
  while (extra.size() >= 4) {
    const auto id = get<std::uint16_t>(extra, 0);
    const std::size_t bytes = get<std::uint16_t>(extra, 2);
    extra = extra.subspan(4);
    if (bytes > extra.size()) return corrupt("an extra field is longer than its place");
    Bytes content = extra.first(bytes);
    extra = extra.subspan(bytes);
    if (id != kZip64) continue;
    for (std::uint64_t* const value : {&member.plain_bytes, &member.stored_bytes, &member.offset}) {
      if (*value != kAllOnes) continue;
      if (content.size() < sizeof *value) return corrupt("the sizes of a large member are missing");
      *value = get<std::uint64_t>(content, 0);
      content = content.subspan(sizeof *value);
    }
  }
  return {};
}

// What both headers of a member have alike.
void put_member(std::vector<std::byte>& out, const ZipMember& member, std::uint32_t crc) {
  put(out, kVersion);
  put(out, member.sizes_follow ? kSizesFollow : std::uint16_t{0});
  put(out, member.method);
  put(out, std::uint16_t{0});  // time
  put(out, kDate);
  put(out, crc);
}

}  // namespace

void append_local_header(std::vector<std::byte>& out, const ZipMember& member) {
  put(out, kLocalMagic);
  put_member(out, member, member.sizes_follow ? 0 : member.crc);
  put(out, kAllOnes);
  put(out, kAllOnes);
  put(out, static_cast<std::uint16_t>(member.name.size()));
  put(out, std::uint16_t{20});
  put_text(out, member.name);
  put(out, kZip64);
  put(out, std::uint16_t{16});
  // That they stand here says that those which follow are of 64 bits, too.
  put(out, member.sizes_follow ? 0 : member.plain_bytes);
  put(out, member.sizes_follow ? 0 : member.stored_bytes);
}

void append_descriptor(std::vector<std::byte>& out, const ZipMember& member) {
  put(out, kDescriptorMagic);
  put(out, member.crc);
  put(out, member.stored_bytes);
  put(out, member.plain_bytes);
}

void append_directory(std::vector<std::byte>& out, std::span<const ZipMember> members, std::uint64_t offset) {
  const std::size_t begin = out.size();
  for (const ZipMember& member : members) {
    std::vector<std::uint64_t> large;
    const bool large_sizes = member.plain_bytes > kLimit || member.stored_bytes > kLimit;
    if (large_sizes) large = {member.plain_bytes, member.stored_bytes};
    if (member.offset > kLimit) large.push_back(member.offset);
    const auto in_32 = [](std::uint64_t value, bool is_large) {
      return is_large ? kAllOnes : static_cast<std::uint32_t>(value);
    };
    put(out, kCentralMagic);
    put(out, static_cast<std::uint16_t>(kUnix << 8U | kVersion));
    put_member(out, member, member.crc);
    put(out, in_32(member.stored_bytes, large_sizes));
    put(out, in_32(member.plain_bytes, large_sizes));
    put(out, static_cast<std::uint16_t>(member.name.size()));
    put(out, static_cast<std::uint16_t>(large.empty() ? 0 : 4 + 8 * large.size()));
    put(out, std::uint16_t{0});  // comment
    put(out, std::uint16_t{0});  // disk
    put(out, std::uint16_t{0});  // internal attributes
    put(out, kMode);
    put(out, in_32(member.offset, member.offset > kLimit));
    put_text(out, member.name);
    if (large.empty()) continue;
    put(out, kZip64);
    put(out, static_cast<std::uint16_t>(8 * large.size()));
    for (const std::uint64_t value : large) put(out, value);
  }
  const std::uint64_t bytes = out.size() - begin;
  const auto count = static_cast<std::uint16_t>(members.size());
  std::uint32_t offset_32 = static_cast<std::uint32_t>(offset);
  if (offset > kLimit) {
    put(out, kEnd64Magic);
    put(out, std::uint64_t{kEnd64 - 12});
    put(out, kVersion);
    put(out, kVersion);
    put(out, std::uint32_t{0});
    put(out, std::uint32_t{0});
    put(out, std::uint64_t{count});
    put(out, std::uint64_t{count});
    put(out, bytes);
    put(out, offset);
    put(out, kLocator64Magic);
    put(out, std::uint32_t{0});
    put(out, offset + bytes);
    put(out, std::uint32_t{1});
    offset_32 = static_cast<std::uint32_t>(std::min<std::uint64_t>(offset, kAllOnes));
  }
  put(out, kEndMagic);
  put(out, std::uint32_t{0});  // disks
  put(out, count);
  put(out, count);
  put(out, static_cast<std::uint32_t>(bytes));
  put(out, offset_32);
  put(out, std::uint16_t{0});  // comment
}

Result<ZipDirectory> find_directory(Bytes end, std::uint64_t file_bytes) {
  const std::uint64_t begin = file_bytes - end.size();  // of `end` in the file
  for (std::size_t at = end.size() < kEnd ? 0 : end.size() - kEnd + 1; at-- > 0;) {
    if (get<std::uint32_t>(end, at) != kEndMagic) continue;
    if (at + kEnd + get<std::uint16_t>(end, at + 20) != end.size()) continue;
    ZipDirectory place{.offset = get<std::uint32_t>(end, at + 16),
                       .bytes = get<std::uint32_t>(end, at + 12),
                       .members = get<std::uint16_t>(end, at + 10)};
    if (at >= kLocator64 && get<std::uint32_t>(end, at - kLocator64) == kLocator64Magic) {
      const auto where = get<std::uint64_t>(end, at - kLocator64 + 8);
      if (where < begin || where > begin + at || begin + at - where < kEnd64) {
        return corrupt("its end of 64 bits lies outside of the file's end");
      }
      const auto inside = static_cast<std::size_t>(where - begin);
      if (get<std::uint32_t>(end, inside) != kEnd64Magic) return corrupt("its end of 64 bits is not where it is said");
      place = {.offset = get<std::uint64_t>(end, inside + 48),
               .bytes = get<std::uint64_t>(end, inside + 40),
               .members = get<std::uint64_t>(end, inside + 32)};
    }
    const std::uint64_t last = begin + at;
    if (place.offset > last || place.bytes > last - place.offset) {
      return corrupt(fmt::format("a directory of {} bytes at offset {} does not fit into {} bytes", place.bytes,
                                 place.offset, file_bytes));
    }
    return place;
  }
  return corrupt("no directory at its end: it is none, or ends early");
}

Result<std::vector<ZipMember>> parse_directory(Bytes directory, const ZipDirectory& place) {
  if (place.members > std::numeric_limits<std::uint16_t>::max()) {
    return make_error(Code::kUnsupported, "the ZIP archive: {} members, expected at most 65535", place.members);
  }
  std::vector<ZipMember> members;
  while (members.size() < place.members) {
    if (directory.size() < kCentral || get<std::uint32_t>(directory, 0) != kCentralMagic) {
      return corrupt(fmt::format("its directory has {} of {} members", members.size(), place.members));
    }
    const std::size_t name = get<std::uint16_t>(directory, 28), extra = get<std::uint16_t>(directory, 30);
    const std::size_t comment = get<std::uint16_t>(directory, 32);
    if (directory.size() - kCentral < name + extra + comment) return corrupt("its directory ends within a member");
    const auto text = directory.subspan(kCentral, name);
    ZipMember member{.name = std::string(reinterpret_cast<const char*>(text.data()), text.size()),
                     .method = get<std::uint16_t>(directory, 10),
                     .crc = get<std::uint32_t>(directory, 16),
                     .stored_bytes = get<std::uint32_t>(directory, 20),
                     .plain_bytes = get<std::uint32_t>(directory, 24),
                     .offset = get<std::uint32_t>(directory, 42)};
    STOKER_TRY(take_zip64(directory.subspan(kCentral + name, extra), member));
    if ((get<std::uint16_t>(directory, 8) & 1U) != 0) {
      return make_error(Code::kUnsupported, "the ZIP archive: member '{}' is encrypted", printable_line(member.name));
    }
    if (member.offset > place.offset || place.offset - member.offset < kLocalHeader ||
        member.stored_bytes > place.offset - member.offset - kLocalHeader) {
      return corrupt(fmt::format("member '{}' of {} bytes at offset {} does not lie before the directory",
                                 printable_line(member.name), member.stored_bytes, member.offset));
    }
    members.push_back(std::move(member));
    directory = directory.subspan(kCentral + name + extra + comment);
  }
  return members;
}

Result<std::uint64_t> local_header_bytes(Bytes header, const ZipMember& member) {
  if (header.size() < kLocalHeader || get<std::uint32_t>(header, 0) != kLocalMagic ||
      get<std::uint16_t>(header, 8) != member.method) {
    return corrupt(fmt::format("no header of member '{}' at offset {}", printable_line(member.name), member.offset));
  }
  return std::uint64_t{kLocalHeader} + get<std::uint16_t>(header, 26) + get<std::uint16_t>(header, 28);
}

}  // namespace stoker::format
