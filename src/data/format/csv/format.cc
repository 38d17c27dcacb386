// The row of the table of formats that stands for CSV: lines of numbers without names.
#include "data/format/format.h"

#include <memory>
#include <string>

#include "data/format/csv/csv_internal.h"
#include "data/format/sample_checker.h"
#include "data/format/samples.h"

namespace stoker::format::csv {
namespace {

std::string place_of(const SampleValues& values, std::uint64_t number) {
  return fmt::format("line {}, field {}", number / values.elements_per_sample() + 1,
                     number % values.elements_per_sample() + 1);
}

Result<std::unique_ptr<ValueChecker>> make_checker(const config::Workload& workload) {
  STOKER_TRY(validate(workload));
  return make_sample_checker(workload.dataset, {.what = "array", .place = place_of});
}

}  // namespace

// Listed in data/format/registry.cc.
extern const Format kFormat;
const Format kFormat{
    .name = config::FormatName::kCsv,
    .extension = "csv",
    .granularity = Granularity::kFile,
    .odirect = true,
    .codec_library = codec_library,
    .validate = validate,
    .make_writer = make_writer,
    .equal_files = equal_sample_files,
    .file_bytes = file_bytes,
    .make_contents = nullptr,
    .make_reader = make_reader,
    .worker_bytes = worker_bytes,
    .make_checker = make_checker,
    .inspect = inspect,
};

}  // namespace stoker::format::csv
