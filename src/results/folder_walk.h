// Folders below a folder, as every walk over results sees them: sorted, without hidden ones, and each of them once.
//
// A link to a folder is followed, since results may lie on another disk. Not followed is one that leads to where the
// walk goes anyway (below its root, to the root or above it) and one to a folder that the walk has met under another
// name: nothing is counted twice, and a circle ends.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/status.h"

namespace stoker::results {

class FolderWalk {
 public:
  struct Listing {
    std::vector<std::filesystem::path> folders;   // to be walked on
    std::vector<std::filesystem::path> repeated;  // links that are not followed
    std::vector<std::filesystem::path> dangling;  // links that lead nowhere
    std::optional<Error> error;                   // it could not be listed, or not to its end; Code::kNotFound: absent
  };

  explicit FolderWalk(const std::filesystem::path& root);
  // What lies directly in `folder`, the same each time it is asked.
  [[nodiscard]] Listing list(const std::filesystem::path& folder);

 private:
  [[nodiscard]] bool leads_into_walk(const std::filesystem::path& link) const;
  [[nodiscard]] bool met_elsewhere(const std::filesystem::path& folder);

  std::filesystem::path root_;                                                    // canonical; empty: unknown
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::filesystem::path> met_;  // device and inode: first name
};

}  // namespace stoker::results
