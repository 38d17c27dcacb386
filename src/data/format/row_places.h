// Files whose rows are addressed one by one: their units, which are runs of rows that are worth a request, and what a
// reader keeps of them. A class Places says where the rows of a file lie:
//
//   rows()          how many
//   row_bytes()     of each, where all lie back to back from the first byte on and have one length; 0 else
//   row(i)          the ByteRange of one
//   memory_bytes()  that it takes
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/shared_lru.h"
#include "data/format/file_info.h"
#include "data/format/file_key.h"
#include "data/format/format.h"
#include "data/format/memory_promise.h"

namespace stoker::format {

// What a unit reads at most, unless one sample is larger: large enough for the rate of any storage, small enough that a
// few of them are no memory.
inline constexpr std::uint64_t kUnitBytes = std::uint64_t{4} << 20;

// Of `rows` rows of `row_bytes` each.
[[nodiscard]] inline std::vector<Unit> units_of_equal_rows(std::uint64_t rows, std::uint64_t row_bytes) {
  const std::uint64_t most = std::max<std::uint64_t>(1, kUnitBytes / std::max<std::uint64_t>(1, row_bytes));
  std::vector<Unit> units;
  units.reserve(static_cast<std::size_t>(rows / most + 1));
  for (std::uint64_t row = 0; row < rows; row += most) {
    const std::uint64_t n = std::min(most, rows - row);
    units.push_back({.first_row = row, .rows = n, .storage_bytes = n * row_bytes});
  }
  return units;
}

// Rows may lie in any order. What lies between those of a unit may be read with them, and counts.
template <class Places>
[[nodiscard]] std::vector<Unit> units_of(const Places& places) {
  if (places.row_bytes() != 0) return units_of_equal_rows(places.rows(), places.row_bytes());
  std::vector<Unit> units;
  std::uint64_t begin = 0, end = 0;  // of the last one
  for (std::uint64_t row = 0; row < places.rows(); ++row) {
    const ByteRange place = places.row(row);
    const std::uint64_t new_begin = std::min(begin, place.offset), new_end = std::max(end, place.offset + place.bytes);
    if (units.empty() || new_end - new_begin > kUnitBytes) {
      units.push_back({.first_row = row});
      begin = place.offset;
      end = place.offset + place.bytes;
    } else {
      begin = new_begin;
      end = new_end;
    }
    ++units.back().rows;
    units.back().storage_bytes = end - begin;
  }
  return units;
}

template <class Places>
struct KnownRows {
  Places places;
  std::vector<Unit> units;
  std::uint64_t largest_unit_bytes = 0;
};

// Those of the files that one reader opens, for FormatReader's functions of the same names. Safe from any thread.
template <class Places>
class KnownFiles {
 public:
  using Known = std::shared_ptr<const KnownRows<Places>>;

  KnownFiles()
      : known_(kKeptBytes, [](const FileKey& key, const KnownRows<Places>& known) {
          return known.places.memory_bytes() + known.units.capacity() * sizeof(Unit) +
                 2 * (key.path.size() + sizeof key);
        }) {}

  void share(std::uint64_t ranks) { known_.set_limit(kKeptBytes * std::max<std::uint64_t>(ranks, 1)); }
  // Of an open file; read() -> Result<Places> where it is not known.
  template <class Read>
  [[nodiscard]] Result<Known> of(const io::ReadableFile& file, const Read& read) {
    STOKER_ASSIGN(Known known, known_.find_or_make(key_of(file), [&]() -> Result<Known> {
      STOKER_ASSIGN(Places places, read());
      auto made = std::make_shared<KnownRows<Places>>();
      made->units = units_of(places);
      made->places = std::move(places);
      for (const Unit& unit : made->units)
        made->largest_unit_bytes = std::max(made->largest_unit_bytes, unit.storage_bytes);
      return Known(std::move(made));
    }));
    memory_.note(file.path().string(), known->largest_unit_bytes);
    return known;
  }
  [[nodiscard]] std::optional<std::uint64_t> worker_bytes() const { return memory_.worker_bytes(); }

 private:
  // What a rank keeps: all that are uniform, and a few tables.
  static constexpr std::uint64_t kKeptBytes = std::uint64_t{16} << 20;

  SharedLru<FileKey, KnownRows<Places>> known_;
  MemoryPromise memory_;
};

// What is told of their one column: lists of bytes where rows have one length, else binaries.
[[nodiscard]] inline ColumnInfo column_of_bytes(std::string_view name, bool is_uniform) {
  if (!is_uniform) return {.name = std::string(name), .type = "binary", .values = ValueType::kBinary, .levels = {{}}};
  return {.name = std::string(name),
          .type = "list of uint8",
          .values = ValueType::kUnsigned,
          .width = 1,
          .levels = {{.lists = 1}}};
}

}  // namespace stoker::format
