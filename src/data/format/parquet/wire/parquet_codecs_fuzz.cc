// Pages of every codec: those that are broken, and those that we write ourselves. Memory ends where pages end, since
// the libraries are not built with sanitizers.
#include <algorithm>

#include "base/check.h"
#include "base/testing/fuzz_input.h"
#include "data/format/parquet/testing/guarded_bytes.h"
#include "data/format/parquet/wire/codecs.h"
#include "data/format/parquet/wire/compressor.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stoker::format::parquet;  // NOLINT(google-build-using-namespace)
  using testing::GuardedBytes;
  stoker::testing::FuzzInput in(data, size);
  const auto codec = static_cast<Codec>(in.take<std::uint8_t>() % 9);
  const std::size_t plain_bytes = in.take<std::uint32_t>() % (1U << 20U);
  const GuardedBytes stored(in.rest());
  const GuardedBytes plain(plain_bytes);
  static Codecs codecs;
  const stoker::Bytes view = plain_view(codec, stored.bytes(), plain_bytes);
  if (codecs.decompress(codec, stored.bytes(), plain.bytes())) {
    STOKER_CHECK(plain_bytes <= max_plain_bytes(codec, stored.bytes().size()), "more than the format can say");
    STOKER_CHECK(view.empty() || std::ranges::equal(view, plain.bytes()), "seen as other values");
  } else {
    STOKER_CHECK(view.empty(), "seen, and broken");
  }
  // The same bytes as values.
  const CodecRow* const row = find_codec(codec);
  if (row == nullptr || row->compress == nullptr) return 0;
  auto compressor = *Compressor::make(*row->name, std::nullopt);
  const auto written = compressor.compress(stored.bytes());
  STOKER_CHECK(written.has_value());
  STOKER_CHECK(written->size() >= compressor.least_bytes(stored.bytes().size()), "less than was foretold");
  const GuardedBytes again(*written);
  const GuardedBytes back(stored.bytes().size());
  STOKER_CHECK(codecs.decompress(codec, again.bytes(), back.bytes()).has_value());
  STOKER_CHECK(std::ranges::equal(back.bytes(), stored.bytes()), "other values");
  const stoker::Bytes seen = plain_view(codec, again.bytes(), back.bytes().size());
  STOKER_CHECK(seen.empty() || std::ranges::equal(seen, stored.bytes()), "seen as other values");
  return 0;
}
