#include "data/format/parquet/read/level_reader.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "data/format/parquet/wire/packed_values.h"
#include "data/format/parquet/wire/rle.h"

namespace stoker::format::parquet {
namespace {

unsigned level_width(std::int16_t max_level) {
  return static_cast<unsigned>(std::bit_width(static_cast<unsigned>(max_level)));
}

// Takes the levels of a v1 page from the front of `body`.
Result<LevelStream> take_levels(Bytes& body, PageEncoding encoding, std::int16_t max_level, std::uint32_t values) {
  if (max_level == 0) return LevelStream{};
  std::uint64_t bytes = 0;
  if (encoding == PageEncoding::kRle) {
    std::uint32_t length = 0;
    if (body.size() < sizeof length) return make_error(Code::kCorrupt, "ends inside its levels");
    std::memcpy(&length, body.data(), sizeof length);
    body = body.subspan(sizeof length);
    bytes = length;
  } else if (encoding == PageEncoding::kBitPacked) {
    bytes = (std::uint64_t{values} * level_width(max_level) + 7) / 8;
  } else {
    return make_error(Code::kCorrupt, "has levels with encoding {}", static_cast<std::int32_t>(encoding));
  }
  if (bytes > body.size())
    return make_error(Code::kCorrupt, "has {} bytes of levels, but only {} bytes", bytes, body.size());
  const LevelStream levels{.bytes = body.first(static_cast<std::size_t>(bytes)),
                           .legacy = encoding == PageEncoding::kBitPacked};
  body = body.subspan(static_cast<std::size_t>(bytes));
  return levels;
}

// How many levels of the legacy encoding the bytes hold.
std::uint64_t legacy_levels(Bytes bytes, unsigned width) {
  return width == 0 ? UINT64_MAX : std::uint64_t{bytes.size()} * 8 / width;
}

std::int16_t legacy_level(Bytes bytes, unsigned width, std::uint64_t i) {
  unsigned level = 0;
  for (std::uint64_t bit = i * width; bit < (i + 1) * width; ++bit) {
    level = level << 1 | (static_cast<unsigned>(bytes[static_cast<std::size_t>(bit / 8)]) >> (7 - bit % 8) & 1U);
  }
  return static_cast<std::int16_t>(level);
}

// Calls visit(levels, the highest of them) with a block of packed levels at a time until it says false.
template <class Visit>
bool each_block(const HybridRuns::Run& run, unsigned width, std::uint64_t count, Visit visit) {
  const auto unpack = packed_functions().unpack;
  std::array<std::uint32_t, 512> block;
  for (std::uint64_t i = 0; i < count; i += block.size()) {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), count - i));
    const Unpacked found = unpack(run.packed, width, i, n, block.data());
    if (!visit(std::span<const std::uint32_t>(block.data(), n), found.most)) return false;
  }
  return true;
}

// Bits [0, count) of `bits` against a pattern in which every list_size-th bit is 0, from bit `zero` on, and the
// others 1.
bool bits_are_uniform(const std::byte* bits, std::uint64_t count, std::uint64_t list_size, std::uint64_t zero) {
  for (std::uint64_t i = 0; i < count; i += 64) {
    const std::uint64_t n = std::min<std::uint64_t>(64, count - i);
    std::uint64_t found = 0;
    std::memcpy(&found, bits + i / 8, static_cast<std::size_t>((n + 7) / 8));
    std::uint64_t expected = ~std::uint64_t{0};
    for (; zero < i + 64; zero += list_size) expected &= ~(std::uint64_t{1} << (zero - i));
    const std::uint64_t mask = n == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << n) - 1;
    if (((found ^ expected) & mask) != 0) return false;
  }
  return true;
}

}  // namespace

Result<PageParts> split_page(const DataPage& page, const Leaf& leaf) {
  PageParts parts;
  if (page.v2) {
    const std::size_t levels = std::size_t{page.repetition_bytes} + page.definition_bytes;
    if (levels > page.body.size()) return make_error(Code::kCorrupt, "ends inside its levels");
    if (leaf.max_repetition > 0) parts.repetition.bytes = page.body.first(page.repetition_bytes);
    if (leaf.max_definition > 0)
      parts.definition.bytes = page.body.subspan(page.repetition_bytes, page.definition_bytes);
    parts.values = page.body.subspan(levels);
    return parts;
  }
  Bytes body = page.body;
  STOKER_ASSIGN(parts.repetition, take_levels(body, page.repetition_encoding, leaf.max_repetition, page.values));
  STOKER_ASSIGN(parts.definition, take_levels(body, page.definition_encoding, leaf.max_definition, page.values));
  parts.values = body;
  return parts;
}

