#include "data/format/image/testing/pictures.h"

#include <png.h>

#include <array>
#include <cstdlib>
#include <random>

#include "data/format/image/jpeg_library.h"

namespace stoker::format::image::testing {
namespace {

void append(png_structp png, png_bytep data, std::size_t bytes) {
  auto& file = *static_cast<File*>(png_get_io_ptr(png));
  const auto* const first = reinterpret_cast<const std::byte*>(data);
  file.insert(file.end(), first, first + bytes);
}

}  // namespace

std::vector<std::byte> noise(std::size_t bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::byte> out(bytes);
  for (std::byte& byte : out) byte = static_cast<std::byte>(random());
  return out;
}

std::vector<std::byte> slope(std::uint32_t width, std::uint32_t height, std::uint32_t samples) {
  std::vector<std::byte> out;
  out.reserve(std::size_t{width} * height * samples);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      for (std::uint32_t s = 0; s < samples; ++s) out.push_back(static_cast<std::byte>((x + 2 * y + 40 * s) % 200));
    }
  }
  return out;
}

File png(const PngShape& shape, Bytes rows) {
  File file;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(png, &file, append, nullptr);
  png_set_compression_level(png, shape.level);
  png_set_IHDR(png, info, shape.width, shape.height, shape.depth, shape.color_type,
               shape.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  const int colors = 1 << shape.depth;
  if (shape.color_type == PNG_COLOR_TYPE_PALETTE) {
    std::array<png_color, 256> palette;
    for (int i = 0; i < 256; ++i)
      palette[static_cast<std::size_t>(i)] = {static_cast<png_byte>(i), static_cast<png_byte>(255 - i),
                                              static_cast<png_byte>(7 * i)};
    png_set_PLTE(png, info, palette.data(), colors);
  }
  std::array<png_byte, 256> alpha;
  for (int i = 0; i < 256; ++i) alpha[static_cast<std::size_t>(i)] = static_cast<png_byte>(i);
  const png_color_16 clear{.index = 0, .red = 1, .green = 1, .blue = 1, .gray = 1};
  if (shape.transparent) png_set_tRNS(png, info, alpha.data(), colors, &clear);
  png_write_info(png, info);
  const std::size_t row_bytes = png_get_rowbytes(png, info);
  if (rows.size() != row_bytes * shape.height) std::abort();
  const auto* const first = reinterpret_cast<png_const_bytep>(rows.data());
  const int passes = png_set_interlace_handling(png);
  for (int pass = 0; pass < passes; ++pass) {
    for (std::uint32_t row = 0; row < shape.height; ++row) png_write_row(png, first + row * row_bytes);
  }
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return file;
}

File jpeg(const JpegShape& shape, Bytes pixels) {
  jpeg_compress_struct image{};
  jpeg_error_mgr errors{};
  image.err = jpeg_std_error(&errors);
  jpeg_create_compress(&image);
  unsigned char* memory = nullptr;
  unsigned long bytes = 0;
  jpeg_mem_dest(&image, &memory, &bytes);
  image.image_width = shape.width;
  image.image_height = shape.height;
  image.input_components = static_cast<int>(shape.samples);
  image.in_color_space = shape.samples == 1 ? JCS_GRAYSCALE : shape.samples == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&image);
  jpeg_set_quality(&image, shape.quality, TRUE);
  if (shape.progressive) jpeg_simple_progression(&image);
  image.arith_code = shape.arithmetic ? TRUE : FALSE;
  std::vector<jpeg_scan_info> scans;
  constexpr int kBits = 10;
  for (int bit = kBits - 1; bit >= 0; --bit) {
    for (int k = 0; k < DCTSIZE2; ++k) {
      scans.push_back({.comps_in_scan = 1,
                       .component_index = {0},
                       .Ss = k,
                       .Se = k,
                       .Ah = bit == kBits - 1 ? 0 : bit + 1,
                       .Al = bit});
    }
  }
  if (shape.many_scans) {
    image.scan_info = scans.data();
    image.num_scans = static_cast<int>(scans.size());
  }
  jpeg_start_compress(&image, TRUE);
  const std::size_t row_bytes = std::size_t{shape.width} * shape.samples;
  if (pixels.size() != row_bytes * shape.height) std::abort();
  while (image.next_scanline < image.image_height) {
    auto* row = const_cast<JSAMPROW>(reinterpret_cast<const JSAMPLE*>(pixels.data()) + image.next_scanline * row_bytes);
    jpeg_write_scanlines(&image, &row, 1);
  }
  jpeg_finish_compress(&image);
  const auto* const first = reinterpret_cast<const std::byte*>(memory);
  File file(first, first + bytes);
  jpeg_destroy_compress(&image);
  std::free(memory);
  return file;
}

}  // namespace stoker::format::image::testing
