// The rows of the table of formats that stand for .npy files and .npz archives.
#include "data/format/format.h"

#include <memory>
#include <string>

#include "data/format/numpy/numpy_internal.h"
#include "data/format/numpy/sample_array.h"
#include "data/format/sample_checker.h"
#include "data/format/samples.h"

namespace stoker::format::numpy {

namespace {

std::string place_of(const SampleValues& values, std::uint64_t number) {
  return fmt::format("byte {} of x.npy", sample_array_header(values).size() + number * values.element_bytes());
}

Result<std::unique_ptr<ValueChecker>> make_checker(const config::Workload& workload) {
  STOKER_TRY(validate(workload));
  return make_sample_checker(workload.dataset, {.what = "array", .axis = SampleAxis::kLast, .place = place_of});
}

}  // namespace

// Listed in data/format/registry.cc.
extern const Format kNpy, kNpz;
const Format kNpy{
    .name = config::FormatName::kNpy,
    .extension = "npy",
    .granularity = Granularity::kFile,
    .odirect = true,
    .codec_library = nullptr,
    .validate = validate,
    .make_writer = make_npy_writer,
    .equal_files = equal_sample_files,
    .file_bytes = npy_file_bytes,
    .make_contents = make_npy_contents,
    .make_reader = make_reader,
    .worker_bytes = worker_bytes,
    .make_checker = make_checker,
    .inspect = inspect_npy,
};
const Format kNpz{
    .name = config::FormatName::kNpz,
    .extension = "npz",
    .granularity = Granularity::kFile,
    .odirect = true,
    .codec_library = npz_codec_library,
    .validate = validate,
    .make_writer = make_npz_writer,
    .equal_files = equal_sample_files,
    .file_bytes = npz_file_bytes,
    .make_contents = nullptr,
    .make_reader = make_reader,
    .worker_bytes = worker_bytes,
    .make_checker = make_checker,
    .inspect = inspect_npz,
};

}  // namespace stoker::format::numpy