bool all_levels_are(const LevelStream& stream, std::int16_t max_level, std::int16_t level, std::uint64_t count) {
  const unsigned width = level_width(max_level);
  if (stream.legacy) {
    if (count > legacy_levels(stream.bytes, width)) return false;
    for (std::uint64_t i = 0; i < count; ++i) {
      if (legacy_level(stream.bytes, width, i) != level) return false;
    }
    return true;
  }
  const auto wanted = static_cast<std::uint32_t>(level);
  HybridRuns runs(stream.bytes, width);
  for (HybridRuns::Run run; count > 0;) {
    if (!runs.next(run)) return false;
    const std::uint64_t n = std::min(count, run.count);
    count -= n;
    if (run.packed == nullptr ? run.value != wanted
                              : !each_block(run, width, n, [&](std::span<const std::uint32_t> block, std::uint32_t) {
                                  return std::ranges::all_of(block, [&](std::uint32_t v) { return v == wanted; });
                                })) {
      return false;
    }
  }
  return true;
}

bool lists_are_uniform(const LevelStream& stream, std::uint64_t list_size, std::uint64_t phase, std::uint64_t count) {
  // A list of one element repeats nothing.
  if (list_size == 1) return all_levels_are(stream, 1, 0, count);
  std::uint64_t zero = phase == 0 ? 0 : list_size - phase;  // the first level that must be 0
  if (stream.legacy) {
    if (count > legacy_levels(stream.bytes, 1)) return false;
    for (std::uint64_t i = 0; i < count; ++i) {
      if (legacy_level(stream.bytes, 1, i) != (i == zero ? 0 : 1)) return false;
      if (i == zero) zero += list_size;
    }
    return true;
  }
  HybridRuns runs(stream.bytes, 1);
  std::uint64_t done = 0;
  for (HybridRuns::Run run; done < count;) {
    if (!runs.next(run)) return false;
    const std::uint64_t n = std::min(count - done, run.count);
    if (run.packed != nullptr) {
      if (!bits_are_uniform(run.packed, n, list_size, zero - done)) return false;
    } else if (run.value == 0) {
      if (n != 1 || zero != done) return false;
    } else if (zero < done + n) {
      return false;
    }
    done += n;
    if (zero < done) zero += (done - zero + list_size - 1) / list_size * list_size;
  }
  return true;
}

Status decode_levels(const LevelStream& stream, std::int16_t max_level, std::span<std::int16_t> out) {
  const unsigned width = level_width(max_level);
  const auto too_high = [&] { return make_error(Code::kCorrupt, "has a level above {}", max_level); };
  if (stream.legacy) {
    if (const std::uint64_t there = legacy_levels(stream.bytes, width); out.size() > there) {
      return make_error(Code::kCorrupt, "has levels for {} of its {} values", there, out.size());
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = legacy_level(stream.bytes, width, i);
      if (out[i] > max_level) return too_high();
    }
    return {};
  }
  HybridRuns runs(stream.bytes, width);
  const auto most = static_cast<std::uint32_t>(max_level);
  std::size_t done = 0;
  for (HybridRuns::Run run; done < out.size();) {
    if (!runs.next(run)) return make_error(Code::kCorrupt, "has levels for {} of its {} values", done, out.size());
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(out.size() - done, run.count));
    std::int16_t* to = out.data() + done;
    if (run.packed == nullptr) {
      if (run.value > most) return too_high();
      std::fill_n(to, n, static_cast<std::int16_t>(run.value));
    } else if (!each_block(run, width, n, [&](std::span<const std::uint32_t> block, std::uint32_t highest) {
                 if (highest > most) return false;
                 to = std::ranges::transform(block, to, [](std::uint32_t v) {
                        return static_cast<std::int16_t>(v);
                      }).out;
                 return true;
               })) {
      return too_high();
    }
    done += n;
  }
  return {};
}

}  // namespace stoker::format::parquet
