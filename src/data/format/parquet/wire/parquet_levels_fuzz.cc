// Levels of both encodings and both versions of pages, and the runs below them.
#include <vector>

#include "base/testing/fuzz_input.h"
#include "data/format/arena.h"
#include "data/format/parquet/read/level_reader.h"
#include "data/format/parquet/wire/rle.h"

namespace {

using namespace stoker::format::parquet;  // NOLINT(google-build-using-namespace)
using stoker::format::kReadSlack;

void read_levels(const LevelStream& stream, std::int16_t max_level, std::uint16_t count) {
  std::vector<std::int16_t> levels(count);
  const bool good = decode_levels(stream, max_level, levels).has_value();
  const bool all = all_levels_are(stream, max_level, max_level, count);
  if (good && all) {
    STOKER_CHECK(std::ranges::all_of(levels, [&](std::int16_t level) { return level == max_level; }), "all the same");
  }
  if (max_level == 1) static_cast<void>(lists_are_uniform(stream, 1 + count % 7U, count % 2U, count));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  stoker::testing::FuzzInput in(data, size);
  const auto kind = in.take<std::uint8_t>();
  const auto count = in.take<std::uint16_t>();
  const auto max_level = static_cast<std::int16_t>(in.take<std::uint8_t>() % 40);
  // Readers may touch the slack behind a page, which the buffers of a chunk have.
  std::vector<std::byte> copy(in.rest().begin(), in.rest().end());
  copy.resize(copy.size() + kReadSlack);
  const stoker::Bytes body = stoker::Bytes(copy).first(in.rest().size());
  read_levels({.bytes = body, .legacy = (kind & 1U) != 0}, max_level, count);

  const std::uint32_t definition = in.take<std::uint16_t>();
  const std::uint32_t repetition = in.take<std::uint16_t>();
  DataPage page{.body = body.last(in.rest().size()), .values = count, .v2 = (kind & 2U) != 0};
  if ((kind & 4U) != 0) page.definition_encoding = page.repetition_encoding = PageEncoding::kBitPacked;
  const auto bytes = static_cast<std::uint32_t>(page.body.size());
  page.definition_bytes = std::min(definition, bytes);
  page.repetition_bytes = std::min(repetition, bytes - page.definition_bytes);
  const Leaf leaf{.max_definition = max_level, .max_repetition = static_cast<std::int16_t>(kind >> 6U)};
  const auto parts = split_page(page, leaf);
  if (parts) {
    if (leaf.max_definition > 0) read_levels(parts->definition, leaf.max_definition, count);
    if (leaf.max_repetition > 0) read_levels(parts->repetition, leaf.max_repetition, count);
  }
  return 0;
}
