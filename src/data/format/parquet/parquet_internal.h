// What the two halves of this folder give to its format.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/status.h"
#include "config/workload.h"
#include "data/format/contents.h"
#include "data/format/format.h"
#include "data/format/value_checker.h"

namespace stoker::format::parquet {

// validate.cc: the checks of Format::validate.
[[nodiscard]] Status validate_parquet(const config::Workload&);
// writer.cc.
[[nodiscard]] Result<std::unique_ptr<FileWriter>> make_parquet_writer(const config::Workload&);
[[nodiscard]] std::optional<std::string> parquet_codec_library(const config::Workload&);

// file_bytes.cc.
[[nodiscard]] std::uint64_t parquet_equal_files(const config::Workload&, std::uint64_t first);
[[nodiscard]] Result<SizeRange> parquet_file_bytes(const config::Workload&, const dataset::FileSpec&);

// contents.cc.
[[nodiscard]] Result<std::unique_ptr<Contents>> make_parquet_contents(const config::Workload&);

// reader.cc.
[[nodiscard]] Result<std::unique_ptr<FormatReader>> make_parquet_reader(const config::Workload&, io::Storage&);
[[nodiscard]] std::uint64_t parquet_reader_worker_bytes(const config::Workload&);

// value_checker.cc.
[[nodiscard]] Result<std::unique_ptr<ValueChecker>> make_parquet_checker(const config::Workload&);

}  // namespace stoker::format::parquet
