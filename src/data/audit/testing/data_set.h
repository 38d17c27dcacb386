// A small Parquet data set in memory or in a folder, as datagen writes it.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "base/check.h"
#include "config/workload.h"
#include "data/dataset/layout.h"
#include "data/format/format.h"
#include "data/format/side_files.h"
#include "data/io/storage.h"

namespace stoker::audit::testing {

// Three files of 10 rows in row groups of 4, below `folder`: an int32 and a string.
inline config::Workload small_workload(const std::string& folder) {
  config::Workload workload;
  workload.dataset.format = config::FormatName::kParquet;
  workload.dataset.data_folder = folder;
  workload.dataset.num_files_train = 2;
  workload.dataset.num_files_eval = 1;
  workload.dataset.num_samples_per_file = 10;
  workload.dataset.parquet.row_group_size = 4;
  workload.dataset.parquet.columns = {{.name = "number", .dtype = config::DType::kInt32},
                                      {.name = "text", .dtype = config::DType::kString}};
  return workload;
}

// A file as it lies in a folder, and another content for it.
inline std::string content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}
inline void put(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

// Writes file g of the workload's data set under the name that `spec` has.
inline void write_file(io::Storage& storage, const config::Workload& workload, const dataset::FileSpec& spec) {
  const auto format = format::find_format(workload.dataset.format);
  STOKER_CHECK(format.has_value());
  const auto writer = (*format)->make_writer(workload);
  STOKER_CHECK(writer.has_value());
  STOKER_CHECK(storage.make_directories(spec.path.parent_path()).has_value());
  const auto file = storage.create(spec.path);
  STOKER_CHECK(file.has_value());
  STOKER_CHECK((*writer)->write(spec, **file, {}).has_value());
  STOKER_CHECK((*file)->commit().has_value());
  STOKER_CHECK(format::SideFiles(workload, **format).write(storage, spec, {}).has_value());
}

inline void write_data_set(io::Storage& storage, const config::Workload& workload) {
  const dataset::Layout layout(workload);
  for (std::uint64_t g = 0; g < layout.total_files(); ++g) write_file(storage, workload, layout.file(g));
}

}  // namespace stoker::audit::testing
