// The size of a file before it is written: the writer's path with a ChunkSizer in place of the pages.
//
// All row groups but the last have the same number of rows, so their chunks have the same sizes, and what the file says
// of them differs only in how many bytes an offset takes. Those grow from row group to row group: when what is said of
// the first and of the last of a run of row groups takes the same number of bytes, so it does for all between them. So
// the time grows with the pages of one row group and with the logarithm of the number of row groups.
#include <algorithm>
#include <limits>
#include <span>

#include "config/sample_geometry.h"
#include "data/format/parquet/parquet_internal.h"
#include "data/format/parquet/write/chunk_sizer.h"
#include "data/format/parquet/write/footer_writer.h"

namespace stoker::format::parquet {
namespace {

// Row groups that follow each other and of which the file says something of the same size.
struct Run {
  std::uint64_t groups;
  std::uint64_t bytes;
};

// Cuts row groups [first, last], the first and last of which take the bytes given, into runs. bytes_of(group) must not
// fall.
template <class BytesOf>
void append_runs(std::vector<Run>& runs, std::uint64_t first, std::uint64_t first_bytes, std::uint64_t last,
                 std::uint64_t last_bytes, BytesOf bytes_of) {
  if (first_bytes == last_bytes) return runs.push_back({last - first + 1, first_bytes});
  const std::uint64_t middle = first + (last - first) / 2;
  append_runs(runs, first, first_bytes, middle, middle == first ? first_bytes : bytes_of(middle), bytes_of);
  append_runs(runs, middle + 1, middle + 1 == last ? last_bytes : bytes_of(middle + 1), last, last_bytes, bytes_of);
}

template <class BytesOf>
std::vector<Run> runs_of(std::uint64_t groups, BytesOf bytes_of) {
  std::vector<Run> runs;
  if (groups > 0) append_runs(runs, 0, bytes_of(0), groups - 1, bytes_of(groups - 1), bytes_of);
  return runs;
}

// A row group at offset 0 of the file, and what is said of it when it lies elsewhere.
class GroupSizer {
 public:
  GroupSizer(std::span<const Column> columns, std::int32_t codec, std::uint64_t rows, ChunkSizer& sizer)
      : columns_(columns), codec_(codec), rows_(rows) {
    for (const Column& column : columns) {
      Chunk& chunk = chunks_.emplace_back();
      chunk.info = sizer.measure(column, rows, bytes_, chunk.locations);
      bytes_ += chunk.info.compressed_bytes;
    }
  }

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  // Offset indexes of the row group at `offset`.
  std::uint64_t offset_index_bytes(std::uint64_t offset) {
    std::uint64_t bytes = 0;
    for (Chunk& chunk : chunks_) {
      moved_ = chunk.locations;
      for (PageLocation& page : moved_) page.offset += offset;
      text_.clear();
      chunk.offset_index_bytes = append_offset_index(text_, moved_);
      bytes += chunk.offset_index_bytes;
    }
    return bytes;
  }
  // The footer's entry of the row group at `offset`, with the offset indexes at `offset_index_at` and as they were at
  // the last call of offset_index_bytes().
  std::uint64_t footer_bytes(std::uint64_t offset, std::uint64_t offset_index_at) {
    entries_.clear();
    for (const Chunk& chunk : chunks_) {
      ChunkEntry& entry = entries_.emplace_back(ChunkEntry{chunk.info, chunk.offset_index_bytes});
      entry.info.offset += offset;
    }
    text_.clear();
    append_row_group(text_, columns_, codec_, entries_, rows_, offset_index_at);
    return text_.size();
  }

 private:
  struct Chunk {
    ChunkInfo info;
    std::vector<PageLocation> locations;
    std::uint32_t offset_index_bytes = 0;
  };

