#include "data/format/image/image_bytes.h"

#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/checksum.h"
#include "config/sample_geometry.h"
#include "data/format/values.h"

namespace stoker::format::image {
namespace {

// An image of 8 x 8 pixels, all of the same grey: one block of one component, whose tables know one code each (no
// difference to the block before; end of the block), so that its scan is one byte.
constexpr auto kJpegHead = std::to_array<std::uint8_t>({
    0xFF, 0xD8,                                                                      // SOI
    0xFF, 0xE0, 0, 16, 'J',  'F', 'I', 'F', 0,    1, 1, 0, 0,    1,    0, 1,  0, 0,  // APP0
    0xFF, 0xDB, 0, 67, 0,                                                            // DQT
    1,    1,    1, 1,  1,    1,   1,   1,   1,    1, 1, 1, 1,    1,    1, 1,  1, 1, 1, 1, 1, 1, 1, 1,    1, 1,
    1,    1,    1, 1,  1,    1,   1,   1,   1,    1, 1, 1, 1,    1,    1, 1,  1, 1, 1, 1, 1, 1, 1, 1,    1, 1,
    1,    1,    1, 1,  1,    1,   1,   1,   1,    1, 1, 1, 0xFF, 0xC0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0,  // SOF0
    0xFF, 0xC4, 0, 20, 0,    1,   0,   0,   0,    0, 0, 0, 0,    0,    0, 0,  0, 0, 0, 0, 0, 0,              // DHT, DC
    0xFF, 0xC4, 0, 20, 0x10, 1,   0,   0,   0,    0, 0, 0, 0,    0,    0, 0,  0, 0, 0, 0, 0, 0,              // DHT, AC
    0xFF, 0xDA, 0, 8,  1,    1,   0,   0,   0x3F, 0,                                                         // SOS
    0x3F,  // 0, 0, and ones
});
constexpr auto kJpegEnd = std::to_array<std::uint8_t>({0xFF, 0xD9});
constexpr std::uint64_t kCommentHead = 4, kCommentMost = 65533;

constexpr auto kPngHead = std::to_array<std::uint8_t>({0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
constexpr std::uint64_t kChunk = 12, kHeadChunk = 13, kStoredHead = 5, kStoredMost = 65535;
constexpr std::uint64_t kZlib = 2 + 4;  // its head and checksum
constexpr std::uint64_t kMostData = 0x7FFFFFFF;

// Bytes of the IDAT chunk's content for rows of `width` pixels.
constexpr std::uint64_t stored_bytes(std::uint64_t width, std::uint64_t rows) {
  const std::uint64_t plain = rows * (width + 1);
  return kZlib + plain + (plain + kStoredMost - 1) / kStoredMost * kStoredHead;
}
constexpr std::uint64_t png_bytes(std::uint64_t width, std::uint64_t rows) {
  return kPngHead.size() + (kChunk + kHeadChunk) + kChunk + stored_bytes(width, rows) + kChunk;
}

// The most rows of which the file has no more bytes than `size`, and either that many or room for another chunk.
// Nothing when there is no room for one row.
std::optional<std::uint64_t> png_rows(std::uint64_t width, std::uint64_t size) {
  const std::uint64_t smallest = png_bytes(width, 1);
  if (size < smallest) return std::nullopt;
  std::uint64_t rows = 1 + (size - smallest) / (width + 1);
  while (rows > 0 && (png_bytes(width, rows) > size ||
                      (size - png_bytes(width, rows) > 0 && size - png_bytes(width, rows) < kChunk))) {
    --rows;
  }
  if (rows == 0 || stored_bytes(width, rows) > kMostData || width > kMostData || rows > kMostData) return std::nullopt;
  return rows;
}

}  // namespace

// Bytes on their way. Those of a PNG go into the checksum of the chunk that they are in, and of its stream.
struct ImageBytes::Out {
  ByteTarget& target;
  const std::stop_token& stop;
  std::uint64_t key;
  bool has_checksums = false;
  std::uint64_t made = 0;  // of the file's stream of values
  std::uint32_t crc = 0, adler = 1;

  Status put(Bytes bytes) {
    if (has_checksums) crc = crc32(bytes, crc);
    return target.put(bytes);
  }
  template <std::size_t n>
  Status put(const std::array<std::uint8_t, n>& bytes) {
    return put(std::as_bytes(std::span(bytes)));
  }
  Status put_big_endian(std::uint32_t value) {
    return put(std::array{static_cast<std::uint8_t>(value >> 24U), static_cast<std::uint8_t>(value >> 16U),
                          static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)});
  }
  void fill(MutBytes values) {
    fill_bytes(key, made, values);
    made += values.size();
  }
  // So many bytes, which fill_next(room) makes one piece of after the other.
  template <class FillNext>
  Status put_made(std::uint64_t bytes, const FillNext& fill_next) {
    while (bytes > 0) {
      if (stop.stop_requested()) return make_error(Code::kInterrupted, "stopped while writing an image");
      const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, ByteTarget::kMaxReserve));
      STOKER_ASSIGN(const MutBytes room, target.reserve(n));
      const MutBytes made_now = room.first(n);
      fill_next(made_now);
      if (has_checksums) {
        crc = crc32(made_now, crc);
        adler = libdeflate_adler32(adler, made_now.data(), made_now.size());
      }
      target.commit(n);
      bytes -= n;
    }
    return {};
  }
  // The next bytes of the file's stream.
  Status put_values(std::uint64_t bytes) {
    return put_made(bytes, [this](MutBytes room) { fill(room); });
  }
  // The next bytes of rows of `width` pixels, each of which begins with its filter: none. `column` is where in a row
  // they begin, and then where they end.
  Status put_rows(std::uint64_t bytes, std::uint64_t width, std::uint64_t& column) {
    return put_made(bytes, [&](MutBytes room) {
      while (!room.empty()) {
        std::size_t n = 1;
        if (column == 0) {
          room.front() = std::byte{0};
        } else {
          n = static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), width + 1 - column));
          fill(room.first(n));
        }
        room = room.subspan(n);
        column = column + n > width ? 0 : column + n;
      }
    });
  }

  // A chunk of PNG: its length and name, what the caller puts, and the checksum of all but the length.
  Status begin_chunk(std::uint64_t bytes, const std::array<std::uint8_t, 4>& name) {
    STOKER_TRY(put_big_endian(static_cast<std::uint32_t>(bytes)));
    crc = 0;
    return put(name);
  }
  Status end_chunk() { return put_big_endian(crc); }
};

