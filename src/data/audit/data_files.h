// Which data files a path stands for: a file itself, or what lies below a folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "data/format/file_info.h"
#include "data/format/format.h"
#include "data/io/storage.h"

namespace stoker::audit {

struct DataFile {
  io::Path path;
  std::string name;  // relative to the folder that was asked for; the whole path of a single file
  const format::Format* format = nullptr;
  std::uint64_t rows = 0;  // that it has by the manifest of its data set; 0: not known
};

struct DataFiles {
  bool is_folder = false;
  std::vector<DataFile> files;  // by name, not empty
};

// What a file says of itself. One that does not say how many rows it stands for has as many as its data set says, or 1.
[[nodiscard]] Result<format::FileInfo> inspect_file(io::Storage& storage, const DataFile& file, format::Detail detail);

// The format of a file of that name; null when no format has its ending.
[[nodiscard]] const format::Format* format_of(std::string_view file_name);

// A folder is searched with all folders below it. Names that begin with a dot or an underscore are no data, nor are
// those without the ending of a format. Code::kNotFound when there is nothing of that name or no data file in it, and
// says what there is instead; Code::kUnsupported for a single file that has no format's ending.
[[nodiscard]] Result<DataFiles> find_data_files(io::Storage& storage, const io::Path& path);

}  // namespace stoker::audit
