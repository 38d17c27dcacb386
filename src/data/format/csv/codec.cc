// A text is compressed piece by piece, and each piece is a member, or stream, of its own: readers of gzip, bzip2 and xz
// take what follows another as more of the same. A ZIP archive's member is one stream, whose sizes stand behind it.
#include "data/format/csv/codec.h"

#include <bzlib.h>
#include <fmt/format.h>
#include <libdeflate.h>
#include <lzma.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "base/checksum.h"
#include "base/units.h"
#include "data/format/arena.h"
#include "data/format/inflater.h"
#include "data/format/zip.h"

namespace stoker::format::csv {
namespace {

using config::Compression;

constexpr int kBzip2Level = 9, kXzPreset = 6, kZipLevel = 6;
constexpr int kGzipLevel = 9;  // where dataset.compression_level gives none, as for Parquet
// Libraries that count in 32 bits get this much at a time.
constexpr std::size_t kMostAtOnce = std::size_t{1} << 30;

Error no_memory(std::string_view what) {
  return make_error(Code::kFailed, "no memory for {}", what);
}

Error broken(std::string_view what, std::uint64_t at) {
  return make_error(Code::kCorrupt, "{} at byte {} of the file is broken, or has another checksum than its text", what,
                    at);
}

std::uint64_t pieces(std::uint64_t plain) {
  return (plain + kPlainBytes - 1) / kPlainBytes;
}

// ---- gzip ----

struct DeflateFree {
  void operator()(libdeflate_compressor* compressor) const { libdeflate_free_compressor(compressor); }
  void operator()(libdeflate_decompressor* decompressor) const { libdeflate_free_decompressor(decompressor); }
};

class Gzip final : public TextCompressor {
 public:
  explicit Gzip(int level)
      : compressor_(libdeflate_alloc_compressor(level)),
        out_(libdeflate_gzip_compress_bound(compressor_.get(), kPlainBytes)) {}
  Status put(Bytes text, OutputBuffer& out) override {
    if (compressor_ == nullptr) return no_memory("gzip");
    const std::size_t bytes =
        libdeflate_gzip_compress(compressor_.get(), text.data(), text.size(), out_.data(), out_.size());
    if (bytes == 0) return make_error(Code::kFailed, "gzip of {} bytes failed", text.size());
    return out.put(Bytes(out_).first(bytes));
  }

 private:
  const std::unique_ptr<libdeflate_compressor, DeflateFree> compressor_;
  std::vector<std::byte> out_;
};

std::unique_ptr<TextCompressor> make_gzip(const config::Dataset& dataset) {
  return std::make_unique<Gzip>(static_cast<int>(dataset.compression_level.value_or(kGzipLevel)));
}

std::string gzip_library() {
  return "libdeflate " LIBDEFLATE_VERSION_STRING;
}

// Deflate says at most 258 bytes in 2 bits.
constexpr std::uint64_t kDeflateRatio = 1032;
constexpr std::uint64_t kGzipFrame = 18;

std::uint64_t gzip_least(std::uint64_t plain) {
  return plain / kDeflateRatio + pieces(plain) * kGzipFrame;
}
std::uint64_t gzip_most(std::uint64_t plain) {
  return pieces(plain) * libdeflate_gzip_compress_bound(nullptr, kPlainBytes);
}

Status gzip_inflate(Bytes file, bool /*verify_checksums*/, GrowingText& into) {
  const std::unique_ptr<libdeflate_decompressor, DeflateFree> inflater(libdeflate_alloc_decompressor());
  if (inflater == nullptr) return no_memory("gzip");
  std::uint64_t wanted = kPlainBytes;
  for (Bytes rest = file; !rest.empty();) {
    // As much as is left will do, where that is less than twice what did not.
    STOKER_ASSIGN(const MutBytes room, into.room(std::min(wanted, std::max<std::uint64_t>(into.left(), 1))));
    std::size_t taken = 0, made = 0;
    const auto result = libdeflate_gzip_decompress_ex(inflater.get(), rest.data(), rest.size(), room.data(),
                                                      room.size(), &taken, &made);
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE) {
      if (room.size() >= into.left()) STOKER_TRY(into.room(into.left() + 1));  // which says why there is no more
      wanted = 2 * room.size();
      continue;
    }
    if (result != LIBDEFLATE_SUCCESS) return broken("the gzip member", file.size() - rest.size());
    into.commit(made);
    rest = rest.subspan(taken);
    wanted = kPlainBytes;
  }
  return {};
}

// ---- bzip2 ----

class Bzip2 final : public TextCompressor {
 public:
  Bzip2() : out_(most(kPlainBytes)) {}
  Status put(Bytes text, OutputBuffer& out) override {
    // Its interface is older than const; it does not write there.
    auto* const from = const_cast<char*>(reinterpret_cast<const char*>(text.data()));
    auto bytes = static_cast<unsigned>(out_.size());
    const int result =
        BZ2_bzBuffToBuffCompress(out_.data(), &bytes, from, static_cast<unsigned>(text.size()), kBzip2Level, 0, 0);
    if (result == BZ_MEM_ERROR) return no_memory("bzip2");
    if (result != BZ_OK) return make_error(Code::kFailed, "bzip2 of {} bytes failed", text.size());
    return out.put(std::as_bytes(std::span(out_)).first(bytes));
  }
  // As its documentation has it.
  static constexpr std::size_t most(std::size_t plain) { return plain + plain / 100 + 600; }

