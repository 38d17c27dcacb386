#include "format/parquet/page_plan.h"

#include <algorithm>

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

}  // namespace stoker::format::parquet
