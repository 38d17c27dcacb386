// What the files of this folder give to its row of the table of formats (format.cc).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/status.h"
#include "config/workload.h"
#include "data/format/contents.h"
#include "data/format/file_info.h"
#include "data/format/format.h"

namespace stoker::format::hdf5 {

// writer.cc.
[[nodiscard]] Result<std::unique_ptr<FileWriter>> make_writer(const config::Workload&);
[[nodiscard]] std::optional<std::string> codec_library(const config::Workload&);
[[nodiscard]] Result<SizeRange> file_bytes(const config::Workload&, const dataset::FileSpec&);
[[nodiscard]] Result<std::unique_ptr<Contents>> make_contents(const config::Workload&);

// reader.cc.
[[nodiscard]] Result<std::unique_ptr<FormatReader>> make_reader(const config::Workload&, io::Storage&);
[[nodiscard]] std::uint64_t worker_bytes(const config::Workload&);

// inspect.cc.
[[nodiscard]] Result<FileInfo> inspect(io::Storage&, const io::Path&, Detail);

}  // namespace stoker::format::hdf5
