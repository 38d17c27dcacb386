// The workload files of configs/workload/, compiled into the program so that it runs without any file beside it.
#pragma once

#include <span>
#include <string_view>

namespace stoker::config {

struct EmbeddedFile {
  std::string_view name;  // without .yaml
  std::string_view text;
};

// Sorted by name.
[[nodiscard]] std::span<const EmbeddedFile> embedded_files();

}  // namespace stoker::config
