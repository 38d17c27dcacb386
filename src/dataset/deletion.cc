#include "dataset/deletion.h"

#include "dataset/file_records.h"

namespace stoker::dataset {

Result<Deleted> delete_data_set(io::Storage& storage, const Layout& layout) {
  Deleted deleted;
  for (std::uint64_t g = 0; g < layout.total_files(); ++g) {
    const io::Path path = layout.file(g).path;
    STOKER_ASSIGN(const bool there, storage.exists(path));
    if (!there) continue;
    STOKER_TRY(storage.remove(path));
    ++deleted.files;
  }
  const auto remove_folder = [&](const io::Path& folder) -> Status {
    STOKER_ASSIGN(const bool gone, storage.remove_empty_directory(folder));
    if (!gone) ++deleted.folders_kept;
    return {};
  };
  for (const Split split : {Split::kTrain, Split::kEval}) {
    for (std::uint64_t i = 0; layout.folders(split) > 1 && i < layout.folders(split) && i < layout.files(split); ++i) {
      STOKER_TRY(remove_folder(layout.split_folder(split) / layout.subfolder(split, i)));
    }
    STOKER_TRY(remove_folder(layout.split_folder(split)));
  }
  // The manifest goes last: as long as a file is left, it says whose files these are.
  STOKER_TRY(storage.remove(layout.root() / kRecordsName));
  STOKER_TRY(storage.remove(layout.root() / kManifestName));
  STOKER_TRY(remove_folder(layout.root()));
  return deleted;
}

}  // namespace stoker::dataset
