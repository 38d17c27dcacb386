// The row of the table of formats that stands for TFRecord files: a record with an Example for each sample.
#include "data/format/format.h"

#include <memory>
#include <string>

#include "data/format/sample_checker.h"
#include "data/format/samples.h"
#include "data/format/tfrecord/record.h"
#include "data/format/tfrecord/tfrecord_internal.h"

namespace stoker::format::tfrecord {
namespace {

std::string place_of(const SampleValues& values, std::uint64_t number) {
  const RecordLayout layout(values.sample_bytes());
  const std::uint64_t sample = number / values.elements_per_sample();
  return fmt::format("byte {} of the file", sample * layout.record_bytes() + layout.header().size() +
                                                layout.before().size() +
                                                number % values.elements_per_sample() * values.element_bytes());
}

Result<std::unique_ptr<ValueChecker>> make_checker(const config::Workload& workload) {
  STOKER_TRY(validate(workload));
  return make_sample_checker(workload.dataset, {.what = "feature", .is_typed = false, .place = place_of});
}

}  // namespace

// Listed in data/format/registry.cc.
extern const Format kFormat;
const Format kFormat{
    .name = config::FormatName::kTfrecord,
    .extension = "tfrecord",
    .granularity = Granularity::kRowGroup,
    .odirect = true,
    .codec_library = nullptr,
    .validate = validate,
    .make_writer = make_writer,
    .equal_files = equal_sample_files,
    .file_bytes = file_bytes,
    .make_side = make_side,
    .make_contents = nullptr,
    .make_reader = make_reader,
    .worker_bytes = worker_bytes,
    .make_checker = make_checker,
    .inspect = inspect,
};

}  // namespace stoker::format::tfrecord
