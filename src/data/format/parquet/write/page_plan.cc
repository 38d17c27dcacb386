#include "data/format/parquet/write/page_plan.h"

#include <algorithm>

#include "base/units.h"
#include "data/format/parquet/write/value_encoder.h"

namespace stoker::format::parquet {
namespace {

// Elements whose values fill a page; at least 1.
std::uint64_t elements_in_page(const Column& column) {
  switch (column.layout) {
    case Layout::kFixed: return kPageBytes / (column.dictionary == Dictionary::kBytes ? 1 : value_bytes(column.values));
    case Layout::kBits: return kPageBytes * 8;
    case Layout::kStrings: return kPageBytes / kMaxPlainStringBytes;
    case Layout::kBinaries: return std::max<std::uint64_t>(1, kPageBytes / (4 + column.binary_bytes));
  }
  return 1;
}

}  // namespace

PagePlan::PagePlan(const Column& column, std::uint64_t rows)
    : rows_(rows), elements_per_row_(column.elements_per_row()) {
  const std::uint64_t in_page = elements_in_page(column);
  // The dictionary grows by whole pages: with pages of 8 MiB it would far exceed its limit.
  const std::uint64_t in_largest =
      column.dictionary == Dictionary::kAdaptive ? in_page : in_page * (kMaxWholeRowBytes / kPageBytes);
  if (elements_per_row_ > in_largest) {
    elements_per_page_ = in_page;
  } else {
    rows_per_page_ = std::max<std::uint64_t>(1, in_page / elements_per_row_);
  }
}

std::optional<PageSpan> PagePlan::next() {
  if (row_ == rows_) return std::nullopt;
  PageSpan page{.first_element = row_ * elements_per_row_ + element_, .elements = 0, .first_row = row_};
  if (pages_begin_rows()) {
    const std::uint64_t n = std::min(rows_per_page_, rows_ - row_);
    page.elements = n * elements_per_row_;
    row_ += n;
    return page;
  }
  page.row_begins = element_ == 0;
  page.elements = std::min(elements_per_page_, elements_per_row_ - element_);
  element_ += page.elements;
  if (element_ == elements_per_row_) {
    element_ = 0;
    ++row_;
  }
  return page;
}

std::uint64_t PagePlan::pages() const {
  if (pages_begin_rows()) return rows_ / rows_per_page_ + (rows_ % rows_per_page_ != 0);
  return rows_ * ((elements_per_row_ + elements_per_page_ - 1) / elements_per_page_);
}

Status check_shape(std::span<const Column> columns, std::uint64_t rows, std::uint64_t group_rows) {
  std::uint64_t row_bytes = 0;
  for (const Column& column : columns) row_bytes += ValueEncoder::max_plain_bytes(column, column.elements_per_row());
  if (rows > kMaxFileBytes / row_bytes) {
    return Error{.code = Code::kConfig,
                 .message = fmt::format("a file of {} rows of {} bytes would be larger than {}, the most that stoker "
                                        "writes into one",
                                        rows, row_bytes, format_bytes(static_cast<double>(kMaxFileBytes))),
                 .hint = "lower dataset.num_samples_per_file"};
  }
  for (const Column& column : columns) {
    const std::uint64_t pages = PagePlan(column, std::min(rows, group_rows)).pages();
    if (pages <= kMaxChunkPages) continue;
    return Error{.code = Code::kConfig,
                 .message = fmt::format("column '{}' would have {} pages in a row group of {} rows, more than the {} "
                                        "that stoker writes",
                                        column.name, pages, std::min(rows, group_rows), kMaxChunkPages),
                 .hint = "lower dataset.parquet.row_group_size"};
  }
  return {};
}

}  // namespace stoker::format::parquet
