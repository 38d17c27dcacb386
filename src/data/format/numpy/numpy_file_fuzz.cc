// A whole .npy file or .npz archive, read as training and as tools read it.
#include "data/format/numpy/numpy_internal.h"
#include "data/format/testing/fuzz_file.h"

namespace {

using namespace stoker;  // NOLINT(google-build-using-namespace)

Status read_all(format::testing::FuzzFile& fuzz) {
  STOKER_ASSIGN(const auto reader, format::numpy::make_reader(fuzz.workload, fuzz.storage));
  return format::testing::read_units(*reader, {.rows_of_unit = 100});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  format::testing::FuzzFile fuzz(data, size, 1);
  const bool is_npy = (fuzz.choice & 1U) != 0;
  fuzz.workload.dataset.format = is_npy ? config::FormatName::kNpy : config::FormatName::kNpz;
  const Status status = read_all(fuzz);
  const auto inspect = is_npy ? format::numpy::inspect_npy : format::numpy::inspect_npz;
  format::testing::check_told(status, inspect(fuzz.storage, fuzz.kPath, format::Detail::kStorage));
  return 0;
}
