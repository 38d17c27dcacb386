// The row of the table of formats that stands for HDF5.
#include "data/format/format.h"

#include <memory>

#include "data/format/hdf5/hdf5_internal.h"
#include "data/format/hdf5/sample_arrays.h"
#include "data/format/sample_checker.h"
#include "data/format/samples.h"

namespace stoker::format::hdf5 {

namespace {

Result<std::unique_ptr<ValueChecker>> make_checker(const config::Workload& workload) {
  STOKER_TRY(validate(workload));
  return make_sample_checker(workload.dataset, {.what = "array", .columns = sample_arrays});
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
    .equal_files = equal_sample_files,  // how small a chunk gets hangs on its values, but bounds do not
    .file_bytes = file_bytes,
    .make_contents = make_contents,
    .make_reader = make_reader,
    .worker_bytes = worker_bytes,
    .make_checker = make_checker,
    .inspect = inspect,
};

}  // namespace stoker::format::hdf5
