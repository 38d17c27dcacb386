// libjpeg reports an error by not returning: the call is left by longjmp, over frames of C alone. Every call of the
// library stands in a function object handed to attempt(), whose frame and captures have nothing to destroy.
#include <algorithm>
#include <array>
#include <csetjmp>

#include "base/printable.h"
#include "data/format/image/decoder.h"
#include "data/format/image/jpeg_library.h"

namespace stoker::format::image {
namespace {

// A few bytes can ask for another pass over all coefficients.
constexpr int kMostScans = 500;
// The shortest code of a block's first coefficient is one bit, and at least one component has a block for each 256
// pixels: its sampling factor is the largest one in one direction, and a fourth of it at the least in the other.
constexpr std::uint64_t kMostPixelsOfByte = 8 * 256;
// Handed to the library at a time; it gives as many rows as it has.
constexpr std::size_t kRows = 16;

// What longjmp leaves behind.
struct Failure {
  jpeg_error_mgr base;  // first: libjpeg knows this address only
  std::jmp_buf jump;
  std::array<char, JMSG_LENGTH_MAX> text;
};

Failure& failure_of(j_common_ptr image) {
  return *reinterpret_cast<Failure*>(image->err);
}

[[noreturn]] void fail(j_common_ptr image) {
  Failure& failure = failure_of(image);
  failure.base.format_message(image, failure.text.data());
  std::longjmp(failure.jump, 1);
}

// A warning that pixels were made up is an error here. Others say what does no harm, such as bytes between segments.
void warn(j_common_ptr image, int level) {
  if (level >= 0) return;
  switch (image->err->msg_code) {
    case JWRN_ARITH_BAD_CODE:
    case JWRN_BOGUS_PROGRESSION:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC: fail(image);
    default: break;
  }
}

void say_nothing(j_common_ptr /*image*/) {}

void watch_scans(j_common_ptr image) {
  if (reinterpret_cast<j_decompress_ptr>(image)->input_scan_number <= kMostScans) return;
  Failure& failure = failure_of(image);
  std::snprintf(failure.text.data(), failure.text.size(), "the image has more than %d scans", kMostScans);
  std::longjmp(failure.jump, 1);
}

class JpegDecoder final : public Decoder {
 public:
  JpegDecoder() {
    image_.err = jpeg_std_error(&failure_.base);
    failure_.base.error_exit = fail;
    failure_.base.emit_message = warn;
    failure_.base.output_message = say_nothing;
  }
  ~JpegDecoder() override {
    if (made_) jpeg_destroy_decompress(&image_);
  }
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;

 private:
  // Whether the library came to the end of it. If not, failure_.text says why.
  template <class Calls>
  bool attempt(const Calls& calls) {
    if (setjmp(failure_.jump) != 0) return false;
    calls();
    return true;
  }
  Error said() const { return make_error(Code::kCorrupt, "{}", printable_line(failure_.text.data())); }

  Result<Frame> begin(Bytes file, std::uint64_t file_bytes, Arena& /*memory*/) override {
    if (!made_) {
      if (!attempt([this] { jpeg_create_decompress(&image_); })) return said();
      progress_.progress_monitor = watch_scans;
      image_.progress = &progress_;
      made_ = true;
    }
    const bool there = attempt([this, file] {
      jpeg_abort_decompress(&image_);  // the one before may have ended anywhere
      jpeg_mem_src(&image_, reinterpret_cast<const unsigned char*>(file.data()), file.size());
      jpeg_read_header(&image_, TRUE);
      jpeg_calc_output_dimensions(&image_);
    });
    if (!there) return said();
    Frame frame{.width = image_.image_width,
                .height = image_.image_height,
                .samples = static_cast<std::uint32_t>(image_.output_components)};
    if (image_.out_color_space == JCS_UNKNOWN) {
      return make_error(Code::kUnsupported, "its pixels have {} components of an unknown meaning, expected 1, 3 or 4",
                        image_.num_components);
    }
    const std::uint64_t pixels = std::uint64_t{frame.width} * frame.height;
    if (!image_.arith_code && pixels / kMostPixelsOfByte > file_bytes) {
      return make_error(Code::kCorrupt, "its head says {} x {} pixels, more than {} bytes can hold", frame.width,
                        frame.height, file_bytes);
    }
    // Of an image in several scans the coefficients of all blocks are kept.
    if (jpeg_has_multiple_scans(&image_)) {
      for (int i = 0; i < image_.num_components; ++i) {
        const jpeg_component_info& component = image_.comp_info[i];
        frame.library_bytes += std::uint64_t{component.width_in_blocks + static_cast<JDIMENSION>(MAX_SAMP_FACTOR)} *
                               (component.height_in_blocks + static_cast<JDIMENSION>(MAX_SAMP_FACTOR)) * DCTSIZE2 *
                               sizeof(JCOEF);
      }
    }
    return frame;
  }

  Status finish(const Frame& frame, MutBytes pixels) override {
    auto* const first = reinterpret_cast<JSAMPROW>(pixels.data());
    const std::size_t row_bytes = frame.row_bytes();
    const bool done = attempt([this, first, row_bytes] {
      jpeg_start_decompress(&image_);
      while (image_.output_scanline < image_.output_height) {
        std::array<JSAMPROW, kRows> rows;
        const std::size_t there = std::min<std::size_t>(kRows, image_.output_height - image_.output_scanline);
        for (std::size_t i = 0; i < there; ++i) rows[i] = first + (image_.output_scanline + i) * row_bytes;
        jpeg_read_scanlines(&image_, rows.data(), static_cast<JDIMENSION>(there));
      }
      jpeg_finish_decompress(&image_);
    });
    return done ? Status() : said();
  }

  Failure failure_{};
  jpeg_progress_mgr progress_{};
  jpeg_decompress_struct image_{};
  bool made_ = false;
};

}  // namespace

std::unique_ptr<Decoder> make_jpeg_decoder() {
  return std::make_unique<JpegDecoder>();
}

}  // namespace stoker::format::image