 private:
  std::vector<char> out_;
};

std::unique_ptr<TextCompressor> make_bzip2(const config::Dataset& /*dataset*/) {
  return std::make_unique<Bzip2>();
}

std::string bzip2_library() {
  return std::string("libbz2 ") + BZ2_bzlibVersion();
}

// A stream of one block: headers, a map of bytes and the least of tables.
constexpr std::uint64_t kBzip2Frame = 14 + 18;

std::uint64_t bzip2_least(std::uint64_t plain) {
  return pieces(plain) * kBzip2Frame;
}
std::uint64_t bzip2_most(std::uint64_t plain) {
  return pieces(plain) * Bzip2::most(kPlainBytes);
}

struct Bzip2Stream {
  Bzip2Stream() = default;
  Bzip2Stream(const Bzip2Stream&) = delete;
  Bzip2Stream& operator=(const Bzip2Stream&) = delete;
  ~Bzip2Stream() {
    if (is_open) BZ2_bzDecompressEnd(&stream);
  }
  bz_stream stream{};
  bool is_open = BZ2_bzDecompressInit(&stream, 0, 0) == BZ_OK;
};

// One stream; returns what follows it.
Result<Bytes> bzip2_inflate_one(Bytes rest, std::uint64_t at, GrowingText& into) {
  Bzip2Stream own;
  if (!own.is_open) return no_memory("bzip2");
  bz_stream& stream = own.stream;
  while (true) {
    STOKER_ASSIGN(const MutBytes room, into.room(kPlainBytes));
    const std::size_t in = std::min(rest.size(), kMostAtOnce), out = std::min(room.size(), kMostAtOnce);
    stream.next_in = const_cast<char*>(reinterpret_cast<const char*>(rest.data()));
    stream.avail_in = static_cast<unsigned>(in);
    stream.next_out = reinterpret_cast<char*>(room.data());
    stream.avail_out = static_cast<unsigned>(out);
    const int result = BZ2_bzDecompress(&stream);
    const std::size_t taken = in - stream.avail_in, made = out - stream.avail_out;
    rest = rest.subspan(taken);
    into.commit(made);
    if (result == BZ_STREAM_END) return rest;
    if (result == BZ_MEM_ERROR) return no_memory("bzip2");
    if (result != BZ_OK || (taken == 0 && made == 0)) return broken("the bzip2 stream", at);
  }
}

Status bzip2_inflate(Bytes file, bool /*verify_checksums*/, GrowingText& into) {
  for (Bytes rest = file; !rest.empty();) {
    STOKER_ASSIGN(rest, bzip2_inflate_one(rest, file.size() - rest.size(), into));
  }
  return {};
}

// ---- xz ----

class Xz final : public TextCompressor {
 public:
  Xz() : out_(lzma_stream_buffer_bound(kPlainBytes)) {}
  Status put(Bytes text, OutputBuffer& out) override {
    lzma_options_lzma options{};
    lzma_lzma_preset(&options, kXzPreset);
    // No match lies farther back than the piece begins: nobody needs memory for more.
    options.dict_size = kPlainBytes;
    std::array<lzma_filter, 2> filters{{{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, nullptr}}};
    std::size_t bytes = 0;
    const lzma_ret result = lzma_stream_buffer_encode(filters.data(), LZMA_CHECK_CRC64, nullptr,
                                                      reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                                                      out_.data(), &bytes, out_.size());
    if (result == LZMA_MEM_ERROR) return no_memory("xz");
    if (result != LZMA_OK) return make_error(Code::kFailed, "xz of {} bytes failed", text.size());
    return out.put(std::as_bytes(std::span(out_)).first(bytes));
  }

