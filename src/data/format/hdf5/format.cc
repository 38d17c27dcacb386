// The row of the table of formats that stands for HDF5.
#include "data/format/format.h"

#include <memory>

#include "config/sample_geometry.h"
#include "data/format/hdf5/hdf5_internal.h"
#include "data/format/hdf5/sample_arrays.h"
#include "data/format/sample_checker.h"

namespace stoker::format::hdf5 {

namespace {

std::uint64_t equal_files(const config::Workload& workload, std::uint64_t /*first*/) {
  // Whether a chunk is compressed to less hangs on its values, but bounds do not.
  return config::files_of_one_size(workload.dataset);
}

Result<std::unique_ptr<ValueChecker>> make_checker(const config::Workload& workload) {
  STOKER_TRY(validate(workload));
  return make_sample_checker(workload.dataset,
                             {.what = "array", .axis = SampleAxis::kFirst, .columns = sample_arrays, .place = nullptr});
}

}  // namespace

// Listed in data/format/registry.cc.
extern const Format kFormat;
const Format kFormat{
    .name = config::FormatName::kHdf5,
    .extension = "hdf5",
    .granularity = Granularity::kSample,
    .odirect = true,
    .codec_library = codec_library,
    .validate = validate,
    .make_writer = make_writer,
    .equal_files = equal_files,
    .file_bytes = file_bytes,
    .make_contents = make_contents,
    .make_reader = make_reader,
    .worker_bytes = worker_bytes,
    .make_checker = make_checker,
    .inspect = inspect,
};

}  // namespace stoker::format::hdf5
