// An open Parquet file: plans, decompresses and decodes its units.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "config/workload.h"
#include "data/format/format.h"
#include "data/format/parquet/read/file_index.h"
#include "data/format/parquet/read/parquet_scratch.h"
#include "data/io/storage.h"

namespace stoker::format::parquet {

class ParquetFile final : public FileReader {
 public:
  // What of the pages is looked at.
  struct Options {
    config::Decode depth = config::Decode::kArrays;
    bool verify_checksums = true;
  };

  ParquetFile(std::unique_ptr<io::ReadableFile> file, std::shared_ptr<const FileIndex> index, const Options& options);

  [[nodiscard]] std::uint64_t rows() const override { return index_->rows; }
  [[nodiscard]] std::uint64_t columns() const override { return index_->column_number; }
  [[nodiscard]] std::uint64_t version() const override { return file_->version(); }
  [[nodiscard]] std::span<const Unit> units() const override { return index_->units; }
  [[nodiscard]] io::ReadableFile* source() const override { return file_.get(); }
  [[nodiscard]] std::unique_ptr<Scratch> make_scratch() const override;
  Status plan(const ChunkRows&, ReadPlan&) const override;
  Status decompress(const Fetched&, Scratch&) const override;
  Status decode(const Fetched&, Scratch&, Chunk&) const override;
  Status complete(Scratch&, Chunk&) const override;

 private:
  // Which rows of which row group those of a plan are.
  [[nodiscard]] std::uint32_t group_of(const ChunkRows& rows) const { return index_->unit_group[rows.unit]; }
  [[nodiscard]] RowRange in_group(const ChunkRows& rows) const;
  void place_columns(const Fetched& fetched, ParquetScratch& scratch) const;
  Status decode_with_arrow(ParquetScratch& scratch, Chunk& chunk) const;

  std::unique_ptr<io::ReadableFile> file_;
  std::shared_ptr<const FileIndex> index_;
  std::string path_;
  Options options_;
};

}  // namespace stoker::format::parquet