 private:
  std::vector<std::uint8_t> out_;
};

std::unique_ptr<TextCompressor> make_xz(const config::Dataset& /*dataset*/) {
  return std::make_unique<Xz>();
}

std::string xz_library() {
  return std::string("liblzma ") + lzma_version_string();
}

// A match of 273 bytes takes some 14 decisions, each of them 0.02 bits at least.
constexpr std::uint64_t kXzRatio = 8192, kXzFrame = 32;

std::uint64_t xz_least(std::uint64_t plain) {
  return plain / kXzRatio + pieces(plain) * kXzFrame;
}
std::uint64_t xz_most(std::uint64_t plain) {
  return pieces(plain) * lzma_stream_buffer_bound(kPlainBytes);
}

struct XzStream {
  XzStream() = default;
  XzStream(const XzStream&) = delete;
  XzStream& operator=(const XzStream&) = delete;
  ~XzStream() { lzma_end(&stream); }
  lzma_stream stream = LZMA_STREAM_INIT;
};

Status xz_inflate(Bytes file, bool verify_checksums, GrowingText& into) {
  XzStream own;
  lzma_stream& stream = own.stream;
  const std::uint32_t flags = LZMA_CONCATENATED | (verify_checksums ? 0U : LZMA_IGNORE_CHECK);
  if (lzma_stream_decoder(&stream, chunk_memory_limit_bytes(), flags) != LZMA_OK) return no_memory("xz");
  stream.next_in = reinterpret_cast<const std::uint8_t*>(file.data());
  stream.avail_in = file.size();
  while (true) {
    STOKER_ASSIGN(const MutBytes room, into.room(kPlainBytes));
    stream.next_out = reinterpret_cast<std::uint8_t*>(room.data());
    stream.avail_out = room.size();
    const lzma_ret result = lzma_code(&stream, LZMA_FINISH);
    into.commit(room.size() - stream.avail_out);
    if (result == LZMA_STREAM_END) return {};
    if (result == LZMA_OK) continue;
    if (result == LZMA_MEM_ERROR) return no_memory("xz");
    if (result == LZMA_MEMLIMIT_ERROR) {
      return make_error(Code::kUnsupported, "the xz stream needs {} of memory, more than half of what there is",
                        format_bytes(static_cast<double>(lzma_memusage(&stream))));
    }
    return broken("the xz stream", file.size() - stream.avail_in);
  }
}

// ---- ZIP ----

// Of one member, whose sizes stand behind it.
class Zip final : public TextCompressor {
 public:
  Zip() : is_ready_(::deflateInit2(&stream_, kZipLevel, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK) {}
  Zip(const Zip&) = delete;
  Zip& operator=(const Zip&) = delete;
  ~Zip() override {
    if (is_ready_) ::deflateEnd(&stream_);
  }
  Status begin(std::string_view name, OutputBuffer& out) override {
    if (!is_ready_ || ::deflateReset(&stream_) != Z_OK) return no_memory("deflate");
    member_ = {.name = std::string(name), .method = kDeflated, .sizes_follow = true, .offset = out.position()};
    std::vector<std::byte> header;
    append_local_header(header, member_);
    STOKER_TRY(out.put(header));
    begin_ = out.position();
    return {};
  }
  Status put(Bytes text, OutputBuffer& out) override {
    member_.crc = crc32(text, member_.crc);
    member_.plain_bytes += text.size();
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
    stream_.avail_in = static_cast<uInt>(text.size());
    return deflate(Z_NO_FLUSH, out);
  }
  Status finish(OutputBuffer& out) override {
    STOKER_TRY(deflate(Z_FINISH, out));
    member_.stored_bytes = out.position() - begin_;
    std::vector<std::byte> rest;
    append_descriptor(rest, member_);
    append_directory(rest, {&member_, 1}, out.position() + rest.size());
    return out.put(rest);
  }

 private:
  // Until it asks for more, or is at its end.
  Status deflate(int flush, OutputBuffer& out) {
    while (true) {
      STOKER_ASSIGN(const MutBytes room, out.reserve(ByteTarget::kMaxReserve));
      const auto bytes = static_cast<uInt>(std::min(room.size(), kMostAtOnce));
      stream_.next_out = reinterpret_cast<Bytef*>(room.data());
      stream_.avail_out = bytes;
      const int result = ::deflate(&stream_, flush);
      out.commit(bytes - stream_.avail_out);
      if (result == Z_STREAM_END || stream_.avail_out > 0) return {};
      if (result != Z_OK && result != Z_BUF_ERROR) return make_error(Code::kFailed, "deflate failed: {}", result);
    }
  }

  z_stream stream_{};
  const bool is_ready_;
  ZipMember member_;
  std::uint64_t begin_ = 0;
};

std::unique_ptr<TextCompressor> make_zip(const config::Dataset& /*dataset*/) {
  return std::make_unique<Zip>();
}

std::string zip_library() {
  return std::string("zlib ") + ::zlibVersion();
}

// Header, descriptor, directory and its end, with those of 64 bits, and a name in two places.
constexpr std::uint64_t kZipLeast = 30 + 20 + 24 + 46 + 22, kZipMost = kZipLeast + 4 + 24 + 56 + 20 + 2 * 255;

std::uint64_t zip_least(std::uint64_t plain) {
  return plain / kDeflateRatio + kZipLeast;
}
std::uint64_t zip_most(std::uint64_t plain) {
  return ::compressBound(plain) + kZipMost;
}

Status zip_inflate(Bytes file, bool verify_checksums, GrowingText& into) {
  STOKER_ASSIGN(const ZipDirectory place,
                find_directory(file.last(std::min<std::size_t>(file.size(), kZipEndBytes)), file.size()));
  STOKER_ASSIGN(
      const std::vector<ZipMember> members,
      parse_directory(file.subspan(static_cast<std::size_t>(place.offset), static_cast<std::size_t>(place.bytes)),
                      place));
  if (members.size() != 1)
    return make_error(Code::kUnsupported, "the ZIP archive has {} members, expected one with the lines",
                      members.size());
  const ZipMember& member = members.front();
  const Bytes local = file.subspan(static_cast<std::size_t>(member.offset));
  STOKER_ASSIGN(const std::uint64_t header, local_header_bytes(local, member));
  const auto at = member.offset + header;
  if (header > local.size() || member.stored_bytes > local.size() - header)
    return make_error(Code::kCorrupt, "the ZIP archive: its member ends behind the end of the file");
  const Bytes stored = local.subspan(static_cast<std::size_t>(header), static_cast<std::size_t>(member.stored_bytes));
  STOKER_ASSIGN(const MutBytes room, into.room(member.plain_bytes));
  const MutBytes plain = room.first(static_cast<std::size_t>(member.plain_bytes));
  if (member.method == kStored) {
    if (stored.size() != plain.size()) {
      return make_error(Code::kCorrupt, "the ZIP member is stored in {} bytes, but {} large", stored.size(),
                        plain.size());
    }
    std::ranges::copy(stored, plain.begin());
  } else if (member.method == kDeflated) {
    const Status inflated = Inflater().inflate(stored, Inflater::Frame::kNone, plain);
    if (!inflated) return inflated.error().code == Code::kCorrupt ? Status(broken("the ZIP member", at)) : inflated;
  } else {
    return make_error(Code::kUnsupported,
                      "the ZIP member is compressed by method {}, expected 0 (stored) or 8 (deflated)", member.method);
  }
  if (verify_checksums && crc32(plain) != member.crc) return broken("the ZIP member", at);
  into.commit(plain.size());
  return {};
}

constexpr std::array kCodecs{
    Codec{Compression::kGzip, "GZIP", "\x1f\x8b", ".gz", gzip_library, gzip_least, gzip_most, make_gzip, gzip_inflate},
    Codec{Compression::kBz2, "BZIP2", "BZh", ".bz2", bzip2_library, bzip2_least, bzip2_most, make_bzip2, bzip2_inflate},
    Codec{Compression::kXz, "XZ",
          "\xfd"
          "7zXZ",
          ".xz", xz_library, xz_least, xz_most, make_xz, xz_inflate},
    Codec{Compression::kZip, "ZIP", "PK\x03\x04", ".zip", zip_library, zip_least, zip_most, make_zip, zip_inflate}};

}  // namespace

std::uint64_t GrowingText::left() const {
  const std::uint64_t limit = chunk_memory_limit_bytes();
  return limit - std::min<std::uint64_t>(limit, used_);
}

Result<MutBytes> GrowingText::room(std::uint64_t at_least) {
  const std::uint64_t limit = chunk_memory_limit_bytes();
  if (at_least > limit || used_ + at_least > limit) {
    return make_error(Code::kUnsupported, "its text has more than {}, half of the memory",
                      format_bytes(static_cast<double>(limit)));
  }
  const auto wanted = static_cast<std::size_t>(used_ + at_least + kReadSlack);
  if (memory_.size() < wanted) {
    AlignedBuffer larger(std::max(wanted, std::min(2 * memory_.size(), static_cast<std::size_t>(limit) + kReadSlack)));
    if (used_ > 0) std::memcpy(larger.data(), memory_.data(), used_);
    memory_ = std::move(larger);
  }
  return memory_.bytes().subspan(used_, memory_.size() - used_ - kReadSlack);
}

Result<Bytes> WholeText::read(io::ReadableFile& file, bool verify_checksums) {
  const std::uint64_t limit = chunk_memory_limit_bytes();
  if (file.size() > limit) {
    return make_error(Code::kUnsupported, "a file of {}, expected no more than half of the memory",
                      format_bytes(static_cast<double>(file.size())));
  }
  const std::uint64_t unit = file.alignment();
  const auto read = static_cast<std::size_t>((file.size() + unit - 1) / unit * unit);
  const MutBytes memory = file_.resize(read + kReadSlack);
  STOKER_TRY(io::read_at(file, 0, memory.first(read)));
  const Bytes all = memory.first(static_cast<std::size_t>(file.size()));
  codec_ = codec_of(all);
  return text_of(all, verify_checksums, memory_);
}

const Codec* find_codec(Compression compression) {
  const auto* const codec = std::ranges::find(kCodecs, compression, &Codec::compression);
  return codec == kCodecs.end() ? nullptr : codec;
}

const Codec* codec_of(Bytes file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  const auto* const codec = std::ranges::find_if(kCodecs, [&](const Codec& c) { return text.starts_with(c.magic); });
  return codec == kCodecs.end() ? nullptr : codec;
}

Result<Bytes> text_of(Bytes file, bool verify_checksums, GrowingText& memory) {
  const Codec* const codec = codec_of(file);
  if (codec == nullptr) return file;
  memory.clear();
  STOKER_TRY(codec->inflate(file, verify_checksums, memory));
  return memory.text();
}

}  // namespace stoker::format::csv
