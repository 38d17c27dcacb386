// What the files of this folder give to its two rows of the table of formats (format.cc).
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/status.h"
#include "config/workload.h"
#include "data/format/format.h"

namespace stoker::format::indexed {

// The one column of a chunk: the bytes of each sample, of which a file does not say what they are.
inline constexpr std::string_view kColumn = "sample";

// reader.cc.
[[nodiscard]] Result<std::unique_ptr<FormatReader>> make_reader(const config::Workload&, io::Storage&);
[[nodiscard]] std::uint64_t worker_bytes(const config::Workload&);

}  // namespace stoker::format::indexed