  std::span<const Column> columns_;
  std::int32_t codec_;
  std::uint64_t rows_;
  std::uint64_t bytes_ = 0;
  std::vector<Chunk> chunks_;
  std::vector<PageLocation> moved_;
  std::vector<ChunkEntry> entries_;
  std::vector<std::byte> text_;
};

struct FileShape {
  std::span<const Column> columns;
  std::uint64_t rows = 0, group_rows = 0;
  bool checksums = false;  // in page headers
};

// Row groups of the same number of rows, and where they and their offset indexes lie.
struct Part {
  GroupSizer group;
  std::uint64_t groups;
  std::uint64_t begin = 0;
  std::vector<Run> indexes;
};

Result<std::uint64_t> measure_file(const FileShape& file, const Compressor& compressor, std::string_view arrow_schema,
                                   Bound bound) {
  ChunkSizer sizer(compressor, file.checksums, bound);
  const std::uint64_t whole = file.rows / file.group_rows, rest = file.rows % file.group_rows;
  std::vector<Part> parts;
  const auto add = [&](std::uint64_t rows, std::uint64_t groups) {
    if (rows > 0 && groups > 0) {
      parts.push_back({{file.columns, compressor.parquet_codec(), rows, sizer}, groups, 0, {}});
    }
  };
  add(file.group_rows, whole);
  add(rest, 1);

  std::uint64_t at = kMagic.size();
  for (Part& part : parts) {
    part.begin = at;
    at += part.groups * part.group.bytes();
  }
  const std::uint64_t indexes_at = at;
  for (Part& part : parts) {
    part.indexes = runs_of(part.groups, [&](std::uint64_t i) {
      return part.group.offset_index_bytes(part.begin + i * part.group.bytes());
    });
    for (const Run& run : part.indexes) at += run.groups * run.bytes;
  }

  std::vector<std::byte> text;
  ThriftWriter w(text);
  const std::uint64_t groups = whole + (rest > 0 ? 1 : 0);
  write_footer_head(w, file.columns, file.rows, groups);
  write_footer_tail(w, arrow_schema);
  std::uint64_t footer_bytes = text.size();
  std::uint64_t index_at = indexes_at;
  for (Part& part : parts) {
    std::uint64_t offset = part.begin;
    for (const Run& index : part.indexes) {
      static_cast<void>(part.group.offset_index_bytes(offset));
      const auto entries = runs_of(index.groups, [&](std::uint64_t i) {
        return part.group.footer_bytes(offset + i * part.group.bytes(), index_at + i * index.bytes);
      });
      for (const Run& run : entries) footer_bytes += run.groups * run.bytes;
      offset += index.groups * part.group.bytes();
      index_at += index.groups * index.bytes;
    }
  }
  text.clear();
  STOKER_TRY(append_file_end(text, footer_bytes, groups, file.columns.size()));
  return at + footer_bytes + text.size();
}

}  // namespace

std::uint64_t parquet_equal_files(const config::Workload& workload, std::uint64_t /*first*/) {
  const config::Dataset& dataset = workload.dataset;
  return dataset.parquet.columns.empty() ? config::files_of_one_size(dataset)
                                         : std::numeric_limits<std::uint64_t>::max();
}

Result<SizeRange> parquet_file_bytes(const config::Workload& workload, const dataset::FileSpec& spec) {
  const config::Dataset& dataset = workload.dataset;
  STOKER_TRY(validate_parquet(workload));
  STOKER_ASSIGN(const Compressor compressor, Compressor::make(dataset.compression, dataset.compression_level));
  STOKER_ASSIGN(const std::vector<Column> columns, file_columns(dataset, spec.index));
  STOKER_TRY(check_shape(columns, spec.rows, static_cast<std::uint64_t>(dataset.parquet.row_group_size)));
  STOKER_ASSIGN(const std::string arrow_schema, arrow_schema_value(columns));
  const FileShape file{columns, spec.rows, static_cast<std::uint64_t>(dataset.parquet.row_group_size),
                       dataset.parquet.page_checksums};
  STOKER_ASSIGN(const std::uint64_t most, measure_file(file, compressor, arrow_schema, Bound::kMost));
  const bool exact = std::ranges::none_of(
      columns, [&](const Column& column) { return ChunkSizer::depends_on_values(column, compressor); });
  if (exact) return SizeRange{most, most};
  STOKER_ASSIGN(const std::uint64_t least, measure_file(file, compressor, arrow_schema, Bound::kLeast));
  return SizeRange{least, most};
}

}  // namespace stoker::format::parquet
