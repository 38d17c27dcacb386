#include "data/format/parquet/read/decode.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "data/format/arena.h"
#include "data/format/parquet/read/segments.h"
#include "data/format/parquet/wire/plain.h"
#include "data/format/parquet/wire/rle.h"

namespace stoker::format::parquet {
namespace {

// Byte arrays at least this long on average are handed out where they lie, one segment each; shorter ones are copied
// together.
constexpr std::uint64_t kViewTextBytes = 1024;

// Most strings are short: 16 bytes are copied whether they belong to the string or to what follows it, in buffers that
// all have kReadSlack bytes behind them.
void copy_text(const std::byte* from, std::size_t bytes, std::byte* to) {
  if (bytes <= 16) {
    std::memcpy(to, from, 16);
  } else {
    std::memcpy(to, from, bytes);
  }
}

// True for fixed-width values that are neither views nor Arrow's.
bool needs_room(const Leaf& leaf, PageEncoding encoding) {
  if (leaf.is_bytes()) return false;
  if (is_dictionary_index(encoding)) return true;
  if (encoding == PageEncoding::kRle) return leaf.physical == Physical::kBoolean;
  return encoding == PageEncoding::kPlain && leaf.width != leaf.stored_width;
}

Error too_short(const PageCut& cut, std::uint64_t wanted) {
  return make_error(Code::kCorrupt, "a page of {} values has {} bytes of them, not {}", cut.present, cut.values.size(),
                    wanted);
}

// Booleans of v2 pages: 4 bytes of length, then runs of width 1.
Status decode_rle_booleans(const PageCut& cut, std::byte* out) {
  std::uint32_t length = 0;
  if (cut.values.size() < sizeof length) return too_short(cut, sizeof length);
  std::memcpy(&length, cut.values.data(), sizeof length);
  if (length > cut.values.size() - sizeof length) return too_short(cut, sizeof length + std::uint64_t{length});
  HybridRuns runs(cut.values.subspan(sizeof length, length), 1);
  std::uint64_t skip = cut.skip;
  std::uint64_t take = cut.take;
  for (HybridRuns::Run run; take > 0;) {
    if (!runs.next(run)) return make_error(Code::kCorrupt, "ends {} booleans too early", take);
    if (skip >= run.count) {
      skip -= run.count;
      continue;
    }
    const auto n = static_cast<std::size_t>(std::min(run.count - skip, take));
    if (run.packed == nullptr) {
      std::fill_n(out, n, static_cast<std::byte>(run.value & 1));
    } else {
      unpack_bits(run.packed, static_cast<std::size_t>(skip), n, out);
    }
    out += n;
    take -= n;
    skip = 0;
  }
  return {};
}

}  // namespace

Status ColumnDecoder::decode(const ColumnInput& in, Arena& arena, ColumnView& out) {
  out.name = in.leaf.name;
  out.width = in.leaf.width;
  out.segments.clear();
  out.lengths.clear();
  STOKER_TRY(cuts_.make(in, out));
  dictionary_built_ = false;
  room_ = {};
  // One piece for all of them, so that values of neighbouring pages join in one segment.
  std::uint64_t copied = 0;
  for (const PageCut& cut : cuts_.cuts()) copied += needs_room(in.leaf, cut.page->encoding) ? cut.take : 0;
  if (copied > 0) {
    STOKER_ASSIGN(room_, arena.allocate(copied * in.leaf.width));
  }
  for (const PageCut& cut : cuts_.cuts()) STOKER_TRY(decode_cut(in, cut, arena, out));
  return {};
}

MutBytes ColumnDecoder::take_room(const PageCut& cut, const ColumnView& out) {
  const auto bytes = static_cast<std::size_t>(cut.take * out.width);
  const MutBytes taken = room_.first(bytes);
  room_ = room_.subspan(bytes);
  return taken;
}

Status ColumnDecoder::decode_cut(const ColumnInput& in, const PageCut& cut, Arena& arena, ColumnView& out) {
  const Leaf& leaf = in.leaf;
  const PageEncoding encoding = cut.page->encoding;
  if (is_dictionary_index(encoding)) return decode_indices(in, cut, arena, out);
  if (encoding == PageEncoding::kPlain && leaf.is_bytes()) return decode_texts(cut, arena, out);
  if (encoding == PageEncoding::kPlain && leaf.stored_width > 0) {
    const std::uint64_t wanted = cut.present * leaf.stored_width;
    if (wanted > cut.values.size()) return too_short(cut, wanted);
    const Bytes stored = cut.values.subspan(static_cast<std::size_t>(cut.skip * leaf.stored_width),
                                            static_cast<std::size_t>(cut.take * leaf.stored_width));
    if (!leaf.is_narrowed()) {
      append_segment(out.segments, stored, cut.take);
      return {};
    }
    const MutBytes narrowed = take_room(cut, out);
    narrow(stored.data(), static_cast<std::size_t>(cut.take), leaf.width, narrowed.data());
    append_segment(out.segments, narrowed, cut.take);
    return {};
  }
  if (leaf.physical == Physical::kBoolean && (encoding == PageEncoding::kPlain || encoding == PageEncoding::kRle)) {
    const MutBytes booleans = take_room(cut, out);
    if (encoding == PageEncoding::kPlain) {
      if ((cut.present + 7) / 8 > cut.values.size()) return too_short(cut, (cut.present + 7) / 8);
      unpack_bits(cut.values.data(), static_cast<std::size_t>(cut.skip), booleans.size(), booleans.data());
    } else {
      STOKER_TRY(decode_rle_booleans(cut, booleans.data()));
    }
    append_segment(out.segments, booleans, cut.take);
    return {};
  }
  return arrow_.decode(leaf, encoding, cut.values, cut.present, cut.skip, cut.take, arena, out.segments, out.lengths);
}

Status ColumnDecoder::decode_indices(const ColumnInput& in, const PageCut& cut, Arena& arena, ColumnView& out) {
  if (!dictionary_built_) {
    if (!in.pages.has_dictionary) return make_error(Code::kCorrupt, "has dictionary indices, but no dictionary page");
    STOKER_TRY(dictionary_.build(in.leaf, in.pages.dictionary, in.pages.dictionary_values, arena));
    dictionary_built_ = true;
  }
  if (!in.leaf.is_bytes()) {
    return dictionary_.gather(cut.values, cut.skip, cut.take, take_room(cut, out).data(), out.segments);
  }
  if (cut.take * sizeof(DictionaryTable::Text) > chunk_memory_limit_bytes()) {
    return make_error(Code::kUnsupported, "a page of {} strings is too large", cut.take);
  }
  texts_.resize(static_cast<std::size_t>(cut.take));
  STOKER_TRY(dictionary_.gather(cut.values, cut.skip, cut.take, texts_.data()));
  std::uint64_t total = 0;
  const std::size_t before = out.lengths.size();
  out.lengths.resize(before + texts_.size());
  std::uint32_t* length = out.lengths.data() + before;
  for (const DictionaryTable::Text& text : texts_) {
    total += text.bytes;
    *length++ = text.bytes;
  }
  STOKER_ASSIGN(const MutBytes bytes, arena.allocate(total));
  std::byte* to = bytes.data();
  for (const DictionaryTable::Text& text : texts_) {
    copy_text(text.data, text.bytes, to);
    to += text.bytes;
  }
  append_segment(out.segments, bytes, cut.take);
  return {};
}

Status ColumnDecoder::decode_texts(const PageCut& cut, Arena& arena, ColumnView& out) {
  const auto ends_inside = [&] {
    return make_error(Code::kCorrupt, "a page ends inside one of its {} byte arrays", cut.present);
  };
  // Each one takes at least its length's four bytes.
  if (cut.present > cut.values.size() / sizeof(std::uint32_t)) return ends_inside();
  PlainTexts in(cut.values);
  Bytes text;
  for (std::uint64_t i = 0; i < cut.skip; ++i) {
    if (!in.next(text)) return ends_inside();
  }
  const std::size_t before = out.lengths.size();
  out.lengths.resize(before + static_cast<std::size_t>(cut.take));
  std::uint32_t* length = out.lengths.data() + before;
  const std::uint64_t text_bytes = cut.values.size() - cut.present * sizeof(std::uint32_t);
  if (text_bytes >= cut.present * kViewTextBytes) {
    for (std::uint64_t i = 0; i < cut.take; ++i) {
      if (!in.next(text)) return ends_inside();
      *length++ = static_cast<std::uint32_t>(text.size());
      append_segment(out.segments, text, 1);
    }
    return {};
  }
  STOKER_ASSIGN(const MutBytes room, arena.allocate(text_bytes));
  std::byte* to = room.data();
  for (std::uint64_t i = 0; i < cut.take; ++i) {
    if (!in.next(text)) return ends_inside();
    // A length that lies takes what belongs to the texts behind this one, and there is no room for that.
    if (text.size() > room.size() - static_cast<std::size_t>(to - room.data())) return ends_inside();
    *length++ = static_cast<std::uint32_t>(text.size());
    copy_text(text.data(), text.size(), to);
    to += text.size();
  }
  append_segment(out.segments, Bytes(room.data(), to), cut.take);
  return {};
}

}  // namespace stoker::format::parquet
