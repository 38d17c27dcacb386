// Reading a chunk at a time and waiting for it: for tools and tests, which need no reads ahead. The data path has its
// own (data/pipeline/reader.h).
#pragma once

#include <memory>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/status.h"
#include "data/format/format.h"
#include "data/format/read_plan.h"

namespace stoker::format {

// Memory for the chunks of any number of files of one format, one after the other. Not for sharing between threads.
class ChunkReader {
 public:
  // The steps of reading rows of a file, in this order. What decode() gives is valid until the next fetch().
  Status fetch(const FileReader& file, const ChunkRows& rows, io::ReadObserver* observer = nullptr);
  Status decompress(const FileReader& file) { return file.decompress(fetched(), *scratch_); }
  Status decode(const FileReader& file, Chunk& chunk) { return file.decode(fetched(), *scratch_, chunk); }
  Status complete(const FileReader& file, Chunk& chunk) { return file.complete(*scratch_, chunk); }
  // The first three.
  Status read(const FileReader& file, const ChunkRows& rows, Chunk& chunk);

 private:
  [[nodiscard]] Fetched fetched() const { return {plan_, memory_.bytes()}; }

  ReadPlan plan_;
  AlignedBuffer memory_;
  std::vector<io::ReadOp> ops_;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace stoker::format