ImageBytes::ImageBytes(Kind kind, const config::Dataset& dataset, const dataset::FileSpec& spec)
    : kind_(kind), key_(column_key(spec.index, 0)) {
  const std::vector<std::int64_t> shape = config::sample_shape(dataset, spec.index);
  for (const std::int64_t side : shape) size_ *= static_cast<std::uint64_t>(side);
  // What has one dimension is laid out as what has none: in a square.
  width_ =
      static_cast<std::uint64_t>(shape.size() > 1 ? shape.back() : config::square_side(static_cast<double>(size_), 1));
}

Status ImageBytes::put(ByteTarget& target, const std::stop_token& stop) const {
  if (stop.stop_requested()) return make_error(Code::kInterrupted, "stopped while writing an image");
  Out out{.target = target, .stop = stop, .key = key_, .has_checksums = kind_ == Kind::kPng};
  return kind_ == Kind::kJpeg ? put_jpeg(out) : put_png(out);
}

Status ImageBytes::put_jpeg(Out& out) const {
  if (size_ < kJpegHead.size() + kJpegEnd.size()) return out.put_values(size_);
  STOKER_TRY(out.put(kJpegHead));
  std::uint64_t left = size_ - kJpegHead.size() - kJpegEnd.size();
  while (left >= kCommentHead) {
    const std::uint64_t bytes = std::min(left - kCommentHead, kCommentMost);
    const std::uint64_t length = bytes + 2;  // counts itself
    STOKER_TRY(out.put(std::array<std::uint8_t, 4>{0xFF, 0xFE, static_cast<std::uint8_t>(length >> 8U),
                                                   static_cast<std::uint8_t>(length)}));
    STOKER_TRY(out.put_values(bytes));
    left -= kCommentHead + bytes;
  }
  // Fill bytes, of which a marker may have any number in front of it.
  for (; left > 0; --left) STOKER_TRY(out.put(std::array<std::uint8_t, 1>{0xFF}));
  return out.put(kJpegEnd);
}

Status ImageBytes::put_png(Out& out) const {
  const auto rows = png_rows(width_, size_);
  if (!rows) return out.put_values(size_);
  STOKER_TRY(out.put(kPngHead));
  STOKER_TRY(out.begin_chunk(kHeadChunk, {'I', 'H', 'D', 'R'}));
  STOKER_TRY(out.put_big_endian(static_cast<std::uint32_t>(width_)));
  STOKER_TRY(out.put_big_endian(static_cast<std::uint32_t>(*rows)));
  STOKER_TRY(out.put(std::array<std::uint8_t, 5>{8, 0, 0, 0, 0}));  // 8 bits of grey, no interlacing
  STOKER_TRY(out.end_chunk());

  STOKER_TRY(out.begin_chunk(stored_bytes(width_, *rows), {'I', 'D', 'A', 'T'}));
  STOKER_TRY(out.put(std::array<std::uint8_t, 2>{0x78, 0x01}));
  out.adler = 1;
  // Blocks begin anywhere in a row.
  std::uint64_t left = *rows * (width_ + 1), column = 0;
  while (left > 0) {
    const std::uint64_t block = std::min(left, kStoredMost);
    left -= block;
    STOKER_TRY(out.put(
        std::array<std::uint8_t, 5>{static_cast<std::uint8_t>(left == 0 ? 1 : 0), static_cast<std::uint8_t>(block),
                                    static_cast<std::uint8_t>(block >> 8U), static_cast<std::uint8_t>(~block),
                                    static_cast<std::uint8_t>(~block >> 8U)}));
    STOKER_TRY(out.put_rows(block, width_, column));
  }
  STOKER_TRY(out.put_big_endian(out.adler));
  STOKER_TRY(out.end_chunk());

  if (const std::uint64_t rest = size_ - png_bytes(width_, *rows); rest > 0) {
    STOKER_TRY(out.begin_chunk(rest - kChunk, {'f', 'i', 'L', 'l'}));  // ancillary, private, safe to copy
    STOKER_TRY(out.put_values(rest - kChunk));
    STOKER_TRY(out.end_chunk());
  }
  STOKER_TRY(out.begin_chunk(0, {'I', 'E', 'N', 'D'}));
  return out.end_chunk();
}

}  // namespace stoker::format::image
