// Deleting a data set: the files that its layout names, one by one, and the folders that are empty then. Nothing else
// is ever removed, and no link is followed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "data/dataset/layout.h"
#include "data/io/storage.h"

namespace stoker::dataset {

struct Deleted {
  std::uint64_t files = 0;         // with samples and beside them, temporary ones included
  std::uint64_t folders_kept = 0;  // of the data set, because something else lies in them
  std::vector<std::string>
      links;  // folders of the data set that are links, sorted; nothing was removed when there are any

  // Whether nothing of the data set is left.
  [[nodiscard]] bool is_whole() const { return links.empty(); }
};

// When a folder of the data set is a link, nothing is removed. Else `begin` is called, whose error ends it, and then
// are removed, in this order: the files of both splits and their side files under their own and their temporary names,
// their folders as far as they are empty, the records of the files, the manifest, and the data folder if it is empty.
// `layout` must be that of the manifest which lies in the folder: only then are its names those of files that this
// program wrote.
//
// `begin` marks that manifest as incomplete. When the deletion ends early, by an error or with the
// process, the manifest still names what is left, and the same call does the rest. Of a file that is a link the link is
// removed. The data folder itself may be a link, which stays.
[[nodiscard]] Result<Deleted> delete_data_set(io::Storage&, const Layout& layout,
                                              const std::function<Status()>& begin = nullptr);

}  // namespace stoker::dataset
