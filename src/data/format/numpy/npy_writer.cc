// The samples' array alone.
#include <algorithm>
#include <span>

#include "config/sample_geometry.h"
#include "data/format/numpy/npy.h"
#include "data/format/numpy/numpy_internal.h"
#include "data/format/numpy/sample_array.h"

namespace stoker::format::numpy {
namespace {

class NpyWriter final : public FileWriter {
 public:
  explicit NpyWriter(const config::Dataset& dataset) : dataset_(dataset) {}

  Status write(const dataset::FileSpec& spec, io::Sink& file, const std::stop_token& stop) override {
    out_.begin(file);
    STOKER_TRY(SampleArray(dataset_, spec).put(out_, stop));
    return out_.finish();
  }

 private:
  const config::Dataset dataset_;
  OutputBuffer out_;
};

class NpyFile final : public FileContents {
 public:
  NpyFile(const config::Dataset& dataset, const dataset::FileSpec& spec) : array_(dataset, spec) {}
  [[nodiscard]] std::uint64_t size() const override { return array_.header().size() + array_.values().bytes(); }
  void read(std::uint64_t offset, MutBytes into) const override {
    const Bytes header = std::as_bytes(std::span(array_.header()));
    if (offset < header.size()) {
      const Bytes rest = header.subspan(static_cast<std::size_t>(offset));
      const Bytes part = rest.first(std::min(rest.size(), into.size()));
      std::ranges::copy(part, into.begin());
      into = into.subspan(part.size());
      offset += part.size();
    }
    if (!into.empty()) array_.values().fill(offset - header.size(), into);
  }

 private:
  const SampleArray array_;
};

class NpyContents final : public Contents {
 public:
  explicit NpyContents(const config::Dataset& dataset) : dataset_(dataset) {}
  Result<std::unique_ptr<FileContents>> file(const dataset::FileSpec& spec) override {
    return std::unique_ptr<FileContents>(std::make_unique<NpyFile>(dataset_, spec));
  }

 private:
  const config::Dataset dataset_;
};

}  // namespace

Status validate(const config::Workload& workload) {
  // NumPy has at most 64 axes, one of which are the samples.
  constexpr std::size_t kMostDims = 63;
  if (workload.dataset.record_dims.size() > kMostDims) {
    return Error{.code = Code::kConfig,
                 .message = fmt::format("dataset.record_dims: found {} dimensions, expected at most {} for format {}",
                                        workload.dataset.record_dims.size(), kMostDims,
                                        config::to_string(workload.dataset.format)),
                 .hint = "give fewer dimensions"};
  }
  return check_element_type(workload);
}

Result<std::unique_ptr<FileWriter>> make_npy_writer(const config::Workload& workload) {
  STOKER_TRY(validate(workload));
  return std::unique_ptr<FileWriter>(std::make_unique<NpyWriter>(workload.dataset));
}

Result<SizeRange> npy_file_bytes(const config::Workload& workload, const dataset::FileSpec& spec) {
  STOKER_TRY(validate(workload));
  const std::uint64_t bytes = NpyFile(workload.dataset, spec).size();
  return SizeRange{bytes, bytes};
}

Result<std::unique_ptr<Contents>> make_npy_contents(const config::Workload& workload) {
  STOKER_TRY(validate(workload));
  return std::unique_ptr<Contents>(std::make_unique<NpyContents>(workload.dataset));
}

}  // namespace stoker::format::numpy
