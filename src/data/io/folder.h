// An open folder, for those who remove what is in it: what becomes of its path, or of the path of a folder below it,
// while they do leads them nowhere else.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "data/io/storage.h"

namespace stoker::io {

// Names are those of entries: no paths. For one thread; the storage outlives it.
class Folder {
 public:
  virtual ~Folder() = default;
  // As Storage::list.
  [[nodiscard]] virtual Result<std::vector<DirEntry>> list() = 0;
  // A folder in this one. Code::kNotFound when it is gone by now, or became a link or a file.
  [[nodiscard]] virtual Result<std::unique_ptr<Folder>> open(const std::string& name) = 0;
  // As Storage::remove and Storage::remove_empty_directory.
  virtual Status remove(const std::string& name) = 0;
  [[nodiscard]] virtual Result<bool> remove_empty_directory(const std::string& name) = 0;
};

}  // namespace stoker::io
