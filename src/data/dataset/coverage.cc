// A slice as a text: the complete files as runs (how many files were passed over, how many follow that are complete),
// then the other files with their ranges (rows passed over, rows); counts stand in front.
#include "data/dataset/coverage.h"

#include <algorithm>
#include <map>

#include "base/check.h"
#include "base/compact_text.h"

namespace stoker::dataset {

std::uint64_t RowRanges::add(RowRange range) {
  if (range.begin == range.end) return 0;
  // Those that overlap or touch it become one with it.
  const auto ends_before = [](const RowRange& r, std::uint64_t row) { return r.end < row; };
  const auto first = std::lower_bound(list_.begin(), list_.end(), range.begin, ends_before);
  std::uint64_t again = 0;
  RowRange joined = range;
  auto last = first;
  for (; last != list_.end() && last->begin <= range.end; ++last) {
    again += std::min(last->end, range.end) - std::max(last->begin, range.begin);
    joined.begin = std::min(joined.begin, last->begin);
    joined.end = std::max(joined.end, last->end);
  }
  if (first == last) {
    list_.insert(first, joined);
  } else {
    *first = joined;
    list_.erase(first + 1, last);
  }
  return again;
}

std::uint64_t RowRanges::rows() const {
  std::uint64_t rows = 0;
  for (const RowRange& range : list_) rows += range.end - range.begin;
  return rows;
}

Coverage::Coverage(const RowCounts& planned)
    : planned_(planned), complete_(static_cast<std::size_t>(planned.files()), false) {}

void Coverage::add(std::uint64_t file, std::uint64_t first_row, std::uint64_t rows) {
  STOKER_CHECK(first_row + rows <= planned_.rows(file), "rows that were not planned");
  if (complete_[static_cast<std::size_t>(file)]) {
    again_ += rows;
    return;
  }
  RowRanges& ranges = partial_[file];
  again_ += ranges.add({first_row, first_row + rows});
  if (ranges.list().front() == RowRange{0, planned_.rows(file)}) {
    complete_[static_cast<std::size_t>(file)] = true;
    partial_.erase(file);
  }
}

std::vector<std::uint64_t> Coverage::partial_files(std::uint64_t first, std::uint64_t end) const {
  std::vector<std::uint64_t> files;
  for (const auto& [file, ranges] : partial_) {
    if (file >= first && file < end) files.push_back(file);
  }
  std::ranges::sort(files);
  return files;
}

std::uint64_t Coverage::digest(const FileNames& name) const {
  std::uint64_t digest = 0;
  for (std::uint64_t file = 0; file < complete_.size(); ++file) {
    if (complete_[static_cast<std::size_t>(file)])
      digest = add_digests(digest, row_digest(name(file), {0, planned_.rows(file)}));
  }
  for (const auto& [file, ranges] : partial_) {
    for (const RowRange& range : ranges.list()) digest = add_digests(digest, row_digest(name(file), range));
  }
  return digest;
}

std::string Coverage::slice(std::uint64_t first, std::uint64_t files) const {
  const auto is_complete = [&](std::uint64_t i) { return complete_[static_cast<std::size_t>(first + i)]; };
  std::string runs;
  std::uint64_t count = 0;
  for (std::uint64_t i = 0; i < files;) {
    const std::uint64_t passed = i;
    while (i < files && !is_complete(i)) ++i;
    if (i == files) break;
    put_varint(runs, i - passed);
    const std::uint64_t begin = i;
    while (i < files && is_complete(i)) ++i;
    put_varint(runs, i - begin);
    ++count;
  }
  std::string text;
  put_varint(text, count);
  text += runs;
  const std::vector<std::uint64_t> partial = partial_files(first, first + files);
  put_varint(text, partial.size());
  for (const std::uint64_t file : partial) {
    const std::vector<RowRange>& ranges = partial_.at(file).list();
    put_varint(text, file - first);
    put_varint(text, ranges.size());
    std::uint64_t row = 0;
    for (const RowRange& range : ranges) {
      put_varint(text, range.begin - row);
      put_varint(text, range.end - range.begin);
      row = range.end;
    }
  }
  return text;
}

namespace {

// What the texts of a slice say together.
class Slice {
 public:
  Slice(std::uint64_t first, std::uint64_t files, const RowCounts& planned, CoverageTotals& totals)
      : first_(first), complete_(static_cast<std::size_t>(files), false), planned_(planned), totals_(totals) {}

  // False when it is no slice.
  bool add(std::string_view text) {
    CompactReader reader(text);
    std::uint64_t at = 0;
    for (std::uint64_t left = reader.varint(); left > 0 && reader.ok(); --left) {
      const std::uint64_t passed = reader.varint();
      const std::uint64_t length = reader.varint();
      if (passed > complete_.size() - at || length > complete_.size() - at - passed) return false;
      at += passed;
      for (const std::uint64_t end = at + length; at < end; ++at) add_complete(at);
    }
    for (std::uint64_t left = reader.varint(); left > 0 && reader.ok(); --left) {
      const std::uint64_t file = reader.varint();
      if (file >= complete_.size() || !add_ranges(reader, file)) return false;
    }
    return reader.ok() && reader.at_end();
  }

  // After all texts.
  void finish() {
    for (const auto& [file, ranges] : partial_) {
      (complete_[static_cast<std::size_t>(file)] ? totals_.again : totals_.rows) += ranges.rows();
    }
  }

 private:
  void add_complete(std::uint64_t file) {
    const auto i = static_cast<std::size_t>(file);
    (complete_[i] ? totals_.again : totals_.rows) += planned_.rows(first_ + file);
    complete_[i] = true;
  }
  bool add_ranges(CompactReader& reader, std::uint64_t file) {
    const std::uint64_t rows = planned_.rows(first_ + file);
    std::uint64_t row = 0;
    for (std::uint64_t left = reader.varint(); left > 0 && reader.ok(); --left) {
      const std::uint64_t passed = reader.varint();
      const std::uint64_t length = reader.varint();
      if (passed > rows - row || length > rows - row - passed) return false;
      row += passed;
      totals_.again += partial_[file].add({row, row + length});
      row += length;
    }
    return true;
  }

  const std::uint64_t first_;
  std::vector<bool> complete_;
  std::map<std::uint64_t, RowRanges> partial_;
  const RowCounts& planned_;
  CoverageTotals& totals_;
};

}  // namespace

Status add_slices(const std::vector<std::string>& texts, std::uint64_t first, std::uint64_t files,
                  const RowCounts& planned, CoverageTotals& totals) {
  Slice slice(first, files, planned, totals);
  for (std::size_t rank = 0; rank < texts.size(); ++rank) {
    if (!slice.add(texts[rank]))
      return make_error(Code::kCorrupt, "the rows that rank {} says it read are damaged on the way", rank);
  }
  slice.finish();
  return {};
}

}  // namespace stoker::dataset
