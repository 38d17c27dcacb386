#include <algorithm>
#include <utility>

#include "config/sample_geometry.h"
#include "data/format/csv/codec.h"
#include "data/format/csv/csv_internal.h"
#include "data/format/csv/sample_text.h"
#include "data/format/output_buffer.h"

namespace stoker::format::csv {
namespace {

// What a file is called without the end that its codec gives it.
std::string plain_name(const io::Path& path, const Codec& codec) {
  std::string name = path.filename().string();
  if (name.ends_with(codec.end)) name.resize(name.size() - codec.end.size());
  return name;
}

class CsvWriter final : public FileWriter {
 public:
  explicit CsvWriter(const config::Dataset& dataset)
      : dataset_(dataset), codec_(find_codec(dataset.compression)), text_(dataset.record_element_type) {
    if (codec_ == nullptr) return;
    compressor_ = codec_->make_compressor(dataset);
    plain_.resize(kPlainBytes);
  }

  Status write(const dataset::FileSpec& spec, io::Sink& file, const std::stop_token& stop) override {
    out_.begin(file);
    const SampleValues values(dataset_, spec);
    SampleText text(values, text_);
    STOKER_TRY(codec_ == nullptr ? put(text, stop) : put_compressed(text, plain_name(spec.path, *codec_), stop));
    return out_.finish();
  }

 private:
  static Status look(const std::stop_token& stop) {
    if (stop.stop_requested()) return make_error(Code::kInterrupted, "stopped while writing samples");
    return {};
  }
  Status put(SampleText& text, const std::stop_token& stop) {
    while (!text.at_end()) {
      STOKER_TRY(look(stop));
      STOKER_ASSIGN(const MutBytes room, out_.reserve(ByteTarget::kMaxReserve));
      out_.commit(text.make(room));
    }
    return {};
  }
  Status put_compressed(SampleText& text, const std::string& name, const std::stop_token& stop) {
    STOKER_TRY(compressor_->begin(name, out_));
    while (!text.at_end()) {
      STOKER_TRY(look(stop));
      const std::size_t bytes = text.make(plain_.bytes());
      STOKER_TRY(compressor_->put(plain_.bytes().first(bytes), out_));
    }
    return compressor_->finish(out_);
  }

  const config::Dataset dataset_;
  const Codec* const codec_;  // null: none
  std::unique_ptr<TextCompressor> compressor_;
  AlignedBuffer plain_;
  const ValueText text_;
  OutputBuffer out_;
};

}  // namespace

Status validate(const config::Workload& workload) {
  STOKER_TRY(check_element_type(workload));
  const config::DType dtype = workload.dataset.record_element_type;
  if (dtype != config::DType::kComplex64 && dtype != config::DType::kComplex128) return {};
  return Error{.code = Code::kConfig,
               .message = fmt::format("dataset.record_element_type: found {}, expected a real number or bool for "
                                      "format csv, whose readers take complex numbers for text",
                                      config::to_string(dtype)),
               .hint = "set ++workload.dataset.record_element_type=float32, or ++workload.dataset.format=npy"};
}

Result<std::unique_ptr<FileWriter>> make_writer(const config::Workload& workload) {
  STOKER_TRY(validate(workload));
  return std::unique_ptr<FileWriter>(std::make_unique<CsvWriter>(workload.dataset));
}

std::optional<std::string> codec_library(const config::Workload& workload) {
  const Codec* const codec = find_codec(workload.dataset.compression);
  return codec == nullptr ? std::nullopt : std::optional(codec->library());
}

Result<SizeRange> file_bytes(const config::Workload& workload, const dataset::FileSpec& spec) {
  STOKER_TRY(validate(workload));
  const SampleValues values(workload.dataset, spec);
  const std::uint64_t elements = values.samples() * values.elements_per_sample();
  const TextBounds bounds = text_bounds(values.dtype());
  const std::uint64_t least = elements * (bounds.least + 1), most = elements * (bounds.most + 1);
  const Codec* const codec = find_codec(workload.dataset.compression);
  return codec == nullptr ? SizeRange{least, most} : SizeRange{codec->least(least), codec->most(most)};
}

}  // namespace stoker::format::csv
