// Image files for tests, written by libjpeg and libpng from pixels at random.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace stoker::format::image::testing {

using File = std::vector<std::byte>;

// Bytes from a seed, and the same but smooth: what a JPEG file can hold.
[[nodiscard]] std::vector<std::byte> noise(std::size_t bytes, unsigned seed = 1);
[[nodiscard]] std::vector<std::byte> slope(std::uint32_t width, std::uint32_t height, std::uint32_t samples);

struct PngShape {
  std::uint32_t width = 1, height = 1;
  int color_type = 0;  // as IHDR has it: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha
  int depth = 8;
  bool interlaced = false;
  bool transparent = false;  // a tRNS chunk
  int level = 6;             // of zlib
};
// `rows`: as the file has them, packed, 16 bits in big endian.
[[nodiscard]] File png(const PngShape& shape, Bytes rows);
// Entry i of a palette is (i, 255 - i, 7 i); with `transparent`, its alpha is i.

struct JpegShape {
  std::uint32_t width = 8, height = 8;
  std::uint32_t samples = 3;  // 1 grey, 3 RGB, 4 CMYK
  bool progressive = false;
  bool arithmetic = false;
  bool many_scans = false;  // of a grey image: one for each coefficient and bit, 640 of them
  int quality = 95;
};
[[nodiscard]] File jpeg(const JpegShape& shape, Bytes pixels);

}  // namespace stoker::format::image::testing
