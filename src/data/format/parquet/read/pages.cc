#include "data/format/parquet/read/pages.h"

#include <cstring>

#include "data/format/parquet/wire/page_checksum.h"
#include "data/format/parquet/wire/page_header.h"

namespace stoker::format::parquet {
namespace {

Error corrupt_page(std::size_t page, Error error) {
  return std::move(error).with_context(fmt::format("page {}", page));
}

// The page's bytes, decompressed unless they lie there plain already.
Result<Bytes> page_body(const PageHeader& header, Bytes stored, Codec codec, Codecs& codecs, Arena& arena) {
  const bool v2 = header.type == PageType::kDataV2;
  if (codec == Codec::kUncompressed || (v2 && !header.compressed)) return stored;
  STOKER_TRY(check_codec(codec));  // nothing is known of how much one that is unknown can hold
  const std::size_t levels = v2 ? std::size_t{header.definition_bytes} + header.repetition_bytes : 0;
  if (header.plain_bytes > levels + max_plain_bytes(codec, stored.size())) {
    return make_error(Code::kCorrupt, "{} bytes of {} cannot hold the {} bytes that the header claims", stored.size(),
                      to_string(codec), header.plain_bytes);
  }
  if (levels == 0) {
    if (const Bytes view = plain_view(codec, stored, header.plain_bytes); !view.empty()) return view;
  }
  STOKER_ASSIGN(const MutBytes plain, arena.allocate(header.plain_bytes));
  // Levels of v2 pages are never compressed; they go in front of their values, as they lie in the file.
  if (levels > 0) std::memcpy(plain.data(), stored.data(), levels);
  // An empty page may have no compressed bytes at all.
  if (plain.size() > levels) STOKER_TRY(codecs.decompress(codec, stored.subspan(levels), plain.subspan(levels)));
  return Bytes(plain);
}

class Walk {
 public:
  Walk(const ChunkIndex& chunk, const Leaf& leaf, RowRange wanted, bool verify_checksums, Codecs& codecs, Arena& arena,
       ColumnPagesHeld& column)
      : chunk_(chunk),
        leaf_(leaf),
        wanted_(wanted),
        verify_checksums_(verify_checksums),
        codecs_(codecs),
        arena_(arena),
        column_(column),
        row_(column.first_row) {}

  Status run() {
    column_.has_dictionary = false;
    column_.dictionary = {};
    column_.dictionary_values = 0;
    column_.pages.clear();
    column_.plain_bytes = 0;
    if (!column_.stored_dictionary.empty()) {
      STOKER_TRY(pages_of(column_.stored_dictionary, column_.stored_dictionary_offset, true));
    }
    STOKER_TRY(pages_of(column_.stored, column_.stored_offset, false));
    if (column_.values_known && !done_ && values_ != column_.values) {
      return make_error(Code::kCorrupt, "the column chunk ends after {} of its {} values", values_, column_.values);
    }
    return {};
  }

 private:
  Status pages_of(Bytes in, std::uint64_t offset, bool dictionary_only) {
    std::size_t at = 0;
    while (at < in.size() && !done_ && !(column_.values_known && values_ == column_.values && page_ > 0)) {
      auto parsed = parse_page_header(in.subspan(at));
      if (!parsed) return corrupt_page(page_, std::move(parsed).error());
      if (!parsed->has_value())
        return corrupt_page(page_, make_error(Code::kCorrupt, "the column chunk ends inside the page header"));
      const PageHeader& header = **parsed;
      page_offset_ = offset + at;
      at += header.header_bytes;
      if (header.stored_bytes > in.size() - at) {
        return corrupt_page(page_, make_error(Code::kCorrupt, "has {} bytes, but the column chunk has only {} left",
                                              header.stored_bytes, in.size() - at));
      }
      auto taken = take(header, in.subspan(at, header.stored_bytes));
      if (!taken) return corrupt_page(page_, std::move(taken).error());
      at += header.stored_bytes;
      ++page_;
      if (dictionary_only) break;
    }
    return {};
  }

  Status take(const PageHeader& header, Bytes stored) {
    if (header.type == PageType::kDictionary) return take_dictionary(header, stored);
    // Index pages and types yet unknown.
    if (!header.is_data()) return {};
    if (header.values > column_.values - values_) {
      return make_error(Code::kCorrupt, "has {} values, but the column chunk has only {} left", header.values,
                        column_.values - values_);
    }
    values_ += header.values;
    const bool v2 = header.type == PageType::kDataV2;
    if (leaf_.max_repetition > 0 && !v2) rows_known_ = false;
    if (rows_known_) {
      const std::uint64_t rows = leaf_.max_repetition == 0 ? header.values : header.rows;
      const std::uint64_t begin = row_;
      row_ += rows;
      if (row_ <= wanted_.first) {
        column_.first_row = row_;
        column_.phase = 0;
        return {};
      }
      if (begin >= wanted_.end()) {
        done_ = true;
        return {};
      }
    }
    if (verify_checksums_) STOKER_TRY(check_page(header, stored, page_offset_));
    if (header.values == 0) return {};
    STOKER_ASSIGN(const Bytes body, page_body(header, stored, chunk_.codec, codecs_, arena_));
    column_.plain_bytes += body.size();
    column_.pages.push_back({.body = body,
                             .values = header.values,
                             .encoding = header.encoding,
                             .definition_encoding = header.definition_encoding,
                             .repetition_encoding = header.repetition_encoding,
                             .definition_bytes = header.definition_bytes,
                             .repetition_bytes = header.repetition_bytes,
                             .v2 = v2});
    return {};
  }

  Status take_dictionary(const PageHeader& header, Bytes stored) {
    if (column_.has_dictionary) return make_error(Code::kCorrupt, "is a second dictionary page");
    if (header.encoding != PageEncoding::kPlain && header.encoding != PageEncoding::kPlainDictionary) {
      return make_error(Code::kCorrupt, "is a dictionary page with encoding {}",
                        static_cast<std::int32_t>(header.encoding));
    }
    if (verify_checksums_) STOKER_TRY(check_page(header, stored, page_offset_));
    STOKER_ASSIGN(column_.dictionary, page_body(header, stored, chunk_.codec, codecs_, arena_));
    column_.plain_bytes += column_.dictionary.size();
    column_.dictionary_values = header.values;
    column_.has_dictionary = true;
    return {};
  }

  const ChunkIndex& chunk_;
  const Leaf& leaf_;
  const RowRange wanted_;
  const bool verify_checksums_;
  Codecs& codecs_;
  Arena& arena_;
  ColumnPagesHeld& column_;
  std::uint64_t values_ = 0;  // of the data pages met so far
  std::uint64_t row_;         // in which the next page begins, while rows_known_
  std::size_t page_ = 0;
  std::uint64_t page_offset_ = 0;  // of its header in the file
  bool rows_known_ = true;
  bool done_ = false;
};

}  // namespace

Status read_pages(const ChunkIndex& chunk, const Leaf& leaf, RowRange wanted, bool verify_checksums, Codecs& codecs,
                  Arena& arena, ColumnPagesHeld& column) {
  return Walk(chunk, leaf, wanted, verify_checksums, codecs, arena, column).run();
}

}  // namespace stoker::format::parquet
