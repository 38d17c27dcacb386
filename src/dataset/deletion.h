// Deleting a data set: the files that its layout names, one by one, and the folders that are empty then. Nothing else is
// ever touched, and nothing is searched for.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "dataset/layout.h"
#include "io/storage.h"

namespace stoker::dataset {

struct Deleted {
  std::uint64_t files = 0;         // that were there
  std::uint64_t folders_kept = 0;  // of the data set, because something else lies in them
};

// Removes the files of both splits, with their temporary and manifest files, and then the folders of the data set that
// are empty, up to and including the data folder. `layout` must be that of the manifest which lies in the folder: only
// then are its names those of files that this program wrote.
[[nodiscard]] Result<Deleted> delete_data_set(io::Storage&, const Layout& layout);

}  // namespace stoker::dataset
