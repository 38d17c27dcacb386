// What lies in a data folder beside the data set.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "data/dataset/layout.h"
#include "data/io/storage.h"

namespace stoker::dataset {

struct OtherFiles {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
  std::vector<std::string> names;  // up to three, below the data folder
  std::uint64_t own = 0;           // files of the layout that are there
  std::uint64_t unknown = 0;       // files without a size (counted above) and folders that cannot be looked at
};

// Files at the top of the data folder, and in and below the folders of the splits, that are neither files of the
// layout, nor temporary ones of theirs, nor a data set's manifest and records. Each is asked for its size. Links are
// files here, whatever they lead to. One thread, before or after anything is written.
[[nodiscard]] OtherFiles other_files(io::Storage&, const Layout& layout);

// "3 other files, 1.2 GiB: train/a.csv, ..."; "" when there is nothing to say.
[[nodiscard]] std::string to_text(const OtherFiles& others);

}  // namespace stoker::dataset
