// What compresses a data set that is written here.
#pragma once

#include <optional>
#include <string>

#include "config/workload.h"

namespace stoker::format {

// The library that compresses the files of a workload's data set, and its version: another one may write other bytes of
// the same values. Nothing where none does.
[[nodiscard]] std::optional<std::string> codec_library(const config::Workload&);

}  // namespace stoker::format
