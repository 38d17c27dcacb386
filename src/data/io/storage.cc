#include "data/io/storage.h"

#include <utility>

#include "base/check.h"
#include "data/io/folder.h"

namespace stoker::io {
namespace {

class FolderByPath final : public Folder {
 public:
  FolderByPath(Storage& storage, Path path) : storage_(storage), path_(std::move(path)) {}

  Result<std::vector<DirEntry>> list() override { return storage_.list(path_); }
  Result<std::unique_ptr<Folder>> open(const std::string& name) override {
    return std::unique_ptr<Folder>(std::make_unique<FolderByPath>(storage_, path_ / name));
  }
  Status remove(const std::string& name) override { return storage_.remove(path_ / name); }
  Result<bool> remove_empty_directory(const std::string& name) override {
    return storage_.remove_empty_directory(path_ / name);
  }

 private:
  Storage& storage_;
  const Path path_;
};

}  // namespace

Result<std::unique_ptr<Folder>> Storage::open_folder(const Path& path) {
  return std::unique_ptr<Folder>(std::make_unique<FolderByPath>(*this, path));
}

Path temporary_name(const Path& path) {
  Path temporary = path;
  temporary += ".tmp";
  return temporary;
}

Result<MutBytes> Sink::lend() {
  return lent_.resize(kPieceBytes);
}

Status Sink::give_back(std::size_t bytes) {
  STOKER_CHECK(bytes <= lent_.size(), "more is given back than was lent");
  return append(lent_.bytes().first(bytes));
}

}  // namespace stoker::io
