#include "data/format/parquet/read/dictionary_table.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "data/format/parquet/read/segments.h"
#include "data/format/parquet/wire/packed_values.h"
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

Error outside(std::uint32_t index, std::uint32_t count) {
  return make_error(Code::kCorrupt, "has index {} into a dictionary of {} values", index, count);
}

// Calls repeated(index, n), with an index below `count`, and packed(run, width, first, n), which says what is wrong
// with the indices of a packed run, for the indices [skip, skip + take).
template <class Repeated, class Packed>
Status each_run(Bytes page, std::uint64_t skip, std::uint64_t take, std::uint32_t count, Repeated repeated,
                Packed packed) {
  STOKER_ASSIGN(const IndexPage indices, open_index_page(page));
  HybridRuns runs(indices.runs, indices.width);
  for (HybridRuns::Run run; take > 0;) {
    if (!runs.next(run)) return make_error(Code::kCorrupt, "ends {} dictionary indices too early", take);
    if (skip >= run.count) {
      skip -= run.count;
      continue;
    }
    const std::uint64_t n = std::min(run.count - skip, take);
    take -= n;
    if (run.packed != nullptr) {
      STOKER_TRY(packed(run.packed, indices.width, skip, static_cast<std::size_t>(n)));
    } else {
      if (run.value >= count) return outside(run.value, count);
      repeated(run.value, static_cast<std::size_t>(n));
    }
    skip = 0;
  }
  return {};
}

// The same with repeated(index, n), packed(indices, n) and consecutive(first index, n), all of them below `count`.
template <class Repeated, class Packed, class Consecutive>
Status each_index(Bytes page, std::uint64_t skip, std::uint64_t take, std::uint32_t count, Repeated repeated,
                  Packed packed, Consecutive consecutive) {
  const auto unpack = packed_functions().unpack;
  std::array<std::uint32_t, 256> block;
  return each_run(page, skip, take, count, repeated,
                  [&](const std::byte* run, unsigned width, std::uint64_t first, std::size_t n) -> Status {
                    for (std::size_t done = 0; done < n; done += block.size()) {
                      const std::size_t part = std::min(block.size(), n - done);
                      const Unpacked found = unpack(run, width, first + done, part, block.data());
                      if (found.most >= count) return outside(found.most, count);
                      if (found.consecutive) {
                        consecutive(block[0], part);
                      } else {
                        packed(block.data(), part);
                      }
                    }
                    return {};
                  });
}

template <class T>
T value_at(const std::byte* table, std::uint32_t index) {
  T value;
  std::memcpy(&value, table + std::size_t{index} * sizeof(T), sizeof(T));
  return value;
}

// Shorter pieces of the dictionary are copied: a segment has its price, too.
constexpr std::size_t kViewBytes = 512;

// Where the values of a page go.
struct Gathered {
  const std::byte* table;
  std::byte* out;
  std::vector<Segment>& segments;

  void view_or_copy(std::uint32_t first, std::size_t n, std::size_t width) {
    const Bytes piece(table + std::size_t{first} * width, n * width);
    if (piece.size() >= kViewBytes) return append_segment(segments, piece, n);
    std::ranges::copy(piece, out);
    copied(n, width);
  }
  // n values are at `out`.
  void copied(std::size_t n, std::size_t width) {
    append_segment(segments, Bytes(out, n * width), n);
    out += n * width;
  }
};

