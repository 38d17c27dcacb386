#include "data/format/image/png_chunks.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "base/checksum.h"
#include "base/printable.h"

namespace stoker::format::image {
namespace {

constexpr std::array kHead{std::byte{0x89}, std::byte{'P'},  std::byte{'N'},  std::byte{'G'},
                           std::byte{'\r'}, std::byte{'\n'}, std::byte{0x1A}, std::byte{'\n'}};
constexpr std::size_t kLength = 4, kName = 4, kCrc = 4;

std::uint32_t big_endian(Bytes bytes) {
  std::uint32_t value = 0;
  for (const std::byte byte : bytes.first(sizeof value)) value = value << 8U | static_cast<std::uint32_t>(byte);
  return value;
}

}  // namespace

bool is_png(Bytes file) {
  return file.size() >= kHead.size() && std::ranges::equal(file.first(kHead.size()), kHead);
}

Status check_png(Bytes file) {
  for (std::size_t at = kHead.size();;) {
    const Bytes rest = file.subspan(at);
    if (rest.size() < kLength + kName + kCrc)
      return make_error(Code::kCorrupt, "the PNG image ends at byte {} without its last chunk", file.size());
    const std::size_t bytes = big_endian(rest);
    const std::string_view name(reinterpret_cast<const char*>(rest.data()) + kLength, kName);
    if (bytes > rest.size() - kLength - kName - kCrc) {
      return make_error(Code::kCorrupt, "chunk '{}' at byte {} of the PNG image ends behind the file",
                        printable_line(name), at);
    }
    const std::uint32_t expected = big_endian(rest.subspan(kLength + kName + bytes));
    const std::uint32_t found = crc32(rest.subspan(kLength, kName + bytes));
    if (found != expected) {
      return make_error(Code::kCorrupt,
                        "chunk '{}' at byte {} of the PNG image has the checksum {:08x}, expected {:08x}",
                        printable_line(name), at, found, expected);
    }
    if (name == "IEND") return {};
    at += kLength + kName + bytes + kCrc;
  }
}

}  // namespace stoker::format::image
