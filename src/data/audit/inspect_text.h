// Descriptions of files as text for people, at most 100 characters wide. Names and texts from files are escaped.
#pragma once

#include <string>

#include "data/audit/inspect.h"

namespace stoker::audit {

// "optional group list List", "required INT32 label Int(bitWidth=8, isSigned=true)".
[[nodiscard]] std::string field_text(const format::SchemaNode& node);

[[nodiscard]] std::string file_text(const FileView& view);
[[nodiscard]] std::string folder_text(const FolderView& view, const std::string& path);

}  // namespace stoker::audit
