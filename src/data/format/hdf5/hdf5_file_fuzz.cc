// A whole HDF5 file, read as training and as tools read it.
#include "data/format/hdf5/hdf5_internal.h"
#include "data/format/testing/fuzz_file.h"

namespace {

using namespace stoker;  // NOLINT(google-build-using-namespace)

Status read_all(format::testing::FuzzFile& fuzz) {
  STOKER_ASSIGN(const auto reader, format::hdf5::make_reader(fuzz.workload, fuzz.storage));
  return format::testing::read_units(*reader, {.units = 8, .rows_of_unit = 16});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  format::testing::FuzzFile fuzz(data, size, 1);
  fuzz.workload.dataset.format = config::FormatName::kHdf5;
  const Status status = read_all(fuzz);
  const auto info = format::hdf5::inspect(fuzz.storage, fuzz.kPath, format::Detail::kStorage);
  // Those who tell look at checksums as well.
  format::testing::check_told(status, info, fuzz.workload.reader.verify_checksums);
  return 0;
}
