// A text is the counts as runs: how many files in a row, and the rows of each of them.
#include "data/dataset/row_counts.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/compact_text.h"

namespace stoker::dataset {
namespace {

// Sums and products of plans stay below 2^64.
constexpr std::uint64_t kMostRows = std::uint64_t{1} << 62;

Error too_many() {
  return make_error(Code::kCorrupt, "the files have more than 2^62 rows together, which cannot be counted");
}

}  // namespace

Result<RowCounts> RowCounts::equal(std::uint64_t files, std::uint64_t rows) {
  if (rows > 0 && files > kMostRows / rows) return too_many();
  RowCounts counts;
  counts.files_ = files;
  counts.common_ = rows;
  counts.total_ = files * rows;
  return counts;
}

Result<RowCounts> RowCounts::of(std::vector<std::uint64_t> rows) {
  if (std::ranges::adjacent_find(rows, std::not_equal_to{}) == rows.end()) {
    return equal(rows.size(), rows.empty() ? 0 : rows.front());
  }
  RowCounts counts;
  for (const std::uint64_t n : rows) {
    if (n > kMostRows - counts.total_) return too_many();
    counts.total_ += n;
  }
  counts.files_ = rows.size();
  if (std::ranges::find(rows, std::uint64_t{0}) != rows.end()) {
    std::vector<std::uint64_t> filled;
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
      if (rows[i] > 0) filled.push_back(i);
    }
    counts.filled_ = std::make_shared<const std::vector<std::uint64_t>>(std::move(filled));
  }
  counts.each_ = std::make_shared<const std::vector<std::uint64_t>>(std::move(rows));
  return counts;
}

std::optional<std::uint64_t> RowCounts::first_other() const {
  if (!each_) return std::nullopt;
  const auto other = std::ranges::find_if(*each_, [first = each_->front()](std::uint64_t n) { return n != first; });
  return static_cast<std::uint64_t>(other - each_->begin());
}

std::string RowCounts::serialize() const {
  std::string text;
  for (std::uint64_t begin = 0, end = 0; begin < files_; begin = end) {
    const std::uint64_t n = rows(begin);
    end = each_ ? begin + 1 : files_;
    while (end < files_ && rows(end) == n) ++end;
    put_varint(text, end - begin);
    put_varint(text, n);
  }
  return text;
}

Result<RowCounts> RowCounts::parse(std::string_view text) {
  const Error damaged = make_error(Code::kCorrupt, "the numbers of rows that another rank sent are damaged");
  CompactReader reader(text);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> runs;
  std::uint64_t files = 0;
  while (!reader.at_end()) {
    const std::uint64_t length = reader.varint();
    const std::uint64_t rows = reader.varint();
    if (!reader.ok() || length == 0 || length > kMostRows - files) return damaged;
    files += length;
    runs.emplace_back(length, rows);
  }
  if (runs.empty()) return RowCounts{};
  if (runs.size() == 1) return equal(files, runs.front().second);
  if (files > kMostUnequalFiles) return damaged;
  std::vector<std::uint64_t> each;
  for (const auto& [length, rows] : runs) each.insert(each.end(), static_cast<std::size_t>(length), rows);
  return of(std::move(each));
}

bool operator==(const RowCounts& a, const RowCounts& b) {
  if (a.files_ != b.files_ || a.total_ != b.total_ || a.common_ != b.common_) return false;
  return a.each_ == nullptr || b.each_ == nullptr ? a.each_ == b.each_ : *a.each_ == *b.each_;
}

}  // namespace stoker::dataset
