// An error that ends a command of the front end:
//
//   stoker: error: [E103] --config-file: /etc/stoker.yaml: No such file or directory
//     --> unet3d_h100.yaml:18:3
//     hint: ...
#pragma once

#include <string>

#include "base/error_number.h"
#include "base/status.h"

namespace stoker::cli {

enum class Numbers { kShown, kHidden };  // hidden: the engine, whose messages are those of `stoker dlio`

[[nodiscard]] std::string format_error(const Error& error, Numbers numbers, bool colours = false);

}  // namespace stoker::cli
