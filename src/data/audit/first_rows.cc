#include "data/audit/first_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.h"
#include "data/audit/read_rows.h"
#include "data/audit/value_json.h"

namespace stoker::audit {
namespace {

using results::Json;

constexpr std::uint64_t kElementsShown = 1000;

// Hands out the values of a column one by one.
class Values {
 public:
  explicit Values(const format::ColumnView& view) : view_(view) {}

  Bytes next() {
    while (segment_ < view_.segments.size() && taken_ == view_.segments[segment_].elements) {
      ++segment_;
      taken_ = 0;
      at_ = 0;
    }
    if (segment_ == view_.segments.size()) return {};
    const std::size_t bytes = view_.width > 0 ? view_.width : view_.lengths[value_];
    const Bytes value = view_.segments[segment_].values.subspan(at_, bytes);
    at_ += bytes;
    ++taken_;
    ++value_;
    return value;
  }
  void restart() {
    segment_ = at_ = value_ = 0;
    taken_ = 0;
  }

 private:
  const format::ColumnView& view_;
  std::size_t segment_ = 0, at_ = 0, value_ = 0;
  std::uint64_t taken_ = 0;
};

// What one column has in one row, while it is put together.
class Cell {
 public:
  // An entry with this repetition level; `value` is null or an empty list where `level` says that something is missing.
  void add(std::int16_t repetition, const format::LevelInfo& level, Json value) {
    if (++elements_ > kElementsShown) return;
    Json* at = &root_;
    // Into the last element of the lists that go on, and a further one of the innermost of them.
    for (std::int16_t list = 1; list < repetition; ++list) at = &at->back();
    if (repetition > 0) {
      at->push_back(nullptr);
      at = &at->back();
    }
    for (int list = repetition; list < level.lists; ++list) {
      *at = Json::array({nullptr});
      at = &at->back();
    }
    *at = std::move(value);
  }

  [[nodiscard]] Json take() && {
    if (elements_ <= kElementsShown) return std::move(root_);
    return {{"first", std::move(root_)}, {"elements", elements_}};
  }

 private:
  Json root_;
  std::uint64_t elements_ = 0;
};

// Appends the cells of one column, under `label`, to the rows [first, ...).
Status add_column(const format::ColumnInfo& column, const std::string& label, const format::ColumnView& view,
                  std::vector<Json>& rows, std::size_t first, std::uint64_t count) {
  Values values(view);
  const auto& levels = column.levels;
  const bool has_levels = !view.definition_levels.empty() || !view.repetition_levels.empty();
  const std::uint64_t per_row = std::max<std::uint64_t>(view.list_size, 1);
  const std::uint64_t entries =
      has_levels ? std::max(view.definition_levels.size(), view.repetition_levels.size()) : count * per_row;
  std::size_t row = first;
  Cell cell;
  const auto finish = [&] {
    if (row < rows.size()) rows[row][label] = std::move(cell).take();
    ++row;
    cell = {};
  };
  for (std::uint64_t i = 0; i < entries; ++i) {
    std::int16_t repetition = 0;
    if (has_levels) {
      repetition = view.repetition_levels.empty() ? std::int16_t{0} : view.repetition_levels[i];
    } else if (view.list_size > 0 && i % per_row != 0) {
      repetition = 1;
    }
    if (repetition == 0 && i > 0) finish();
    const std::size_t definition =
        view.definition_levels.empty() ? levels.size() - 1 : static_cast<std::size_t>(view.definition_levels[i]);
    if (definition >= levels.size())
      return make_error(Code::kCorrupt, "column '{}': its levels are not those of its schema", column.name);
    if (view.one_value && repetition == 0) values.restart();
    const format::LevelInfo& level = levels[definition];
    if (level.missing == 0) {
      cell.add(repetition, level, value_json(column, values.next()));
    } else {
      cell.add(repetition, level, level.empty_list ? Json::array() : Json());
    }
  }
  if (entries > 0) finish();
  return {};
}

}  // namespace

Result<std::vector<Json>> first_rows(io::Storage& storage, const DataFile& file, const format::FileInfo& info,
                                     std::uint64_t rows, const std::stop_token& stop) {
  std::vector<Json> out(static_cast<std::size_t>(std::min(rows, info.rows)), Json::object());
  RowReader reader(storage, config::Decode::kArrays, nullptr);
  STOKER_ASSIGN(const auto open, reader.open(file, info));
  // A column may have the name of another one.
  std::map<std::string, int> named;
  std::vector<std::string> labels;
  for (const format::ColumnInfo& column : info.columns) {
    const int number = ++named[column.name];
    labels.push_back(number == 1 ? column.name : fmt::format("{} ({})", column.name, number));
  }
  const auto take = [&](std::uint64_t first, const format::Chunk& chunk) -> Status {
    STOKER_CHECK(chunk.columns.size() == info.columns.size(), "a chunk lacks columns");
    for (std::size_t c = 0; c < chunk.columns.size(); ++c) {
      STOKER_TRY(
          add_column(info.columns[c], labels[c], chunk.columns[c], out, static_cast<std::size_t>(first), chunk.rows));
    }
    return {};
  };
  STOKER_TRY(reader.read(*open, {.rows = out.size(), .stop = stop}, take));
  return out;
}

}  // namespace stoker::audit
