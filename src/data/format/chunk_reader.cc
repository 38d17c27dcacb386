#include "data/format/chunk_reader.h"

namespace stoker::format {

Status ChunkReader::fetch(const FileReader& file, const ChunkRows& rows, io::ReadObserver* observer) {
  if (scratch_ == nullptr) scratch_ = file.make_scratch();
  STOKER_TRY(file.plan(rows, plan_));
  const MutBytes memory = memory_.resize(static_cast<std::size_t>(plan_.memory_bytes()));
  if (plan_.reads().empty()) return {};
  plan_.ops(memory, ops_);
  return file.source()->read_many(ops_, observer);
}

Status ChunkReader::read(const FileReader& file, const ChunkRows& rows, Chunk& chunk) {
  STOKER_TRY(fetch(file, rows));
  STOKER_TRY(decompress(file));
  return decode(file, chunk);
}

}  // namespace stoker::format
