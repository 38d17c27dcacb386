// The values of a page in each encoding, those that are decoded here and those that Arrow decodes, and dictionaries.
#include <array>

#include "base/testing/fuzz_input.h"
#include "data/format/arena.h"
#include "data/format/parquet/read/arrow_values.h"
#include "data/format/parquet/read/dictionary_table.h"
#include "data/format/parquet/wire/plain.h"

namespace {

using namespace stoker::format::parquet;  // NOLINT(google-build-using-namespace)
using stoker::Bytes;
using stoker::format::Arena;
using stoker::format::kReadSlack;

// Of 16 kinds. Those of two bytes stand behind the others, whose numbers are in the stored corpus.
Leaf leaf_of(unsigned kind) {
  if (kind == 14) return {.physical = Physical::kInt32, .stored_width = 4, .width = 2};
  if (kind == 15) return {.physical = Physical::kFixed, .stored_width = 2, .width = 2};
  switch (kind % 7) {
    case 0: return {.physical = Physical::kInt32, .stored_width = 4, .width = 4};
    case 1: return {.physical = Physical::kInt32, .stored_width = 4, .width = 1};
    case 2: return {.physical = Physical::kInt64, .stored_width = 8, .width = 8};
    case 3: return {.physical = Physical::kFloat, .stored_width = 4, .width = 4};
    case 4: return {.physical = Physical::kDouble, .stored_width = 8, .width = 8};
    case 5: return {.physical = Physical::kFixed, .stored_width = 5, .width = 5};
    default: return {.physical = Physical::kByteArray};
  }
}

void through_arrow(const Leaf& leaf, unsigned kind, Bytes in, std::uint64_t present, std::uint64_t skip) {
  constexpr std::array kEncodings = {PageEncoding::kDeltaBinaryPacked, PageEncoding::kDeltaLengthByteArray,
                                     PageEncoding::kDeltaByteArray, PageEncoding::kByteStreamSplit, PageEncoding::kRle};
  ArrowValues arrow;
  Arena arena;
  std::vector<stoker::format::Segment> segments;
  std::vector<std::uint32_t> lengths;
  static_cast<void>(arrow.decode(leaf, kEncodings[kind % kEncodings.size()], in, present, skip, present - skip, arena,
                                 segments, lengths));
}

void with_dictionary(const Leaf& leaf, Bytes dictionary, std::uint32_t entries, Bytes indices, std::uint64_t skip,
                     std::uint64_t take) {
  DictionaryTable table;
  Arena arena;
  if (!table.build(leaf, dictionary, entries, arena)) return;
  if (leaf.is_bytes()) {
    std::vector<DictionaryTable::Text> texts(take);
    if (!table.gather(indices, skip, take, texts.data())) return;
    std::size_t sum = 0;
    for (const auto& text : texts) {
      for (std::uint32_t i = 0; i < text.bytes; ++i) sum += static_cast<std::size_t>(text.data[i]);
    }
    static_cast<void>(sum);
    return;
  }
  std::vector<std::byte> room(take * leaf.width);
  std::vector<stoker::format::Segment> segments;
  if (!table.gather(indices, skip, take, room.data(), segments)) return;
  std::uint64_t elements = 0;
  for (const auto& segment : segments) {
    STOKER_CHECK(segment.values.size() == segment.elements * leaf.width, "whole values");
    elements += segment.elements;
  }
  STOKER_CHECK(elements == take, "all of them");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  stoker::testing::FuzzInput in(data, size);
  const unsigned kind = in.take<std::uint8_t>();
  const std::uint64_t present = in.take<std::uint16_t>();
  const std::uint64_t skip = std::min<std::uint64_t>(in.take<std::uint8_t>(), present);
  const std::size_t cut = in.take<std::uint8_t>();
  const std::uint32_t entries = in.take<std::uint8_t>();
  // Readers may touch the slack behind a page, which the buffers of a chunk have.
  std::vector<std::byte> copy(in.rest().begin(), in.rest().end());
  const std::size_t bytes = copy.size();
  copy.resize(bytes + kReadSlack);
  const Bytes all = Bytes(copy).first(bytes);
  const Leaf leaf = leaf_of(kind >> 4U);
  if ((kind & 1U) != 0) {
    through_arrow(leaf, (kind >> 1U) & 7U, all, present, skip);
  } else {
    const std::size_t first = std::min(cut, bytes);
    with_dictionary(leaf, all.first(first), entries, all.subspan(first), skip, present - skip);
  }
  PlainTexts texts(all);
  for (Bytes value; texts.next(value);) STOKER_CHECK(value.size() < bytes, "a value inside the page");
  return 0;
}
