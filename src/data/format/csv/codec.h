// The codecs of whole files: one row each.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/aligned_buffer.h"
#include "base/bytes.h"
#include "base/status.h"
#include "config/workload.h"
#include "data/format/output_buffer.h"
#include "data/io/storage.h"

namespace stoker::format::csv {

// Of a file's text, what is compressed in one go: a block of bzip2 at its highest level.
inline constexpr std::size_t kPlainBytes = 880'000;

// Compresses one file after the other, each piece by piece. Code::kFailed where memory is exhausted.
class TextCompressor {
 public:
  virtual ~TextCompressor() = default;
  // Of a file of that name, which may stand in it.
  virtual Status begin(std::string_view /*name*/, OutputBuffer& /*out*/) { return {}; }
  // At most kPlainBytes.
  virtual Status put(Bytes text, OutputBuffer& out) = 0;
  virtual Status finish(OutputBuffer& /*out*/) { return {}; }
};

// Text whose length shows when it is there. Its memory grows and is kept; kReadSlack bytes behind it may be looked at.
class GrowingText {
 public:
  void clear() { used_ = 0; }
  // What is free behind the text, at least so many bytes. Code::kUnsupported past the limit of a chunk's memory.
  [[nodiscard]] Result<MutBytes> room(std::uint64_t at_least);
  // How much more than the text there may be.
  [[nodiscard]] std::uint64_t left() const;
  void commit(std::size_t bytes) { used_ += bytes; }
  [[nodiscard]] Bytes text() const { return memory_.bytes().first(used_); }

 private:
  AlignedBuffer memory_;
  std::size_t used_ = 0;
};

struct Codec {
  config::Compression compression;
  std::string_view text;   // for people: "GZIP"
  std::string_view magic;  // what its files begin with
  std::string_view end;    // of their names, with the dot
  std::string (*library)();
  // Bytes of a file with so much text, at least and at most.
  std::uint64_t (*least)(std::uint64_t plain);
  std::uint64_t (*most)(std::uint64_t plain);
  std::unique_ptr<TextCompressor> (*make_compressor)(const config::Dataset&);
  // A whole file as text. Errors without its path: Code::kCorrupt. What a codec does not let be left out is always
  // verified.
  Status (*inflate)(Bytes file, bool verify_checksums, GrowingText& into);
};

// Null: none.
[[nodiscard]] const Codec* find_codec(config::Compression);
// By how the file begins: no line of numbers begins so. Null: it is text.
[[nodiscard]] const Codec* codec_of(Bytes file);
// A whole file as text: in `memory`, or the file itself. Errors as those of its codec.
[[nodiscard]] Result<Bytes> text_of(Bytes file, bool verify_checksums, GrowingText& memory);

// A whole file as text, for those who look at one without a plan.
class WholeText {
 public:
  // Valid until the next call. Errors without the file's path: as those of its codec, and Code::kUnsupported past the
  // limit of a chunk's memory.
  [[nodiscard]] Result<Bytes> read(io::ReadableFile& file, bool verify_checksums);
  // Of the file that was read last; null: none.
  [[nodiscard]] const Codec* codec() const { return codec_; }

 private:
  AlignedBuffer file_;
  GrowingText memory_;
  const Codec* codec_ = nullptr;
};

}  // namespace stoker::format::csv
