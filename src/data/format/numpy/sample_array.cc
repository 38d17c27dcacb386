#include "data/format/numpy/sample_array.h"

#include <array>
#include <cstring>
#include <span>

#include "data/format/numpy/npy.h"

namespace stoker::format::numpy {

SampleArray::SampleArray(const config::Dataset& dataset, const dataset::FileSpec& spec)
    : values_(dataset, spec), header_(sample_array_header(values_)) {}

Status SampleArray::put(OutputBuffer& out, const std::stop_token& stop) const {
  STOKER_TRY(out.put(std::as_bytes(std::span(header_))));
  return values_.put(0, values_.bytes(), out, stop);
}

std::string sample_array_header(const SampleValues& values) {
  std::vector<std::uint64_t> shape = values.sample_shape();
  shape.push_back(values.samples());
  return npy_header(values.dtype(), shape);
}

std::vector<std::byte> labels(std::uint64_t samples) {
  const std::array shape{samples};
  const std::string header = npy_header(config::DType::kInt64, shape);
  std::vector<std::byte> bytes(header.size() + static_cast<std::size_t>(samples) * sizeof(std::int64_t));
  std::memcpy(bytes.data(), header.data(), header.size());
  return bytes;
}

}  // namespace stoker::format::numpy
