// Which folders are never deleted, whatever a manifest in them says.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "data/io/storage.h"

namespace stoker::dataset {

// What there is to know of a data folder before its data set may be deleted. Paths are canonical (data/io/place.h).
struct DeletionFacts {
  io::Path folder;  // as it was given
  io::Path canonical;
  bool is_mount_root = false;
  std::vector<io::Path> homes;
  io::Path working_folder;
  std::vector<io::Path> results;   // folders that this run writes its results into
  std::vector<std::string> files;  // names at the folder's top
  std::vector<std::string> links;  // those of folders at its top that are links
  std::string run_below;           // a result of a run in a folder of somebody's, as a path below this one
};

// Asks the system and the storage. `results` as they were given. A folder that is not there yet has no files.
[[nodiscard]] Result<DeletionFacts> deletion_facts(io::Storage&, const io::Path& folder,
                                                   std::span<const io::Path> results);

// Pure. Code::kConfig, with the reason, for an empty name, the root, the root of a mounted file system, the home or the
// working folder or one above them, a folder that holds results of this or of another run, and a data set whose folder
// `train` or `valid` is a link.
[[nodiscard]] Status may_delete(const DeletionFacts& facts);

}  // namespace stoker::dataset
