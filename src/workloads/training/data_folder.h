// What lies in the data folder before a data set is written there, and what becomes of it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "config/workload.h"
#include "data/dataset/deletion.h"
#include "data/dataset/layout.h"
#include "data/io/storage.h"
#include "results/dataset_manifest.h"
#include "workloads/training/data_space.h"

namespace stoker::training {

struct DataFolder {
  bool known = false;              // it holds the data set that is asked for, or a part of it
  bool complete = false;           // all of it, its manifest says
  std::vector<std::string> notes;  // what was done, for the user
};

// Whether the new data set has room once this part of the old one is gone.
using RoomFunction = std::function<Status(const Part& freed)>;

// By rank 0, before anything is written. Code::kConfig when the folder holds another data set, with the keys in which
// it differs, or files under names that would be written although no manifest says that they are ours. With
// dataset.overwrite, where the folder is one that may be deleted (data/dataset/deletion_guard.h; `results` are the
// folders that this run writes its results into) and `has_room` for the new one, exactly the files of the data set that
// is there are deleted, the same one's too. A crash in the middle of that leaves its manifest, marked as incomplete:
// the next datagen refuses again, or goes on deleting when it is told to, or writes the deleted files anew when it is
// asked for the old data set.
[[nodiscard]] Result<DataFolder> prepare_data_folder(io::Storage& storage, const config::Workload& workload,
                                                     const dataset::Layout& layout,
                                                     const results::DatasetManifest& asked,
                                                     const std::vector<io::Path>& results,
                                                     const RoomFunction& has_room);

// By rank 0: of each rank what format::codec_library says there, "" for nothing. Code::kUnsupported names two
// ranks that would write different bytes.
[[nodiscard]] Status same_codec_libraries(const std::vector<std::string>& of_ranks);

// Deletes the data set that a manifest describes: marks the manifest as incomplete, so that nobody reads what is left
// when the deletion ends early, and then takes away what it names. `folder` must have passed dataset::may_delete.
// Neither is done where a folder of the data set is a link.
[[nodiscard]] Result<dataset::Deleted> delete_stored_data_set(io::Storage& storage, const io::Path& folder,
                                                              const results::DatasetManifest& manifest);

// nullopt: there is none.
[[nodiscard]] Result<std::optional<results::DatasetManifest>> read_manifest(io::Storage& storage,
                                                                            const dataset::Layout& layout);
// Says in a manifest that its data set is no longer complete, before any of its files is removed: a run must not take
// what is left when that is interrupted. Where the file system is full the records of the files, which lose their
// meaning, make room.
[[nodiscard]] Status mark_incomplete(io::Storage& storage, const dataset::Layout& layout,
                                     results::DatasetManifest manifest);
// A crash leaves the old manifest or this one.
[[nodiscard]] Status replace_manifest(io::Storage& storage, const dataset::Layout& layout,
                                      const results::DatasetManifest& manifest);

}  // namespace stoker::training
