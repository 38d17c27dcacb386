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
  Result<std::unique_ptr<LogFile>> create_log(const Path& path) override { return inner_.create_log(path); }
  Result<bool> create_if_absent(const Path& path, std::string_view text) override {
    return inner_.create_if_absent(path, text);
  }
  Result<std::uint64_t> file_size(const Path& path) override { return inner_.file_size(path); }
  Result<bool> exists(const Path& path) override { return inner_.exists(path); }
  using Storage::list;
  Result<std::vector<DirEntry>> list(const Path& path, Sizes sizes) override { return inner_.list(path, sizes); }
  Status make_directories(const Path& path) override { return inner_.make_directories(path); }
  Status remove(const Path& path) override { return inner_.remove(path); }
  Result<bool> remove_empty_directory(const Path& path) override { return inner_.remove_empty_directory(path); }
  Result<std::unique_ptr<Folder>> open_folder(const Path& path) override { return inner_.open_folder(path); }
  Result<std::optional<SpaceInfo>> space(const Path& path) override { return inner_.space(path); }
  Status flush(const Path& folder) override { return inner_.flush(folder); }
  Status forget(const Path& path) override { return inner_.forget(path); }
  Result<std::uint64_t> kept_bytes(const Path& path) override { return inner_.kept_bytes(path); }
  std::string describe_reads(const OpenOptions& options) const override { return inner_.describe_reads(options); }
  std::string describe_writes(bool direct) const override { return inner_.describe_writes(direct); }

 protected:
  [[nodiscard]] Storage& inner() const { return inner_; }

 private:
  Storage& inner_;
};

}  // namespace stoker::io
