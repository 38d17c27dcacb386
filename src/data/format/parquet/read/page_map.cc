#include "data/format/parquet/read/page_map.h"

#include <utility>

#include "base/aligned_buffer.h"
#include "data/format/arena.h"
#include "data/format/parquet/read/page_scan.h"
#include "data/format/parquet/wire/thrift_reader.h"
#include "data/format/read_plan.h"

namespace stoker::format::parquet {
namespace {

bool parse_location(ThriftReader& r, PagePlace& out) {
  std::int64_t offset = -1, row = -1;
  std::int32_t bytes = -1;
  for (ThriftReader::Struct s(r); s.next();) {
    switch (s.id()) {
      case 1: s.read(offset); break;
      case 2: s.read(bytes); break;
      case 3: s.read(row); break;
      default: s.skip();
    }
  }
  out = {.offset = static_cast<std::uint64_t>(offset),
         .position = static_cast<std::uint64_t>(row),
         .bytes = static_cast<std::uint32_t>(bytes)};
  return r.ok() && offset >= 0 && row >= 0 && bytes > 0;
}

// Pages must lie back to back inside the chunk and begin at rows that ascend from 0.
bool is_sound(const ColumnPages& column, const ChunkIndex& chunk, std::uint64_t rows) {
  if (column.pages.empty() || column.pages.front().position != 0 || column.pages.front().offset < chunk.offset)
    return false;
  const std::uint64_t end = chunk.offset + chunk.bytes;
  for (std::size_t i = 0; i < column.pages.size(); ++i) {
    const PagePlace& page = column.pages[i];
    if (page.offset > end || page.bytes > end - page.offset || page.position >= rows) return false;
    if (i > 0) {
      const PagePlace& before = column.pages[i - 1];
      if (before.offset + before.bytes != page.offset || before.position >= page.position) return false;
    }
  }
  return true;
}

// The columns of one group while they are being mapped.
struct GroupMap {
  std::uint32_t group = 0;
  std::vector<ColumnPages> columns;
  std::vector<bool> mapped;
};

Status read_offset_indexes(const FileIndex& index, std::vector<GroupMap>& maps, io::ReadableFile& file,
                           io::ReadObserver* observer) {
  ReadPlan plan;
  plan.begin({});
  for (const GroupMap& map : maps) {
    for (std::size_t leaf = 0; leaf < index.leaves.size(); ++leaf) {
      const ChunkIndex& chunk = index.chunk(map.group, leaf);
      plan.add({.offset = chunk.offset_index, .bytes = chunk.offset_index_bytes});
    }
  }
  // More than any honest index has: 100 bytes a page.
  if (!plan.finish(file.alignment())) return {};
  AlignedBuffer memory(static_cast<std::size_t>(plan.memory_bytes()));
  std::vector<io::ReadOp> ops;
  plan.ops(memory.bytes(), ops);
  if (!ops.empty()) STOKER_TRY(file.read_many(ops, observer));
  const Fetched fetched{plan, memory.bytes()};
  for (GroupMap& map : maps) {
    for (std::size_t leaf = 0; leaf < index.leaves.size(); ++leaf) {
      const ChunkIndex& chunk = index.chunk(map.group, leaf);
      if (chunk.offset_index_bytes == 0) continue;
      const Bytes bytes = fetched.range({.offset = chunk.offset_index, .bytes = chunk.offset_index_bytes});
      auto pages = parse_offset_index(bytes, chunk, index.groups[map.group].rows);
      if (!pages) continue;
      map.columns[leaf] = std::move(*pages);
      map.mapped[leaf] = true;
    }
  }
  return {};
}

Status scan_headers(const FileIndex& index, std::vector<GroupMap>& maps, io::ReadableFile& file,
                    io::ReadObserver* observer) {
  std::vector<ScanJob> jobs;
  std::vector<std::pair<GroupMap*, std::size_t>> places;
  for (GroupMap& map : maps) {
    for (std::size_t leaf = 0; leaf < index.leaves.size(); ++leaf) {
      if (map.mapped[leaf]) continue;
      jobs.push_back(
          {.chunk = &index.chunk(map.group, leaf), .leaf = &index.leaves[leaf], .rows = index.groups[map.group].rows});
      places.emplace_back(&map, leaf);
    }
  }
  STOKER_TRY(scan_pages(jobs, file, observer));
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    auto& [map, leaf] = places[i];
    map->columns[leaf] = std::move(jobs[i].pages);
    map->mapped[leaf] = jobs[i].mapped;
  }
  return {};
}

}  // namespace

std::optional<ColumnPages> parse_offset_index(Bytes in, const ChunkIndex& chunk, std::uint64_t rows) {
  ColumnPages column;
  column.end_position = rows;
  ThriftReader r(in);
  for (ThriftReader::Struct s(r); s.next();) {
    if (s.id() != 1) {
      s.skip();
      continue;
    }
    ThriftReader::ListHead list;
    if (!s.begin_list(ThriftReader::kStruct, list)) continue;
    for (std::uint64_t i = 0; i < list.size && r.ok(); ++i) {
      PagePlace page;
      if (!parse_location(r, page)) return std::nullopt;
      column.pages.push_back(page);
    }
  }
  if (!r.ok() || !is_sound(column, chunk, rows)) return std::nullopt;
  // Which pages need the dictionary stands in their headers only.
  column.dictionary_bytes = column.pages.front().offset - chunk.offset;
  for (PagePlace& page : column.pages) page.dictionary = column.dictionary_bytes > 0;
  return column;
}

Status map_pages(FileIndex& index, std::span<const std::uint32_t> groups, io::ReadableFile& file,
                 io::ReadObserver* observer) {
  std::vector<GroupMap> maps;
  for (const std::uint32_t group : groups) {
    maps.push_back({.group = group,
                    .columns = std::vector<ColumnPages>(index.leaves.size()),
                    .mapped = std::vector<bool>(index.leaves.size())});
  }
  STOKER_TRY(read_offset_indexes(index, maps, file, observer));
  STOKER_TRY(scan_headers(index, maps, file, observer));
  for (GroupMap& map : maps) {
    bool all = true;
    for (const bool mapped : map.mapped) all &= mapped;
    if (all) index.cut.emplace(map.group, std::move(map.columns));
  }
  return {};
}

}  // namespace stoker::format::parquet
