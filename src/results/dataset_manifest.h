// `stoker_dataset.json` in a data folder: what datagen wrote there, so that a run needs not be told again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "config/columns.h"
#include "config/data_set_names.h"
#include "config/workload.h"
#include "results/json.h"

namespace stoker::results {

using config::kManifestName;

struct DatasetManifest {
  std::string generator_version;
  std::string model;                 // model.name of the workload, for messages
  std::string format;                // dataset.format's spelling
  std::string compression = "none";  // dataset.compression's spelling
  std::optional<std::int64_t> compression_level;
  // What compressed, with its version: another one may write other bytes. None: nothing did, or an earlier version of
  // stoker wrote the data set, through Arrow.
  std::optional<std::string> codec_library;
  std::int64_t num_files_train = 0, num_files_eval = 0;
  std::int64_t num_samples_per_file = 1;
  std::int64_t num_subfolders_train = 0, num_subfolders_eval = 0;
  std::string file_prefix = "img";
  double record_length_bytes = 0, record_length_bytes_stdev = 0;
  std::vector<std::int64_t> record_dims;
  std::string record_element_type = "uint8";
  std::vector<config::ColumnSpec> columns;  // parquet; `read` is a matter of the run and is not stored
  std::int64_t row_group_size = 0;          // parquet: rows; 0 for other formats
  std::string partition_by;
  bool dictionary = false;
  bool page_checksums = false;           // parquet: in page headers
  std::int64_t num_dset_per_record = 1;  // hdf5, as are the next two
  std::vector<std::int64_t> chunk_dims, max_shape;
  std::int64_t seed = 0;
  bool complete = false;  // false while datagen is at work, and after one that failed
  friend bool operator==(const DatasetManifest&, const DatasetManifest&) = default;
};

// What a workload's configuration says of its data (complete: false), written by this version of the program, but for
// the codec's library, which only the format knows (format::codec_library); and the reverse: the dataset part
// of a workload is filled in, the rest left as it was. Code::kCorrupt when the manifest names a format, compression or
// element type that this version does not know.
[[nodiscard]] DatasetManifest manifest_of(const config::Workload& workload, std::string_view generator_version);
[[nodiscard]] Status apply_manifest(const DatasetManifest& manifest, config::Workload& workload);

// A number of everything that decides about the bytes of the files and their names: of two data sets with the same
// identity each file is the same. Whether the data set is complete, and what its model is called, are not in it.
[[nodiscard]] std::uint64_t manifest_identity(const DatasetManifest& manifest);

// The keys that make two data sets different ones, in the order of the file. `key` is what a user sets
// (dataset.num_files_train) or, where it is nothing that can be set, the manifest's own (generator_version).
struct ManifestDifference {
  std::string key, found, asked;
};
[[nodiscard]] std::vector<ManifestDifference> manifest_differences(const DatasetManifest& found,
                                                                   const DatasetManifest& asked);

// What describes the data, as a user sets it: dataset.file_prefix and a value in the grammar of overrides. Those that
// `format` has, whatever the manifest's is, in the order of the file: two manifests have the same keys.
struct ManifestSetting {
  std::string_view key;
  std::string value;
  bool of_parquet = false;  // a manifest of another format does not know it
};
[[nodiscard]] std::vector<ManifestSetting> manifest_settings(const DatasetManifest& manifest, std::string_view format);

// Text forms, for storages that are not a local file system.
[[nodiscard]] std::string manifest_text(const DatasetManifest& manifest);
// Code::kCorrupt names `name`, the key, what was found and what was expected. Keys of a newer version are left alone.
[[nodiscard]] Result<DatasetManifest> parse_manifest(std::string_view text, const std::string& name);

// `<data_folder>/stoker_dataset.json`; nullopt when there is none (a data set made by DLIO).
[[nodiscard]] Result<std::optional<DatasetManifest>> read_manifest(const std::filesystem::path& data_folder);

}  // namespace stoker::results
