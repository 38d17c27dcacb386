#include "data/format/parquet/wire/codecs.h"

namespace stoker::format::parquet {
namespace {

Error unreadable(Codec codec) {
  return make_error(Code::kUnsupported, "is compressed with codec {} ({}), which cannot be read here",
                    static_cast<std::int32_t>(codec), to_string(codec));
}

}  // namespace

std::uint64_t max_plain_bytes(Codec codec, std::uint64_t stored) {
  // What few bytes with a length, or a block's first values, can be more than the densest repetition.
  constexpr std::uint64_t kSlack = 1024;
  const CodecRow* const row = find_codec(codec);
  return row == nullptr ? stored : stored * row->densest + kSlack;
}

Status check_codec(Codec codec) {
  if (find_codec(codec) == nullptr) return unreadable(codec);
  return {};
}

Bytes plain_view(Codec codec, Bytes in, std::uint64_t plain_bytes) {
  const CodecRow* const row = find_codec(codec);
  if (row == nullptr || row->plain_view == nullptr) return {};
  const Bytes view = row->plain_view(in);
  return view.size() == plain_bytes ? view : Bytes();
}

Status Codecs::decompress(Codec codec, Bytes in, MutBytes out) {
  const CodecRow* const row = find_codec(codec);
  if (row == nullptr || row->decompress == nullptr) return unreadable(codec);
  const CodecResult result = row->decompress(contexts_, in, out);
  if (!result.fault.empty()) {
    return make_error(Code::kCorrupt, "does not decompress with {}: {}", to_string(codec), result.fault);
  }
  if (result.bytes != out.size()) {
    return make_error(Code::kCorrupt, "decompresses to {} bytes, its header says {}", result.bytes, out.size());
  }
  return {};
}

}  // namespace stoker::format::parquet
