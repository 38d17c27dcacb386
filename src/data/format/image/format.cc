// The rows of the table of formats that stand for JPEG and PNG: one image a file.
#include "data/format/format.h"

#include <memory>
#include <string>

#include "config/sample_geometry.h"
#include "data/format/file_info.h"
#include "data/format/image/image_bytes.h"
#include "data/format/image/image_internal.h"
#include "data/format/samples.h"

namespace stoker::format::image {
namespace {

class ImageWriter final : public FileWriter {
 public:
  ImageWriter(Kind kind, const config::Dataset& dataset) : kind_(kind), dataset_(dataset) {}
  Status write(const dataset::FileSpec& spec, io::Sink& file, const std::stop_token& stop) override {
    out_.begin(file);
    STOKER_TRY(ImageBytes(kind_, dataset_, spec).put(out_, stop));
    return out_.finish();
  }

 private:
  const Kind kind_;
  const config::Dataset dataset_;
  OutputBuffer out_;
};

Status validate(const config::Workload& workload) {
  const std::uint64_t bytes = config::largest_sample_bytes(workload.dataset);
  if (bytes <= kMostBytes) return {};
  return Error{
      .code = Code::kConfig,
      .message = fmt::format("dataset.record_length_bytes: an image of {} bytes, expected less than 4 GiB", bytes),
      .hint = "lower it"};
}

Result<std::unique_ptr<FileWriter>> make_writer(const config::Workload& workload) {
  STOKER_TRY(validate(workload));
  return std::unique_ptr<FileWriter>(std::make_unique<ImageWriter>(kind_of(workload), workload.dataset));
}

Result<SizeRange> file_bytes(const config::Workload& workload, const dataset::FileSpec& spec) {
  const std::uint64_t bytes = ImageBytes(kind_of(workload), workload.dataset, spec).size();
  return SizeRange{bytes, bytes};
}

Result<FileInfo> inspect(io::Storage& storage, const io::Path& path, Detail detail) {
  STOKER_ASSIGN(const std::uint64_t bytes, storage.file_size(path));
  FileInfo info{.file_bytes = bytes, .rows = 1, .num_row_groups = 1};
  info.schema.push_back({.name = "image", .physical = "bytes"});
  info.columns.push_back({.name = "image", .type = "binary", .values = ValueType::kBinary, .levels = {{}}});
  if (detail == Detail::kSchema) return info;
  info.row_groups.push_back(
      {.rows = 1, .columns = {{.codec = "UNCOMPRESSED", .values = 1, .stored_bytes = bytes, .plain_bytes = bytes}}});
  return info;
}

constexpr Format row(config::FormatName name, std::string_view extension) {
  return {
      .name = name,
      .extension = extension,
      .granularity = Granularity::kFile,
      .odirect = true,
      .codec_library = nullptr,
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
}

}  // namespace

// Listed in data/format/registry.cc.
extern const Format kJpeg, kPng;
const Format kJpeg = row(config::FormatName::kJpeg, "jpeg");
const Format kPng = row(config::FormatName::kPng, "png");

}  // namespace stoker::format::image
