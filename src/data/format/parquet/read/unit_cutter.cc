#include "data/format/parquet/read/unit_cutter.h"

#include <algorithm>
#include <utility>

namespace stoker::format::parquet {
namespace {

// Bytes of the pages that begin (or end) before a row: sums over a sorted list.
class Sums {
 public:
  void add(std::uint64_t row, double bytes) { entries_.emplace_back(row, bytes); }
  void finish() {
    std::ranges::sort(entries_, {}, &std::pair<std::uint64_t, double>::first);
    double sum = 0;
    for (auto& [row, bytes] : entries_) bytes = sum += bytes;
  }
  // Of the entries with a row below `row`.
  [[nodiscard]] double below(std::uint64_t row) const {
    const auto at = std::ranges::lower_bound(entries_, row, {}, &std::pair<std::uint64_t, double>::first);
    return at == entries_.begin() ? 0 : std::prev(at)->second;
  }

 private:
  std::vector<std::pair<std::uint64_t, double>> entries_;
};

}  // namespace

std::vector<std::uint64_t> cut_rows(std::uint64_t rows, std::span<const CutColumn> columns, std::uint64_t chunk_bytes) {
  Sums begins, ends;
  std::vector<std::uint64_t> candidates{rows};
  double always = 0;  // dictionary pages, which each unit reads again
  for (const CutColumn& column : columns) {
    const ColumnPages& pages = *column.pages;
    always += static_cast<double>(pages.dictionary_bytes);
    for (std::size_t i = 0; i < pages.pages.size(); ++i) {
      const std::uint64_t begin = pages.pages[i].position;
      const std::uint64_t end = pages.end_of(i);
      const double bytes = column.memory_factor * pages.pages[i].bytes;
      begins.add(begin / pages.scale, bytes);
      ends.add((end + pages.scale - 1) / pages.scale, bytes);
      const std::uint64_t first_whole_row = (begin + pages.scale - 1) / pages.scale;
      if (first_whole_row > 0 && first_whole_row < rows) candidates.push_back(first_whole_row);
    }
  }
  begins.finish();
  ends.finish();
  std::ranges::sort(candidates);
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());

  const auto chunk = static_cast<double>(chunk_bytes);
  std::vector<std::uint64_t> cuts;
  std::uint64_t from = 0;
  for (auto next = candidates.begin(); next != candidates.end();) {
    const double before = ends.below(from + 1);
    auto best = next;
    double best_loss = 0, best_distance = 0;
    bool found = false;
    for (auto at = next; at != candidates.end(); ++at) {
      const double begun = begins.below(*at);
      const double bytes = always + begun - before;
      if (bytes > 1.5 * chunk) break;
      // Below half a chunk only as long as there is nothing better.
      const bool good = bytes >= chunk / 2 || *at == rows;
      const double twice = begun - ends.below(*at + 1);
      // A hundredth more or less does not matter; then the size does.
      const double loss = std::max(0.01, twice / bytes);
      const double distance = bytes > chunk ? bytes - chunk : chunk - bytes;
      if (!good) {
        best = at;
      } else if (!found || loss < best_loss || (loss == best_loss && distance < best_distance)) {
        best = at;
        best_loss = loss;
        best_distance = distance;
        found = true;
      }
    }
    from = *best;
    cuts.push_back(from);
    next = std::next(best);
  }
  return cuts;
}

}  // namespace stoker::format::parquet
