// usage: image_pixels jpeg|png FILE. Prints width, height, samples of a pixel and bytes of a sample, and after the line
// feed the pixels, as reader.decode_images has them; or the error, with exit code 1. For images.py.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "data/format/image/decoder.h"

int main(int argc, char** argv) {
  using namespace stoker;  // NOLINT(google-build-using-namespace)
  if (argc != 3) return 2;
  std::ifstream in(argv[2], std::ios::binary);
  const std::string file{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const auto decoder = format::image::make_decoder(argv[1] == std::string("jpeg") ? format::image::Kind::kJpeg
                                                                                  : format::image::Kind::kPng);
  format::Arena memory;
  const auto picture = decoder->decode(std::as_bytes(std::span(file)), memory);
  if (!picture) {
    fmt::print("{}\n", picture.error().message);
    return 1;
  }
  const format::image::Frame& frame = picture->frame;
  fmt::print("{} {} {} {}\n", frame.width, frame.height, frame.samples, frame.sample_bytes);
  return std::fwrite(picture->pixels.data(), 1, picture->pixels.size(), stdout) == picture->pixels.size() ? 0 : 1;
}
