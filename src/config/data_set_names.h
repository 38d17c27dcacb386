// Names inside a data folder: of the files that describe a data set, and what a name may be made of.
#pragma once

#include <string_view>

namespace stoker::config {

// The manifest, beside the folders of the splits (results/dataset_manifest.h).
inline constexpr std::string_view kManifestName = "stoker_dataset.json";

// What is wrong with a text that becomes the beginning of a file's or folder's name, as in "has a '/'"; "" when nothing
// is. Such a name neither leaves its folder nor is hidden. `text` may come from a file of unknown origin.
[[nodiscard]] std::string_view name_part_fault(std::string_view text);

// Whether a data folder is named by a URI ("s3://bucket/set"), as an object store's is, and not by a path.
[[nodiscard]] bool is_uri(std::string_view folder);

// Whether a file or folder of this name is left out where data are looked for, as Arrow and Hadoop leave it out: `.x`,
// `._x`, `_SUCCESS`, `_metadata`.
[[nodiscard]] bool is_hidden(std::string_view name);

}  // namespace stoker::config
