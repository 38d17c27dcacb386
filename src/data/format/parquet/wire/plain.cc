#include "data/format/parquet/wire/plain.h"

namespace stoker::format::parquet {
namespace {

template <class T>
void narrow_to(const std::byte* in, std::size_t count, std::byte* out) {
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t value;
    std::memcpy(&value, in + i * sizeof value, sizeof value);
    const auto low = static_cast<T>(value);
    std::memcpy(out + i * sizeof low, &low, sizeof low);
  }
}

}  // namespace

void narrow(const std::byte* in, std::size_t count, std::uint32_t width, std::byte* out) {
  if (width == 1) {
    narrow_to<std::uint8_t>(in, count, out);
  } else {
    narrow_to<std::uint16_t>(in, count, out);
  }
}

void unpack_bits(const std::byte* bits, std::size_t first, std::size_t count, std::byte* out) {
  std::size_t i = first;
  const std::size_t end = first + count;
  const auto one = [&] {
    *out++ = bits[i / 8] >> (i % 8) & std::byte{1};
    ++i;
  };
  while (i < end && i % 8 != 0) one();
  for (; end - i >= 8; i += 8, out += 8) {
    // Copy the byte eight times, keep bit k in copy k, and make each copy that is not 0 a 1.
    const std::uint64_t copies =
        static_cast<std::uint64_t>(bits[i / 8]) * 0x0101010101010101ULL & 0x8040201008040201ULL;
    const std::uint64_t ones = (copies + 0x7F7F7F7F7F7F7F7FULL) >> 7 & 0x0101010101010101ULL;
    std::memcpy(out, &ones, sizeof ones);
  }
  while (i < end) one();
}

}  // namespace stoker::format::parquet
