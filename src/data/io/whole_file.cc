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

Path temporary_name(const Path& path) {
  Path temporary = path;
  temporary += ".tmp";
  return temporary;
}

Status replace_file(Storage& storage, const Path& path, Durable durable, const WriteOptions& options,
                    const std::function<Status(WritableFile&)>& write) {
  const Path temporary = temporary_name(path);
  STOKER_ASSIGN(const auto file, storage.create(temporary, options));
  const auto finish = [&]() -> Status {
    STOKER_TRY(write(*file));
    if (durable == Durable::kYes) STOKER_TRY(file->sync());
    STOKER_TRY(file->close());
    STOKER_TRY(storage.rename(temporary, path));
    return durable == Durable::kYes ? storage.sync_directory(path.parent_path()) : Status{};
  };
  Status finished = finish();
  // That it could not be removed either adds nothing.
  if (!finished) static_cast<void>(storage.remove(temporary));
  return finished;
}

Status replace_whole(Storage& storage, const Path& path, std::string_view text) {
  return replace_file(storage, path, Durable::kYes, {},
                      [&](WritableFile& file) { return file.append(std::as_bytes(std::span(text))); });
}

}  // namespace stoker::io
