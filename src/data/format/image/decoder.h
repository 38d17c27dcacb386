// Pixels of an image file, by libjpeg or libpng. What a file claims is checked before memory is taken for it: an image
// has at most as many pixels as its bytes can hold.
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/status.h"
#include "data/format/arena.h"
#include "data/format/image/image_bytes.h"

namespace stoker::format::image {

// What the head of a file says.
struct Frame {
  std::uint32_t width = 0, height = 0;
  std::uint32_t samples = 0;        // of a pixel: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha, or CMYK
  std::uint32_t sample_bytes = 1;   // 2 in little endian
  std::uint64_t library_bytes = 0;  // that the library takes for the whole image beside its pixels
  [[nodiscard]] std::uint64_t row_bytes() const { return std::uint64_t{width} * samples * sample_bytes; }
  [[nodiscard]] std::uint64_t bytes() const { return height * row_bytes(); }
  [[nodiscard]] std::uint64_t memory_bytes() const { return bytes() + library_bytes; }
  friend bool operator==(const Frame&, const Frame&) = default;
};

// Keeps what its library can keep from one image to the next. For one thread. Errors say what the library said, without
// the path: Code::kCorrupt, or Code::kUnsupported for what is valid and is not decoded here.
class Decoder {
 public:
  virtual ~Decoder() = default;

  // The whole image, its end included: rows from the top, pixels from the left, samples of a pixel side by side. They
  // lie in `memory`, which is reset before.
  struct Picture {
    Frame frame;
    Bytes pixels;
  };
  [[nodiscard]] Result<Picture> decode(Bytes file, Arena& memory);
  // The same of the head alone, for which the first bytes of a file of `file_bytes` may do.
  [[nodiscard]] Result<Frame> look(Bytes head, std::uint64_t file_bytes, Arena& memory);

 private:
  // Up to the pixels. The library's own memory may lie in `memory`.
  virtual Result<Frame> begin(Bytes file, std::uint64_t file_bytes, Arena& memory) = 0;
  // All rows, and what follows them; once, after begin().
  virtual Status finish(const Frame& frame, MutBytes pixels) = 0;
};

[[nodiscard]] std::unique_ptr<Decoder> make_decoder(Kind kind);

// One for each library.
[[nodiscard]] std::unique_ptr<Decoder> make_jpeg_decoder();
[[nodiscard]] std::unique_ptr<Decoder> make_png_decoder();

}  // namespace stoker::format::image
