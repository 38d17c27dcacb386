#include "data/format/hdf5/wire.h"

#include <bit>

namespace stoker::format::hdf5 {
namespace {

std::uint32_t word_at(Bytes bytes, std::size_t at) {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < 4 && at + i < bytes.size(); ++i)
    word |= std::to_integer<std::uint32_t>(bytes[at + i]) << (8 * i);
  return word;
}

}  // namespace

std::uint32_t metadata_checksum(Bytes block) {
  std::uint32_t a = 0xdeadbeefU + static_cast<std::uint32_t>(block.size());
  std::uint32_t b = a, c = a;
  if (block.empty()) return c;
  while (block.size() > 12) {
    a += word_at(block, 0);
    b += word_at(block, 4);
    c += word_at(block, 8);
    a = (a - c) ^ std::rotl(c, 4);
    c += b;
    b = (b - a) ^ std::rotl(a, 6);
    a += c;
    c = (c - b) ^ std::rotl(b, 8);
    b += a;
    a = (a - c) ^ std::rotl(c, 16);
    c += b;
    b = (b - a) ^ std::rotl(a, 19);
    a += c;
    c = (c - b) ^ std::rotl(b, 4);
    b += a;
    block = block.subspan(12);
  }
  a += word_at(block, 0);
  b += word_at(block, 4);
  c += word_at(block, 8);
  c = (c ^ b) - std::rotl(b, 14);
  a = (a ^ c) - std::rotl(c, 11);
  b = (b ^ a) - std::rotl(a, 25);
  c = (c ^ b) - std::rotl(b, 16);
  a = (a ^ c) - std::rotl(c, 4);
  b = (b ^ a) - std::rotl(a, 14);
  return (c ^ b) - std::rotl(b, 24);
}

}  // namespace stoker::format::hdf5
