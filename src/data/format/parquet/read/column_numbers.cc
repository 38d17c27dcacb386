#include "data/format/parquet/read/column_numbers.h"

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/checksum.h"
#include "base/hash.h"
#include "data/format/parquet/read/footer_schema.h"
#include "data/format/parquet/read/selection.h"
#include "data/format/parquet/wire/leaf.h"

namespace stoker::format::parquet {
namespace {

constexpr std::size_t kMostKnown = 256;

std::string type_of(const Leaf& leaf) {
  std::string text = leaf.type_text;
  for (int level = 1; level < leaf.max_repetition; ++level) text.insert(0, "list of ");
  return text;
}

std::uint64_t number_of(std::string_view text) {
  return checksum(std::as_bytes(std::span(text)));
}

}  // namespace

Result<std::vector<NamedColumn>> named_columns(Bytes schema_footer) {
  STOKER_ASSIGN(FileSchema parsed, read_schema(schema_footer, Selection{}));
  std::map<std::string_view, int> leaves_of;
  for (const Leaf& leaf : parsed.leaves) ++leaves_of[leaf.root];
  std::vector<NamedColumn> columns;
  columns.reserve(parsed.leaves.size());
  for (const Leaf& leaf : parsed.leaves) {
    columns.push_back({.name = leaves_of.at(leaf.root) == 1 ? leaf.root : leaf.name, .type = type_of(leaf)});
  }
  return columns;
}

Result<std::uint64_t> ColumnNumbers::of(Bytes schema_footer) {
  const std::uint64_t key = checksum(schema_footer);
  {
    const std::lock_guard lock(mutex_);
    if (const auto at = known_.find(key); at != known_.end()) return at->second;
  }
  STOKER_ASSIGN(const std::vector<NamedColumn> columns, named_columns(schema_footer));
  // A sum, so that the order is none.
  std::uint64_t number = 0;
  for (const NamedColumn& column : columns) number += derive_seed(number_of(column.name), number_of(column.type));
  const std::lock_guard lock(mutex_);
  if (known_.size() == kMostKnown) known_.clear();
  known_.emplace(key, number);
  return number;
}

}  // namespace stoker::format::parquet
