// An open Parquet file: fetches, decompresses and decodes its units.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "config/workload.h"
#include "data/format/format.h"
#include "data/format/parquet/read/file_index.h"
#include "data/format/parquet/read/parquet_buffer.h"
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
  [[nodiscard]] std::unique_ptr<ChunkBuffer> make_buffer() const override;
  Status fetch(std::size_t unit, std::uint64_t first_row, std::uint64_t rows, ChunkBuffer&, io::ReadObserver*) override;
  Status decompress(ChunkBuffer&) override;
  Status decode(ChunkBuffer&, Chunk&) override;
  Status complete(ChunkBuffer&, Chunk&) override;

 private:
  void place_columns(ParquetBuffer& buffer) const;
  Status decode_with_arrow(ParquetBuffer& buffer, Chunk& chunk) const;

  std::unique_ptr<io::ReadableFile> file_;
  std::shared_ptr<const FileIndex> index_;
  std::string path_;
  Options options_;
};

}  // namespace stoker::format::parquet
