#include "data/io/whole_file.h"

#include <algorithm>

#include "base/checksum.h"

namespace stoker::io {

Result<std::string> read_whole(Storage& storage, const Path& path, std::uint64_t bytes_max) {
  STOKER_ASSIGN(const auto file, storage.open(path, {}));
  if (file->size() > bytes_max) {
    return make_error(Code::kCorrupt, "{}: found {} bytes, expected at most {}", path.string(), file->size(),
                      bytes_max);
  }
  std::string text(static_cast<std::size_t>(file->size()), '\0');
  if (!text.empty()) STOKER_TRY(read_at(*file, 0, std::as_writable_bytes(std::span(text))));
  return text;
}

Status replace_whole(Storage& storage, const Path& path, std::string_view text) {
  STOKER_ASSIGN(const auto file, storage.create(path, {.durable = true}));
  STOKER_TRY(file->append(std::as_bytes(std::span(text))));
  return file->commit();
}

Result<std::uint64_t> content_checksum(ReadableFile& file, AlignedBuffer& block, std::uint64_t block_bytes,
                                       const std::stop_token& stop) {
  Checksum sum;
  for (std::uint64_t at = 0; at < file.size(); at += block_bytes) {
    if (stop.stop_requested()) return make_error(Code::kInterrupted, "interrupted");
    const MutBytes into = block.resize(static_cast<std::size_t>(std::min(block_bytes, file.size() - at)));
    STOKER_TRY(read_at(file, at, into));
    sum.add(into);
  }
  return sum.value();
}

}  // namespace stoker::io
