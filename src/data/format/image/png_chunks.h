// The checksums of a PNG file.
#pragma once

#include "base/bytes.h"
#include "base/status.h"

namespace stoker::format::image {

// Whether it begins as PNG files do.
[[nodiscard]] bool is_png(Bytes file);
// Each chunk's, up to IEND. Code::kCorrupt, without the file's path, names the chunk and where it lies.
[[nodiscard]] Status check_png(Bytes file);

}  // namespace stoker::format::image
