// A storage that passes every call on to another one: the base of storages that change a call or two.
#pragma once

#include "data/io/folder.h"
#include "data/io/storage.h"

namespace stoker::io {

// The inner storage must outlive it.
class ForwardingStorage : public Storage {
 public:
  explicit ForwardingStorage(Storage& inner) : inner_(inner) {}

  Result<std::unique_ptr<ReadableFile>> open(const Path& path, const OpenOptions& options) override {
    return inner_.open(path, options);
  }
  using Storage::create;
  Result<std::unique_ptr<WritableFile>> create(const Path& path, const WriteOptions& options) override {
    return inner_.create(path, options);
  }
  Result<bool> create_if_absent(const Path& path, std::string_view text) override {
    return inner_.create_if_absent(path, text);
  }
  Result<std::uint64_t> file_size(const Path& path) override { return inner_.file_size(path); }
  Result<bool> exists(const Path& path) override { return inner_.exists(path); }
  Result<std::vector<DirEntry>> list(const Path& path) override { return inner_.list(path); }
  Status make_directories(const Path& path) override { return inner_.make_directories(path); }
  Status rename(const Path& from, const Path& to) override { return inner_.rename(from, to); }
  Status remove(const Path& path) override { return inner_.remove(path); }
  Result<bool> remove_empty_directory(const Path& path) override { return inner_.remove_empty_directory(path); }
  Result<std::unique_ptr<Folder>> open_folder(const Path& path) override { return inner_.open_folder(path); }
  Result<SpaceInfo> space(const Path& path) override { return inner_.space(path); }
  Status sync_directory(const Path& path) override { return inner_.sync_directory(path); }
  Status flush(const Path& folder) override { return inner_.flush(folder); }

 protected:
  [[nodiscard]] Storage& inner() const { return inner_; }

 private:
  Storage& inner_;
};

}  // namespace stoker::io
