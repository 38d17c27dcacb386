// The row of the table of formats that stands for Parquet.
#include "data/format/format.h"

#include "data/format/parquet/parquet_internal.h"
#include "data/format/parquet/read/inspect.h"

namespace stoker::format::parquet {

// Listed in data/format/registry.cc.
extern const Format kFormat;
const Format kFormat{
    .name = config::FormatName::kParquet,
    .extension = "parquet",
    .granularity = Granularity::kRowGroup,
    .odirect = true,
    .codec_library = parquet_codec_library,
    .validate = validate_parquet,
    .make_writer = make_parquet_writer,
    .equal_files = parquet_equal_files,
    .file_bytes = parquet_file_bytes,
    .make_contents = make_parquet_contents,
    .make_reader = make_parquet_reader,
    .worker_bytes = parquet_reader_worker_bytes,
    .make_checker = make_parquet_checker,
    .inspect = inspect_parquet,
};

}  // namespace stoker::format::parquet
