// A whole TFRecord file, read as training and as tools read it.
#include "data/format/testing/fuzz_file.h"
#include "data/format/tfrecord/tfrecord_internal.h"

namespace {

using namespace stoker;  // NOLINT(google-build-using-namespace)

Status read_all(format::testing::FuzzFile& fuzz) {
  STOKER_ASSIGN(const auto reader, format::tfrecord::make_reader(fuzz.workload, fuzz.storage));
  return format::testing::read_units(*reader, {});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  format::testing::FuzzFile fuzz(data, size, 0);
  fuzz.workload.dataset.format = config::FormatName::kTfrecord;
  const Status status = read_all(fuzz);
  format::testing::check_told(status, format::tfrecord::inspect(fuzz.storage, fuzz.kPath, format::Detail::kStorage));
  return 0;
}
