// What the files of this folder give to their row of the table of formats (format.cc).
#pragma once

#include <cstdint>
#include <memory>

#include "base/status.h"
#include "config/workload.h"
#include "data/format/file_info.h"
#include "data/format/format.h"

namespace stoker::format::tfrecord {

// writer.cc.
[[nodiscard]] Status validate(const config::Workload&);
[[nodiscard]] Result<std::unique_ptr<FileWriter>> make_writer(const config::Workload&);
[[nodiscard]] Result<SizeRange> file_bytes(const config::Workload&, const dataset::FileSpec&);
[[nodiscard]] Result<std::unique_ptr<FileContents>> make_side(const config::Workload&, const dataset::FileSpec&,
                                                              std::size_t side);

// reader.cc.
[[nodiscard]] Result<std::unique_ptr<FormatReader>> make_reader(const config::Workload&, io::Storage&);
[[nodiscard]] std::uint64_t worker_bytes(const config::Workload&);
[[nodiscard]] Result<FileInfo> inspect(io::Storage&, const io::Path&, Detail);

}  // namespace stoker::format::tfrecord
