// What the files of this folder give to its two rows of the table of formats (format.cc).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/status.h"
#include "config/workload.h"
#include "data/format/contents.h"
#include "data/format/file_info.h"
#include "data/format/format.h"
#include "data/format/value_checker.h"

namespace stoker::format::numpy {

// npy_writer.cc: one array and nothing else, all of whose bytes can be computed. And what both formats check: element
// types that arrays have.
[[nodiscard]] Status validate(const config::Workload&);
[[nodiscard]] Result<std::unique_ptr<FileWriter>> make_npy_writer(const config::Workload&);
[[nodiscard]] Result<SizeRange> npy_file_bytes(const config::Workload&, const dataset::FileSpec&);
[[nodiscard]] Result<std::unique_ptr<Contents>> make_npy_contents(const config::Workload&);

// npz_writer.cc: an archive of samples and labels.
[[nodiscard]] Result<std::unique_ptr<FileWriter>> make_npz_writer(const config::Workload&);
[[nodiscard]] std::optional<std::string> npz_codec_library(const config::Workload&);
[[nodiscard]] Result<SizeRange> npz_file_bytes(const config::Workload&, const dataset::FileSpec&);

// reader.cc.
[[nodiscard]] Result<std::unique_ptr<FormatReader>> make_reader(const config::Workload&, io::Storage&);
[[nodiscard]] std::uint64_t worker_bytes(const config::Workload&);

// inspect.cc.
[[nodiscard]] Result<FileInfo> inspect_npy(io::Storage&, const io::Path&, Detail);
[[nodiscard]] Result<FileInfo> inspect_npz(io::Storage&, const io::Path&, Detail);

}  // namespace stoker::format::numpy
