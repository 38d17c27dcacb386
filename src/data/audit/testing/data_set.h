// A small Parquet data set in memory or in a folder, as datagen writes it.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "config/workload.h"
#include "data/format/testing/data_files.h"

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

using format::testing::write_data_set;
using format::testing::write_file;

}  // namespace stoker::audit::testing
