// Descriptions of files for programs: all that inspect_text.h shows, of every column chunk.
#pragma once

#include <string>

#include "data/audit/inspect.h"
#include "results/json.h"

namespace stoker::audit {

[[nodiscard]] results::Json file_json(const FileView& view);
[[nodiscard]] results::Json folder_json(const FolderView& view, const std::string& path);

}  // namespace stoker::audit
