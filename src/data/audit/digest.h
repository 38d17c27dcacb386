// Digests of decoded values: equal for equal values, whatever row groups, pages, codecs, encodings and chunks they come
// in. The definition is in docs/formats.md (Digest); tests/compat/parquet_digest.py computes the same with pyarrow.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/checksum.h"
#include "base/status.h"
#include "data/format/file_info.h"
#include "data/format/format.h"

namespace stoker::audit {

// The digest of one column, chunk by chunk in row order. For one thread.
class ColumnDigest {
 public:
  explicit ColumnDigest(const format::ColumnInfo& column);
  // The column of a chunk of `rows` rows. Code::kCorrupt when its levels cannot be those of the column.
  [[nodiscard]] Status add(const format::ColumnView& view, std::uint64_t rows);
  [[nodiscard]] std::uint64_t value() const;

 private:
  void add_values(const format::ColumnView& view);
  void add_int96(Bytes values);
  void add_decimals(const format::ColumnView& view);
  [[nodiscard]] Status add_shape(const format::ColumnView& view, std::uint64_t rows);
  void add_full_rows(std::uint64_t rows, std::uint64_t list_size);
  void add_full_entries(std::uint64_t entries);
  void start_shape();

  format::ValueType type_;
  std::uint32_t width_;
  std::size_t decimal_bytes_;
  std::vector<format::LevelInfo> levels_;
  Checksum values_, lengths_, shape_;
  std::uint64_t entries_ = 0, present_ = 0;
  bool shaped_ = false;  // an entry was met that is not a whole row's only value
  std::vector<std::byte> scratch_;
};

// The digest of a column over several files, from their digests in order.
class SetDigest {
 public:
  void add(std::uint64_t digest);
  [[nodiscard]] std::uint64_t value() const { return sum_.value(); }

 private:
  Checksum sum_;
};

}  // namespace stoker::audit
