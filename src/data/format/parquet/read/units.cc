#include "data/format/parquet/read/units.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "data/format/parquet/read/footer_schema.h"
#include "data/format/parquet/read/page_map.h"
#include "data/format/parquet/read/unit_cutter.h"

namespace stoker::format::parquet {
namespace {

// The most that a chunk takes in one of the three buffers: as fetched, as decompressed, as decoded.
std::uint64_t memory_bytes(const ChunkIndex& chunk, const Leaf& leaf) {
  // A footer may claim anything; a product that overflows is larger than every chunk.
  std::uint64_t decoded = 0;
  if (__builtin_mul_overflow(chunk.values, std::uint64_t{leaf.width}, &decoded)) decoded = UINT64_MAX / 4096;
  return std::max({chunk.bytes, std::min(chunk.plain_bytes, UINT64_MAX / 4096), std::min(decoded, UINT64_MAX / 4096)});
}

std::uint64_t group_memory_bytes(const FileIndex& index, std::size_t group) {
  std::uint64_t bytes = 0;
  for (std::size_t leaf = 0; leaf < index.leaves.size(); ++leaf) {
    bytes += memory_bytes(index.chunk(group, leaf), index.leaves[leaf]);
    bytes = std::min(bytes, UINT64_MAX / 2);
  }
  return bytes;
}

void add_unit(FileIndex& index, std::uint32_t group, std::uint64_t first_row, std::uint64_t rows, std::uint64_t bytes) {
  index.units.push_back({.first_row = index.groups[group].first_row + first_row, .rows = rows, .storage_bytes = bytes});
  index.unit_group.push_back(group);
}

// Bytes of the pages, and of the dictionary pages they may need, that hold rows [first, end).
std::uint64_t storage_bytes(const std::vector<ColumnPages>& columns, std::uint64_t first, std::uint64_t end) {
  std::uint64_t bytes = 0;
  for (const ColumnPages& column : columns) {
    const auto [from, to] = column.holding(first, end);
    if (from >= to) continue;
    bytes += column.bytes(from, to);
    if (column.may_need_dictionary(from, to)) bytes += column.dictionary_bytes;
  }
  return bytes;
}

void add_cut_group(FileIndex& index, std::uint32_t group, const std::vector<ColumnPages>& columns,
                   std::uint64_t chunk_bytes) {
  std::vector<CutColumn> cut_columns;
  for (std::size_t leaf = 0; leaf < columns.size(); ++leaf) {
    const ChunkIndex& chunk = index.chunk(group, leaf);
    const double memory = static_cast<double>(memory_bytes(chunk, index.leaves[leaf]));
    cut_columns.push_back({.pages = &columns[leaf],
                           .memory_factor = memory / static_cast<double>(std::max<std::uint64_t>(chunk.bytes, 1))});
  }
  std::uint64_t first = 0;
  for (const std::uint64_t end : cut_rows(index.groups[group].rows, cut_columns, chunk_bytes)) {
    add_unit(index, group, first, end - first, storage_bytes(columns, first, end));
    first = end;
  }
}

// So that pages which begin inside a list can be placed, too.
void promise_lists(ParsedFooter& footer, const Selection& selection) {
  for (Leaf& leaf : footer.index.leaves) {
    const config::ColumnSpec* spec = selection.find_spec(leaf.root);
    if (leaf.max_repetition == 1 && spec != nullptr && config::is_vector(*spec)) {
      leaf.list_size = static_cast<std::uint64_t>(spec->size);
    }
  }
  promise_fixed_lists(footer.schema_footer, footer.arrow_schema, footer.index.leaves);
}

bool has_nested_fields(const FileIndex& index) {
  std::unordered_set<std::string_view> roots;
  return !std::ranges::all_of(index.leaves, [&](const Leaf& leaf) { return roots.insert(leaf.root).second; });
}

}  // namespace

Result<std::size_t> make_units(ParsedFooter& footer, const Selection& selection, std::uint64_t chunk_bytes,
                               config::Decode depth, io::ReadableFile& file, io::ReadObserver* observer) {
  FileIndex& index = footer.index;
  std::vector<std::uint32_t> large;
  for (std::uint32_t g = 0; g < index.groups.size(); ++g) {
    if (index.groups[g].rows > 1 && group_memory_bytes(index, g) > chunk_bytes) large.push_back(g);
  }
  const bool by_arrow = depth == config::Decode::kArrow;
  if (!large.empty() && !(by_arrow && has_nested_fields(index))) {
    if (!by_arrow) promise_lists(footer, selection);
    STOKER_TRY(map_pages(index, large, file, observer));
  }
  for (std::uint32_t g = 0; g < index.groups.size(); ++g) {
    if (index.groups[g].rows == 0) continue;
    if (const auto cut = index.cut.find(g); cut != index.cut.end()) {
      add_cut_group(index, g, cut->second, chunk_bytes);
      continue;
    }
    std::uint64_t bytes = 0;
    for (std::size_t leaf = 0; leaf < index.leaves.size(); ++leaf) bytes += index.chunk(g, leaf).bytes;
    add_unit(index, g, 0, index.groups[g].rows, bytes);
  }
  return large.size() - index.cut.size();
}

}  // namespace stoker::format::parquet
