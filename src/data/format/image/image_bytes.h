// The bytes of the image files of a data set: valid greyscale images of exactly the size that a sample has.
#pragma once

#include <cstdint>
#include <stop_token>

#include "base/status.h"
#include "config/workload.h"
#include "data/dataset/layout.h"
#include "data/format/output_buffer.h"

namespace stoker::format::image {

enum class Kind : std::uint8_t { kJpeg, kPng };

// One image, whatever number of samples the file counts as.
//
// JPEG: 8 x 8 pixels, and comments of random bytes up to the size. PNG: as many rows of random pixels as fit, stored,
// and a chunk of its own that fills what is left. What is too small for that are random bytes alone.
class ImageBytes {
 public:
  ImageBytes(Kind kind, const config::Dataset& dataset, const dataset::FileSpec& spec);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  // All of them, in order. A requested stop is seen now and then: Code::kInterrupted.
  [[nodiscard]] Status put(ByteTarget& out, const std::stop_token& stop) const;

 private:
  struct Out;
  Status put_jpeg(Out& out) const;
  Status put_png(Out& out) const;

  Kind kind_;
  std::uint64_t width_ = 1, size_ = 1;
  std::uint64_t key_;
};

}  // namespace stoker::format::image
