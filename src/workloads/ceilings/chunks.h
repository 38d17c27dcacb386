// What an epoch of a workload asks of its files, as a list of chunks: the requests of a reader that does nothing but
// read.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "base/status.h"
#include "config/workload.h"
#include "data/format/format.h"
#include "data/format/read_plan.h"
#include "data/io/storage.h"

namespace stoker::ceilings {

// Immutable; from any thread.
class Chunks {
 public:
  // The files are open, and their footers read, when it returns; the chunks are in the order of the first epoch of one
  // rank. The storage outlives it. Code::kConfig when no chunk of the files asks for anything.
  [[nodiscard]] static Result<Chunks> open(const config::Workload&, const format::Format&, io::Storage&,
                                           std::span<const io::Path> files, const std::stop_token&);
  // Of files that are open already, in their order.
  [[nodiscard]] static Result<Chunks> of(std::vector<std::unique_ptr<format::FileReader>> files);

  [[nodiscard]] std::uint64_t size() const { return chunks_.size(); }
  [[nodiscard]] const format::FileReader& file(std::uint64_t i) const { return *files_[chunks_[i].file]; }
  [[nodiscard]] const format::ChunkRows& rows(std::uint64_t i) const { return chunks_[i].rows; }
  [[nodiscard]] std::uint64_t file_bytes() const { return file_bytes_; }

 private:
  struct Chunk {
    std::size_t file = 0;
    format::ChunkRows rows;
  };
  Status finish();

  std::unique_ptr<format::FormatReader> reader_;
  std::vector<std::unique_ptr<format::FileReader>> files_;
  std::vector<Chunk> chunks_;
  std::uint64_t file_bytes_ = 0;
};

// At most so many files of a data set are read from: they stay open, and their pages are looked for afterwards.
inline constexpr std::uint64_t kMostFiles = 256, kMostFileBytes = std::uint64_t{32} << 30;
// Which of `files` files of about `file_bytes`, evenly over all of them; at least one.
[[nodiscard]] std::vector<std::uint64_t> choose_files(std::uint64_t files, std::uint64_t file_bytes);

}  // namespace stoker::ceilings
