#include "data/format/parquet/read/dictionary_table.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "data/format/parquet/wire/plain.h"
#include "data/format/parquet/wire/rle.h"

namespace stoker::format::parquet {
namespace {

struct IndexPage {
  unsigned width = 0;
  Bytes runs;
};

Result<IndexPage> open_index_page(Bytes page) {
  if (page.empty()) return make_error(Code::kCorrupt, "lacks its dictionary indices");
  const auto width = static_cast<unsigned>(page[0]);
  if (width > 32) return make_error(Code::kCorrupt, "has dictionary indices of {} bits", width);
  return IndexPage{.width = width, .runs = page.subspan(1)};
}

// Calls repeated(index, n) and packed(indices, n) for the indices [skip, skip + take), all of them below `count`.
// `indices` are unsigned integers of any width: those of 8 bits are not unpacked but used where they lie.
template <class Repeated, class Packed>
Status each_index(Bytes page, std::uint64_t skip, std::uint64_t take, std::uint32_t count, Repeated repeated,
                  Packed packed) {
  STOKER_ASSIGN(const IndexPage indices, open_index_page(page));
  const auto outside = [&](std::uint32_t index) {
    return make_error(Code::kCorrupt, "has index {} into a dictionary of {} values", index, count);
  };
  const bool always_inside = indices.width < 32 && (std::uint64_t{1} << indices.width) <= count;
  HybridRuns runs(indices.runs, indices.width);
  std::array<std::uint32_t, 1024> block;
  for (HybridRuns::Run run; take > 0;) {
    if (!runs.next(run)) return make_error(Code::kCorrupt, "ends {} dictionary indices too early", take);
    if (skip >= run.count) {
      skip -= run.count;
      continue;
    }
    const std::uint64_t end = std::min(run.count, skip + take);
    take -= end - skip;
    if (run.packed == nullptr) {
      if (run.value >= count) return outside(run.value);
      repeated(run.value, static_cast<std::size_t>(end - skip));
    } else if (indices.width == 8) {
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(run.packed) + skip;
      const auto n = static_cast<std::size_t>(end - skip);
      if (!always_inside) {
        std::uint8_t most = 0;
        for (std::size_t i = 0; i < n; ++i) most = std::max(most, bytes[i]);
        if (most >= count) return outside(most);
      }
      packed(bytes, n);
    } else {
      for (std::uint64_t i = skip; i < end; i += block.size()) {
        const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), end - i));
        unpack(run.packed, indices.width, i, n, block.data());
        if (!always_inside && any_at_least(block.data(), n, count)) {
          return outside(*std::max_element(block.data(), block.data() + n));
        }
        packed(block.data(), n);
      }
    }
    skip = 0;
  }
  return {};
}

template <class T>
T value_at(const std::byte* table, std::uint32_t index) {
  T value;
  std::memcpy(&value, table + std::size_t{index} * sizeof(T), sizeof(T));
  return value;
}

// Pointers are copied into locals before the loops: bytes that are stored might be anything else's, for all the
// compiler knows, so it would load what lies in memory again after each.
template <class T>
Status gather_as(const std::byte* table, std::uint32_t count, Bytes page, std::uint64_t skip, std::uint64_t take,
                 std::byte* out) {
  return each_index(
      page, skip, take, count,
      [table, &out](std::uint32_t index, std::size_t n) {
        const T value = value_at<T>(table, index);
        std::byte* const to = out;
        for (std::size_t i = 0; i < n; ++i) std::memcpy(to + i * sizeof(T), &value, sizeof(T));
        out += n * sizeof(T);
      },
      [table, &out](const auto* indices, std::size_t n) {
        const std::byte* const from = table;
        std::byte* const to = out;
#pragma GCC unroll 8
        for (std::size_t i = 0; i < n; ++i) {
          const T value = value_at<T>(from, indices[i]);
          std::memcpy(to + i * sizeof(T), &value, sizeof(T));
        }
        out += n * sizeof(T);
      });
}

}  // namespace

Status DictionaryTable::build(const Leaf& leaf, Bytes plain, std::uint32_t count, Arena& arena) {
  count_ = count;
  width_ = leaf.width;
  identity_ = false;
  texts_.clear();
  if (leaf.is_bytes()) {
    if (plain.size() / sizeof(std::uint32_t) < count) {
      return make_error(Code::kCorrupt, "the dictionary page has {} bytes for {} values", plain.size(), count);
    }
    texts_.reserve(count);
    PlainTexts in(plain);
    for (std::uint32_t i = 0; i < count; ++i) {
      Bytes value;
      if (!in.next(value))
        return make_error(Code::kCorrupt, "the dictionary page ends inside value {} of {}", i, count);
      texts_.push_back({.data = value.data(), .bytes = static_cast<std::uint32_t>(value.size())});
    }
    return {};
  }
  if (leaf.physical == Physical::kBoolean) return make_error(Code::kCorrupt, "has a dictionary of booleans");
  if (std::uint64_t{count} * leaf.stored_width > plain.size()) {
    return make_error(Code::kCorrupt, "the dictionary page has {} bytes for {} values of {} bytes", plain.size(), count,
                      leaf.stored_width);
  }
  table_ = plain.data();
  if (leaf.is_narrowed()) {
    STOKER_ASSIGN(const MutBytes table, arena.allocate(std::uint64_t{count} * leaf.width));
    narrow(plain.data(), count, leaf.width, table.data());
    table_ = table.data();
  }
  if (width_ == 1 && count == 256) {
    identity_ = true;
    for (std::uint32_t i = 0; i < count; ++i) identity_ &= static_cast<std::uint32_t>(table_[i]) == i;
  }
  return {};
}

Status DictionaryTable::gather(Bytes indices, std::uint64_t skip, std::uint64_t take, std::byte* out) const {
  switch (width_) {
    case 1: return gather_as<std::uint8_t>(table_, count_, indices, skip, take, out);
    case 2: return gather_as<std::uint16_t>(table_, count_, indices, skip, take, out);
    case 4: return gather_as<std::uint32_t>(table_, count_, indices, skip, take, out);
    case 8: return gather_as<std::uint64_t>(table_, count_, indices, skip, take, out);
    default: break;
  }
  const auto put = [&](std::uint32_t index) {
    std::memcpy(out, table_ + std::size_t{index} * width_, width_);
    out += width_;
  };
  return each_index(
      indices, skip, take, count_,
      [&](std::uint32_t index, std::size_t n) {
        for (std::size_t i = 0; i < n; ++i) put(index);
      },
      [&](const auto* block, std::size_t n) {
        for (std::size_t i = 0; i < n; ++i) put(block[i]);
      });
}

Status DictionaryTable::gather(Bytes indices, std::uint64_t skip, std::uint64_t take, Text* out) const {
  return each_index(
      indices, skip, take, count_,
      [&](std::uint32_t index, std::size_t n) { out = std::fill_n(out, n, texts_[index]); },
      [&](const auto* block, std::size_t n) {
        for (std::size_t i = 0; i < n; ++i) *out++ = texts_[block[i]];
      });
}

Bytes DictionaryTable::identity_view(Bytes indices, std::uint64_t skip, std::uint64_t take) const {
  if (!identity_ || indices.empty() || indices[0] != std::byte{8}) return {};
  HybridRuns runs(indices.subspan(1), 8);
  HybridRuns::Run run;
  if (!runs.next(run) || run.packed == nullptr || run.count < skip + take) return {};
  return {run.packed + skip, static_cast<std::size_t>(take)};
}

}  // namespace stoker::format::parquet