// Pointers are copied into locals before the loops: bytes that are stored might be anything else's, for all the
// compiler knows, so it would load what lies in memory again after each.
template <class T>
Status gather_as(Gathered to, std::uint32_t count, Bytes page, std::uint64_t skip, std::uint64_t take) {
  return each_index(
      page, skip, take, count,
      [&to](std::uint32_t index, std::size_t n) {
        const T value = value_at<T>(to.table, index);
        std::byte* const out = to.out;
        for (std::size_t i = 0; i < n; ++i) std::memcpy(out + i * sizeof(T), &value, sizeof(T));
        to.copied(n, sizeof(T));
      },
      [&to](const std::uint32_t* indices, std::size_t n) {
        const std::byte* const table = to.table;
        std::byte* const out = to.out;
#pragma GCC unroll 8
        for (std::size_t i = 0; i < n; ++i) {
          const T value = value_at<T>(table, indices[i]);
          std::memcpy(out + i * sizeof(T), &value, sizeof(T));
        }
        to.copied(n, sizeof(T));
      },
      [&to](std::uint32_t first, std::size_t n) { to.view_or_copy(first, n, sizeof(T)); });
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
  if (width_ == 1) {
    const std::size_t used = std::min<std::size_t>(count, bytes_.size());
    std::copy_n(table_, used, bytes_.begin());
    identity_ = count == bytes_.size();
    for (std::size_t i = 0; i < used; ++i) identity_ &= static_cast<std::size_t>(bytes_[i]) == i;
  }
  return {};
}

Status DictionaryTable::gather(Bytes indices, std::uint64_t skip, std::uint64_t take, std::byte* room,
                               std::vector<Segment>& segments) const {
  Gathered to{.table = table_, .out = room, .segments = segments};
  switch (width_) {
    case 1:
      if (const Bytes view = identity_view(indices, skip, take); !view.empty()) {
        append_segment(segments, view, take);
        return {};
      }
      if (!indices.empty() && static_cast<unsigned>(indices[0]) <= 8) {
        STOKER_TRY(gather_bytes(indices, skip, take, room));
        to.copied(static_cast<std::size_t>(take), 1);
        return {};
      }
      return gather_as<std::uint8_t>(to, count_, indices, skip, take);
    case 2: return gather_as<std::uint16_t>(to, count_, indices, skip, take);
    case 4: return gather_as<std::uint32_t>(to, count_, indices, skip, take);
    case 8: return gather_as<std::uint64_t>(to, count_, indices, skip, take);
    default: break;
  }
  const auto put = [&](std::byte* out, std::uint32_t index) {
    std::memcpy(out, table_ + std::size_t{index} * width_, width_);
  };
  return each_index(
      indices, skip, take, count_,
      [&](std::uint32_t index, std::size_t n) {
        for (std::size_t i = 0; i < n; ++i) put(to.out + i * width_, index);
        to.copied(n, width_);
      },
      [&](const std::uint32_t* block, std::size_t n) {
        for (std::size_t i = 0; i < n; ++i) put(to.out + i * width_, block[i]);
        to.copied(n, width_);
      },
      [&](std::uint32_t first, std::size_t n) { to.view_or_copy(first, n, width_); });
}

Status DictionaryTable::gather_bytes(Bytes indices, std::uint64_t skip, std::uint64_t take, std::byte* out) const {
  const auto look_up = packed_functions().look_up_bytes;
  return each_run(
      indices, skip, take, count_,
      [&](std::uint32_t index, std::size_t n) { out = std::fill_n(out, n, table_[index]); },
      [&](const std::byte* run, unsigned width, std::uint64_t first, std::size_t n) -> Status {
        const std::uint32_t most = look_up(bytes_.data(), run, width, first, n, out);
        if (most >= count_) return outside(most, count_);
        out += n;
        return {};
      });
}

Status DictionaryTable::gather(Bytes indices, std::uint64_t skip, std::uint64_t take, Text* out) const {
  return each_index(
      indices, skip, take, count_,
      [&](std::uint32_t index, std::size_t n) { out = std::fill_n(out, n, texts_[index]); },
      [&](const std::uint32_t* block, std::size_t n) {
        for (std::size_t i = 0; i < n; ++i) *out++ = texts_[block[i]];
      },
      [&](std::uint32_t first, std::size_t n) { out = std::copy_n(texts_.begin() + first, n, out); });
}

Bytes DictionaryTable::identity_view(Bytes indices, std::uint64_t skip, std::uint64_t take) const {
  if (!identity_ || indices.empty() || indices[0] != std::byte{8}) return {};
  HybridRuns runs(indices.subspan(1), 8);
  HybridRuns::Run run;
  if (!runs.next(run) || run.packed == nullptr || run.count < skip + take) return {};
  return {run.packed + skip, static_cast<std::size_t>(take)};
}

}  // namespace stoker::format::parquet
