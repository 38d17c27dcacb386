// What the files of this folder share.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>

#include "base/status.h"
#include "config/workload.h"
#include "data/format/format.h"
#include "data/format/image/image_bytes.h"
#include "data/format/value_checker.h"

namespace stoker::format::image {

// What a ColumnView's lengths can say.
inline constexpr std::uint64_t kMostBytes = std::numeric_limits<std::uint32_t>::max();

[[nodiscard]] inline Kind kind_of(const config::Workload& workload) {
  return workload.dataset.format == config::FormatName::kJpeg ? Kind::kJpeg : Kind::kPng;
}

// Members of struct Format.
[[nodiscard]] Result<std::unique_ptr<FormatReader>> make_reader(const config::Workload&, io::Storage&);
[[nodiscard]] std::uint64_t worker_bytes(const config::Workload&);
[[nodiscard]] Result<std::unique_ptr<ValueChecker>> make_checker(const config::Workload&);

}  // namespace stoker::format::image
