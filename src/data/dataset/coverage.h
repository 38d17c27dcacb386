// The proof of which rows an epoch has read. What workers deliver, chunk by chunk, is merged into ranges of rows per
// file, so that a row that is delivered twice is seen, and one that is not delivered is missing.
//
// A file of which all planned rows are there takes one bit. Ranges of the others take 16 bytes each: on a rank they are
// those of the files that it is reading, and of the few that it shares with other ranks.
//
// Two runs can compare what they read by a digest. It does not depend on who read the rows, in which order or in which
// pieces. Modulo p = 2^61 - 1,
//
//   digest = sum over files f of  a(f) * sum over the rows r of f that were read of  b(f)^r
//
// where a(f) and b(f) are made of a hash of the file's name. The inner sum over a range is a geometric series, which
// takes as many steps as its length has bits. Two different sets of rows differ in some file. There the difference of
// the inner sums is a polynomial in b(f) of a degree below the file's rows R: it has fewer than R roots, and where it
// is not zero, one value of a(f) at most makes the digests equal. So different sets have one digest with a probability
// of at most (R + 1) / 2^61. docs/metrics.md has the definition that other programs can follow.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "data/dataset/row_counts.h"

namespace stoker::dataset {

// Rows [begin, end) of a file.
struct RowRange {
  std::uint64_t begin = 0, end = 0;
  friend bool operator==(const RowRange&, const RowRange&) = default;
};

// Ranges in order that neither overlap nor touch.
class RowRanges {
 public:
  // Returns how many rows of the range were there already.
  std::uint64_t add(RowRange range);
  [[nodiscard]] const std::vector<RowRange>& list() const { return list_; }
  [[nodiscard]] std::uint64_t rows() const;

 private:
  std::vector<RowRange> list_;
};

// Name of a file, below the folder of its split.
using FileNames = std::function<std::string(std::uint64_t file)>;

// Which rows of a split one rank has read. For one thread at a time.
class Coverage {
 public:
  Coverage() = default;
  // `planned`: how many rows of each file there are to be read.
  explicit Coverage(const RowCounts& planned);

  // A worker has delivered these rows, which are some of the planned ones.
  void add(std::uint64_t file, std::uint64_t first_row, std::uint64_t rows);
  // Deliveries of rows that had been delivered before.
  [[nodiscard]] std::uint64_t again() const { return again_; }
  // Of the rows that were delivered, each counted once.
  [[nodiscard]] std::uint64_t digest(const FileNames& name) const;
  // What was delivered of the files [first, first + files), as a text for the rank that puts all ranks' together: about
  // two bytes for each file.
  [[nodiscard]] std::string slice(std::uint64_t first, std::uint64_t files) const;

 private:
  [[nodiscard]] std::vector<std::uint64_t> partial_files(std::uint64_t first, std::uint64_t end) const;

  RowCounts planned_;
  std::vector<bool> complete_;
  std::unordered_map<std::uint64_t, RowRanges> partial_;
  std::uint64_t again_ = 0;
};

// What all ranks have read.
struct CoverageTotals {
  std::uint64_t rows = 0;   // different rows
  std::uint64_t again = 0;  // rows of one rank that another rank had delivered as well
};
// Adds the slices of the files [first, first + files), one text of each rank. Code::kCorrupt when a text is no slice.
[[nodiscard]] Status add_slices(const std::vector<std::string>& texts, std::uint64_t first, std::uint64_t files,
                                const RowCounts& planned, CoverageTotals& totals);

// The digest of a range of rows of the file of that name. That of a set is the sum over ranges it consists of.
[[nodiscard]] std::uint64_t row_digest(std::string_view name, RowRange range);
[[nodiscard]] std::uint64_t add_digests(std::uint64_t a, std::uint64_t b);

}  // namespace stoker::dataset
