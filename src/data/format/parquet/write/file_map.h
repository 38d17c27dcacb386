// Where everything lies in a file of which no byte depends on values: what PageWriter and MetadataWriter write, with
// holes where the values belong. All files of one shape share a map; a file's values come from the keys of its columns.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "config/workload.h"
#include "data/format/format.h"
#include "data/format/output_buffer.h"
#include "data/format/parquet/wire/levels.h"
#include "data/format/parquet/wire/schema.h"
#include "data/format/parquet/write/chunk_sizer.h"

namespace stoker::format::parquet {

// Immutable; safe from many threads. Takes memory for what stands behind the row groups, and for a few dozen bytes per
// column; time grows with the pages of a row group and with the column chunks of the file.
class FileMap {
 public:
  // Of a workload whose files have no compression, no checksums and no sizes that depend on values. Errors as those of
  // FileWriter::write.
  [[nodiscard]] static Result<std::shared_ptr<const FileMap>> make(const config::Workload&, const dataset::FileSpec&);
  FileMap(const FileMap&) = delete;
  FileMap& operator=(const FileMap&) = delete;

  [[nodiscard]] std::uint64_t size() const { return tail_begin_ + tail_.bytes().size(); }
  [[nodiscard]] std::span<const Column> columns() const { return columns_; }
  // Bytes [offset, offset + into.size()) of the file whose columns have these keys.
  void read(std::span<const std::uint64_t> keys, std::uint64_t offset, MutBytes into) const;

 private:
  // Pages that follow each other and differ in their values only.
  struct PageRun {
    std::uint64_t begin = 0;          // of the first, in the chunk
    std::uint64_t first_element = 0;  // of the chunk
    std::uint64_t pages = 0;
    std::uint64_t elements = 0;  // of each page
    std::uint64_t bytes = 0;     // of each page
    Bytes front;                 // what comes before its values; in fronts_
  };
  struct Chunk {
    std::uint64_t begin = 0;  // in the row group
    Bytes dictionary;         // its page, header included; in fronts_
    std::vector<PageRun> runs;
  };
  struct Group {
    std::uint64_t bytes = 0;
    std::vector<Chunk> chunks;  // in the order of the columns
  };
  // Row groups of the same number of rows.
  struct Part {
    std::uint64_t begin = 0;  // in the file
    std::uint64_t groups = 0;
    std::uint64_t first_row = 0, rows = 0;  // rows of each group
    Group group;
    [[nodiscard]] std::uint64_t end() const { return begin + groups * group.bytes; }
  };
  // What the footer will say of the chunks of a part's first row group.
  struct ChunkFacts {
    ChunkInfo info;
    std::vector<PageLocation> pages;
  };
  class Wanted;

  FileMap() = default;
  Status add_part(std::uint64_t rows, std::uint64_t groups, ChunkSizer&, std::vector<std::vector<ChunkFacts>>&);
  Status map_chunk(const Column&, std::uint64_t rows, Chunk&);
  [[nodiscard]] Bytes kept(std::vector<std::byte> front) { return *fronts_.insert(std::move(front)).first; }
  Status write_tail(std::uint64_t bytes, const std::vector<std::vector<ChunkFacts>>&);
  void read_group(std::span<const std::uint64_t> keys, const Part&, std::uint64_t group, Wanted&) const;
  static void read_chunk(const Column&, const Chunk&, std::uint64_t key, std::uint64_t first_element,
                         std::uint64_t begin, Wanted&);

  std::vector<Column> columns_;
  std::vector<Part> parts_;                  // whole row groups, and what remains
  std::set<std::vector<std::byte>> fronts_;  // equal ones once
  std::uint64_t tail_begin_ = 0;
  PageBuffer tail_;  // offset indexes and footer
  LevelCache levels_;
};

}  // namespace stoker::format::parquet
