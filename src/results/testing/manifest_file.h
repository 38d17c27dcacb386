// A data set's manifest in its folder, for tests that need one. The program writes it through an io::Storage.
#pragma once

#include <filesystem>

#include "results/dataset_manifest.h"
#include "results/json.h"

namespace stoker::results::testing {

[[nodiscard]] inline Status write_manifest(const std::filesystem::path& data_folder, const DatasetManifest& manifest) {
  return write_file_atomic(data_folder / kManifestName, manifest_text(manifest));
}

}  // namespace stoker::results::testing
