#include "data/io/whole_file.h"

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

}  // namespace stoker::io
