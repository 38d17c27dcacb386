// Values in messages.
#pragma once

#include <string>

#include "base/bytes.h"
#include "config/columns.h"

namespace stoker::format {

// One element as it lies in memory: "7", "0.5 (0x3f000000)".
[[nodiscard]] std::string number_text(config::DType dtype, Bytes value);

}  // namespace stoker::format
