// libpng reports an error by not returning: the call is left by longjmp, over frames of C alone. Every call of the
// library stands in a function object handed to attempt(), whose frame and captures have nothing to destroy.
#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstring>
#include <exception>

#include "base/printable.h"
#include "data/format/image/decoder.h"

namespace stoker::format::image {
namespace {

// What deflate makes of a byte at the most.
constexpr std::uint64_t kMostInflated = 1032;
constexpr std::size_t kMostText = 200;

// What the library gets at in its callbacks.
struct Source {
  Arena* memory = nullptr;
  Bytes left;
  std::jmp_buf jump;
  std::array<char, kMostText> text;
};

[[noreturn]] void fail(png_structp png, png_const_charp text) {
  auto& source = *static_cast<Source*>(png_get_error_ptr(png));
  const std::size_t size = std::min(std::strlen(text), source.text.size() - 1);
  std::copy_n(text, size, source.text.data());
  source.text[size] = '\0';
  std::longjmp(source.jump, 1);
}

void say_nothing(png_structp /*png*/, png_const_charp /*text*/) {}

void read(png_structp png, png_bytep into, std::size_t bytes) {
  auto& source = *static_cast<Source*>(png_get_io_ptr(png));
  if (bytes > source.left.size()) png_error(png, "the file ends inside the image");
  std::memcpy(into, source.left.data(), bytes);
  source.left = source.left.subspan(bytes);
}

void* allocate(png_structp png, png_alloc_size_t bytes) {
  try {
    const auto block = static_cast<Source*>(png_get_mem_ptr(png))->memory->allocate(bytes);
    return block ? block->data() : nullptr;
  } catch (const std::exception&) {
    return nullptr;  // the library's way to hear of it
  }
}

// All of it goes when the memory is used for the next image.
void free_nothing(png_structp /*png*/, void* /*block*/) {}

class PngDecoder final : public Decoder {
  // Whether the library came to the end of it. If not, source_.text says why.
  template <class Calls>
  bool attempt(const Calls& calls) {
    if (setjmp(source_.jump) != 0) return false;
    calls();
    return true;
  }
  Error said() const { return make_error(Code::kCorrupt, "{}", printable_line(source_.text.data())); }

  // The library has no object that outlives an image; its memory does.
  Result<Frame> begin(Bytes file, std::uint64_t file_bytes, Arena& memory) override {
    source_.memory = &memory;
    source_.left = file;
    std::strcpy(source_.text.data(), "libpng cannot be used");
    const bool there = attempt([this] {
      png_ = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &source_, fail, say_nothing, &source_, allocate,
                                      free_nothing);
      info_ = png_ == nullptr ? nullptr : png_create_info_struct(png_);
      if (info_ == nullptr) return;
      png_set_read_fn(png_, &source_, read);
      leave_out_what_is_no_pixel();
      png_read_info(png_, info_);
    });
    if (!there || info_ == nullptr) return said();
    // Before the library takes rows of its own.
    const std::uint32_t width = png_get_image_width(png_, info_), height = png_get_image_height(png_, info_);
    if ((png_get_rowbytes(png_, info_) + 1) * std::uint64_t{height} > kMostInflated * file_bytes) {
      return make_error(Code::kCorrupt, "its head says {} x {} pixels, more than {} bytes can hold", width, height,
                        file_bytes);
    }
    const bool ready = attempt([this] {
      png_set_expand(png_);  // palettes to RGB, their and others' transparency to alpha, less than 8 bits to 8
      png_set_swap(png_);
      passes_ = png_set_interlace_handling(png_);
      png_read_update_info(png_, info_);
    });
    if (!ready) return said();
    return Frame{.width = width,
                 .height = height,
                 .samples = png_get_channels(png_, info_),
                 .sample_bytes = png_get_bit_depth(png_, info_) / 8U};
  }

  void leave_out_what_is_no_pixel() {
    // Our own limits are those of memory.
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    static constexpr std::array<png_byte, 25> kChunks{'e', 'X', 'I', 'f', 0,   'i', 'C', 'C', 'P', 0,   'i', 'T', 'X',
                                                      't', 0,   't', 'E', 'X', 't', 0,   'z', 'T', 'X', 't', 0};
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, kChunks.data(), kChunks.size() / 5);
    // Checksums are compared before (check_png), by a faster way, or are not asked for.
    png_set_crc_action(png_, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);
    png_set_option(png_, PNG_IGNORE_ADLER32, PNG_OPTION_ON);
  }

  Status finish(const Frame& frame, MutBytes pixels) override {
    auto* const first = reinterpret_cast<png_bytep>(pixels.data());
    const std::size_t row_bytes = frame.row_bytes();
    const std::uint32_t rows = frame.height;
    const bool done = attempt([this, first, row_bytes, rows] {
      for (int pass = 0; pass < passes_; ++pass) {
        for (std::uint32_t row = 0; row < rows; ++row) png_read_row(png_, first + row * row_bytes, nullptr);
      }
      png_read_end(png_, nullptr);
    });
    return done ? Status() : said();
  }

  Source source_{};
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  int passes_ = 1;
};

}  // namespace

std::unique_ptr<Decoder> make_png_decoder() {
  return std::make_unique<PngDecoder>();
}

}  // namespace stoker::format::image
