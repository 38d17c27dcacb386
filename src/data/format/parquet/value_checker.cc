// Chunks of the project's own files against the generator.
#include "data/format/value_checker.h"

#include <algorithm>
#include <string>
#include <utility>

#include "data/format/parquet/column_checker.h"
#include "data/format/parquet/parquet_internal.h"
#include "data/format/parquet/read/selection.h"
#include "data/format/parquet/wire/column_path.h"

namespace stoker::format::parquet {
namespace {

// A column with the names under which a reader hands it out: with dots, or, where another one has the same, with
// backquotes.
struct Expected {
  explicit Expected(Column the_column) : column(std::move(the_column)) {
    for (const std::string_view part : leaf_path(column)) parts.emplace_back(part);
    path = dotted_path(parts);
    quoted = quoted_path(parts);
  }
  [[nodiscard]] bool is_called(std::string_view name) const { return name == path || name == quoted; }
  // A name of storage_options.columns means it.
  [[nodiscard]] bool is_meant_by(const std::string& name) const {
    if (name == column.name || is_called(name)) return true;
    const auto written = parse_quoted_path(name);
    return written && (*written == parts || *written == std::vector{column.name});
  }

  Column column;
  std::vector<std::string> parts;
  std::string path, quoted;
};

class ParquetChecker final : public ValueChecker {
 public:
  ParquetChecker(config::Dataset dataset, Selection selection)
      : dataset_(std::move(dataset)), selection_(std::move(selection)) {}

  Status check(const dataset::FileSpec& spec, std::uint64_t first_row, const Chunk& chunk) override {
    STOKER_TRY(prepare(spec.index));
    if (first_row > spec.rows || chunk.rows > spec.rows - first_row) {
      return wrong_value(fmt::format("{}: found rows up to {}, expected {} rows", spec.path.string(),
                                     first_row + chunk.rows, spec.rows));
    }
    // Views come in the file's order, which is that of the generator's columns.
    std::size_t matched = 0;
    for (const ColumnView& view : chunk.columns) {
      const Expected* const expected = find(view.name, matched);
      if (expected == nullptr) {
        return wrong_value(
            fmt::format("{}: found column '{}', which the data set does not have", spec.path.string(), view.name));
      }
      const std::uint64_t key = column_key(spec.index, expected->column.stream);
      const auto difference = columns_.check(expected->column, key, first_row, chunk.rows, view);
      if (difference) return report(spec, first_row, chunk, *expected, view.name, *difference);
    }
    if (matched < expected_.size()) {
      return wrong_value(
          fmt::format("{}: column '{}' is not there to be compared", spec.path.string(), missing(chunk).column.name));
    }
    return {};
  }

 private:
  // The columns of file g that are read. Only a record whose length varies makes them differ from file to file.
  Status prepare(std::uint64_t g) {
    if (prepared_ && (*prepared_ == g || !dataset_.parquet.columns.empty())) return {};
    STOKER_ASSIGN(std::vector<Column> columns, file_columns(dataset_, g));
    expected_.clear();
    for (Column& column : columns) {
      Expected expected(std::move(column));
      const auto means = [&](const std::string& name) { return expected.is_meant_by(name); };
      if (!selection_.names.empty() && std::ranges::none_of(selection_.names, means)) continue;
      expected_.push_back(std::move(expected));
    }
    prepared_ = g;
    return {};
  }

  // The column of that name; `matched` counts those found.
  const Expected* find(std::string_view name, std::size_t& matched) const {
    if (matched < expected_.size() && expected_[matched].is_called(name)) return &expected_[matched++];
    const auto at = std::ranges::find_if(expected_, [&](const Expected& e) { return e.is_called(name); });
    if (at == expected_.end()) return nullptr;
    ++matched;
    return &*at;
  }

  [[nodiscard]] const Expected& missing(const Chunk& chunk) const {
    return *std::ranges::find_if(expected_, [&](const Expected& expected) {
      return std::ranges::none_of(chunk.columns, [&](const ColumnView& view) { return expected.is_called(view.name); });
    });
  }

  static Error report(const dataset::FileSpec& spec, std::uint64_t first_row, const Chunk& chunk,
                      const Expected& expected, std::string_view name, const Difference& difference) {
    std::string place;
    if (expected.column.layout == Layout::kBinaries) {
      place = fmt::format(", byte {}", difference.element);
    } else if (expected.column.levels.repeated) {
      place = fmt::format(", element {}", difference.element);
    }
    std::string message =
        fmt::format("{}: column '{}', row {}{}: found {}, expected {}", spec.path.string(), expected.column.name,
                    first_row + difference.row, place, difference.found, difference.expected);
    if (chunk.locator != nullptr) {
      if (const auto offset = chunk.locator->offset_of(name, difference.row, difference.element)) {
        message += fmt::format(" (in the page at byte {} of the file)", *offset);
      }
    }
    return wrong_value(std::move(message));
  }

  const config::Dataset dataset_;
  const Selection selection_;
  std::vector<Expected> expected_;
  std::optional<std::uint64_t> prepared_;  // the file that expected_ is of
  ColumnChecker columns_;
};

}  // namespace

Result<std::unique_ptr<ValueChecker>> make_parquet_checker(const config::Workload& workload) {
  STOKER_TRY(validate_parquet(workload));
  STOKER_ASSIGN(Selection selection, make_selection(workload));
  return std::unique_ptr<ValueChecker>(std::make_unique<ParquetChecker>(workload.dataset, std::move(selection)));
}

}  // namespace stoker::format::parquet
