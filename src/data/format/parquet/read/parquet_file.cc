#include "data/format/parquet/read/parquet_file.h"

#include <algorithm>
#include <utility>

#include "base/units.h"
#include "data/format/arena.h"
#include "data/format/parquet/read/column_ranges.h"
#include "data/format/parquet/wire/codecs.h"
#include "data/format/parquet/wire/page_checksum.h"

namespace stoker::format::parquet {
namespace {

std::string place(const std::string& path, std::uint32_t group) {
  return fmt::format("{}: row group {}", path, group);
}

std::string place(const ParquetScratch& scratch) {
  return place(scratch.path, scratch.group);
}

Error column_error(const ParquetScratch& scratch, const Leaf& leaf, Error error) {
  return std::move(error).with_context(fmt::format("{}: column '{}'", place(scratch), leaf.name));
}

}  // namespace

ParquetFile::ParquetFile(std::unique_ptr<io::ReadableFile> file, std::shared_ptr<const FileIndex> index,
                         const Options& options)
    : file_(std::move(file)), index_(std::move(index)), path_(file_->path().string()), options_(options) {}

RowRange ParquetFile::in_group(const ChunkRows& rows) const {
  return {.first = rows.first_row - index_->groups[group_of(rows)].first_row, .count = rows.rows};
}

std::unique_ptr<Scratch> ParquetFile::make_scratch() const {
  return std::make_unique<ParquetScratch>();
}

Status ParquetFile::plan(const ChunkRows& rows, ReadPlan& plan) const {
  STOKER_CHECK(rows.unit < index_->units.size(), "no such unit");
  const Unit& unit = index_->units[rows.unit];
  STOKER_CHECK(rows.first_row >= unit.first_row && rows.rows <= unit.rows &&
                   rows.first_row - unit.first_row <= unit.rows - rows.rows,
               "rows outside the unit");
  const std::uint32_t group = group_of(rows);
  plan.begin(rows);
  for (std::size_t leaf = 0; leaf < index_->leaves.size(); ++leaf) {
    const ColumnRanges ranges = ranges_of(*index_, group, leaf, in_group(rows));
    plan.add(ranges.dictionary);
    plan.add(ranges.pages);
  }
  if (Status planned = plan.finish(file_->alignment()); !planned) {
    return std::move(planned).error().with_context(place(path_, group));
  }
  return {};
}

void ParquetFile::place_columns(const Fetched& fetched, ParquetScratch& scratch) const {
  if (scratch.index != index_) {
    scratch.index = index_;
    scratch.path = path_;
  }
  scratch.group = group_of(fetched.plan.rows());
  scratch.wanted = in_group(fetched.plan.rows());
  scratch.locator.point_at(*index_, scratch.group, scratch.wanted, fetched);
  scratch.columns.resize(index_->leaves.size());
  for (std::size_t leaf = 0; leaf < scratch.columns.size(); ++leaf) {
    const ColumnRanges ranges = ranges_of(*index_, scratch.group, leaf, scratch.wanted);
    ColumnPagesHeld& column = scratch.columns[leaf];
    column.stored_dictionary = fetched.range(ranges.dictionary);
    column.stored_dictionary_offset = ranges.dictionary.offset;
    column.stored = fetched.range(ranges.pages);
    column.stored_offset = ranges.pages.offset;
    column.values = ranges.values;
    column.values_known = ranges.values_known;
    column.first_row = ranges.first_row;
    column.phase = ranges.phase;
  }
}

Status ParquetFile::decompress(const Fetched& fetched, Scratch& memory) const {
  auto& scratch = static_cast<ParquetScratch&>(memory);
  place_columns(fetched, scratch);
  if (options_.depth == config::Decode::kNone || options_.depth == config::Decode::kArrow) return {};
  scratch.plain.reset();
  for (std::size_t leaf = 0; leaf < scratch.columns.size(); ++leaf) {
    auto read = read_pages(index_->chunk(scratch.group, leaf), index_->leaves[leaf], scratch.wanted,
                           options_.verify_checksums, scratch.codecs, scratch.plain, scratch.columns[leaf]);
    if (!read) return column_error(scratch, index_->leaves[leaf], std::move(read).error());
  }
  return {};
}

Status ParquetFile::decode_with_arrow(ParquetScratch& scratch, Chunk& chunk) const {
  for (std::size_t leaf = 0; leaf < index_->leaves.size(); ++leaf) {
    auto known = check_codec(index_->chunk(scratch.group, leaf).codec);
    if (!known) return column_error(scratch, index_->leaves[leaf], std::move(known).error());
  }
  auto read =
      scratch.arrow.read(index_, scratch.group, scratch.wanted, scratch.columns, options_.verify_checksums, chunk);
  if (read) return {};
  // Arrow does not say where a checksum is wrong.
  for (std::size_t leaf = 0; options_.verify_checksums && leaf < scratch.columns.size(); ++leaf) {
    const ColumnPagesHeld& column = scratch.columns[leaf];
    for (const auto& [pages, offset] : {std::pair(column.stored_dictionary, column.stored_dictionary_offset),
                                        std::pair(column.stored, column.stored_offset)}) {
      if (auto checked = check_pages(pages, offset); !checked) {
        return column_error(scratch, index_->leaves[leaf], std::move(checked).error());
      }
    }
  }
  return std::move(read).error().with_context(place(scratch));
}

Status ParquetFile::decode(const Fetched& /*fetched*/, Scratch& memory, Chunk& chunk) const {
  auto& scratch = static_cast<ParquetScratch&>(memory);
  chunk.rows = scratch.wanted.count;
  chunk.locator = &scratch.locator;
  chunk.useful_bytes = 0;
  switch (options_.depth) {
    case config::Decode::kNone:
      chunk.columns.clear();
      for (const ColumnPagesHeld& column : scratch.columns) {
        chunk.useful_bytes += column.stored_dictionary.size() + column.stored.size();
      }
      return {};
    case config::Decode::kDecompress:
      chunk.columns.clear();
      for (const ColumnPagesHeld& column : scratch.columns) chunk.useful_bytes += column.plain_bytes;
      return {};
    case config::Decode::kArrow: return decode_with_arrow(scratch, chunk);
    case config::Decode::kArrays: break;
  }
  scratch.decoded.reset();
  chunk.columns.resize(scratch.columns.size());
  const auto cut = index_->cut.find(scratch.group);
  for (std::size_t leaf = 0; leaf < scratch.columns.size(); ++leaf) {
    const ColumnInput in{.chunk = index_->chunk(scratch.group, leaf),
                         .leaf = index_->leaves[leaf],
                         .pages = scratch.columns[leaf],
                         .group_rows = index_->groups[scratch.group].rows,
                         .wanted = scratch.wanted,
                         .lists_promised = cut != index_->cut.end() && cut->second[leaf].lists_promised};
    auto decoded = scratch.decoder.decode(in, scratch.decoded, chunk.columns[leaf]);
    if (!decoded) return column_error(scratch, in.leaf, std::move(decoded).error());
    for (const Segment& segment : chunk.columns[leaf].segments) chunk.useful_bytes += segment.values.size();
  }
  return {};
}

Status ParquetFile::complete(Scratch& memory, Chunk& chunk) const {
  auto& scratch = static_cast<ParquetScratch&>(memory);
  if (options_.depth != config::Decode::kArrow) return {};
  auto completed = scratch.arrow.complete(chunk);
  if (!completed) return std::move(completed).error().with_context(place(scratch));
  return {};
}

}  // namespace stoker::format::parquet
