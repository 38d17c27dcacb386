#include "data/format/numpy/sample_array.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "config/sample_geometry.h"
#include "data/format/numpy/npy.h"

namespace stoker::format::numpy {
namespace {

using config::DType;

ValueKind kind_of(DType dtype) {
  switch (dtype) {
    case DType::kUint16:
    case DType::kInt16: return ValueKind::kRaw16;
    case DType::kUint32:
    case DType::kInt32: return ValueKind::kRaw32;
    case DType::kUint64:
    case DType::kInt64: return ValueKind::kRaw64;
    case DType::kFloat16: return ValueKind::kUnitFloat16;
    case DType::kFloat32:
    case DType::kComplex64: return ValueKind::kUnitFloat32;
    case DType::kFloat64:
    case DType::kComplex128: return ValueKind::kUnitFloat64;
    default: return ValueKind::kRaw8;
  }
}

std::vector<std::uint64_t> shape_of(const config::Dataset& dataset, const dataset::FileSpec& spec) {
  const std::vector<std::int64_t> sample = config::sample_shape(dataset, spec.index);
  std::vector<std::uint64_t> shape(sample.begin(), sample.end());
  shape.push_back(spec.rows);
  return shape;
}

}  // namespace

SampleArray::SampleArray(const config::Dataset& dataset, const dataset::FileSpec& spec)
    : dtype_(dataset.record_element_type),
      shape_(shape_of(dataset, spec)),
      key_(column_key(spec.index, 0)),
      kind_(kind_of(dtype_)),
      header_(npy_header(dtype_, shape_)) {
  for (std::size_t axis = 0; axis + 1 < shape_.size(); ++axis) per_sample_ *= shape_[axis];
}

void SampleArray::fill(std::uint64_t at, MutBytes out) const {
  if (kind_ == ValueKind::kRaw8) {
    fill_bytes(key_, at, out);
    if (dtype_ != DType::kBool) return;
    for (std::byte& flag : out) flag &= std::byte{1};
    return;
  }
  // Parts of an element at both ends, whole ones between them.
  const std::size_t width = value_bytes(kind_);
  const auto part = [&](MutBytes into) {
    std::array<std::byte, sizeof(std::uint64_t)> element{};
    fill_values(kind_, key_, at / width, 1, element.data());
    std::memcpy(into.data(), element.data() + at % width, into.size());
    at += into.size();
    out = out.subspan(into.size());
  };
  if (at % width != 0) part(out.first(std::min<std::size_t>(out.size(), width - at % width)));
  const std::size_t count = out.size() / width;
  fill_values(kind_, key_, at / width, count, out.data());
  at += count * width;
  out = out.subspan(count * width);
  if (!out.empty()) part(out);
}

Status SampleArray::put(OutputBuffer& out, const std::stop_token& stop) const {
  STOKER_TRY(out.put(std::as_bytes(std::span(header_))));
  const std::uint64_t bytes = data_bytes();
  constexpr std::uint64_t kBetweenLooks = std::uint64_t{1} << 20;
  for (std::uint64_t at = 0; at < bytes;) {
    if (at % kBetweenLooks == 0 && stop.stop_requested())
      return make_error(Code::kInterrupted, "stopped while writing an array");
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(bytes - at, ByteTarget::kMaxReserve));
    STOKER_ASSIGN(const MutBytes room, out.reserve(n));
    fill(at, room.first(n));
    out.commit(n);
    at += n;
  }
  return {};
}

std::vector<std::byte> labels(std::uint64_t samples) {
  const std::array shape{samples};
  const std::string header = npy_header(DType::kInt64, shape);
  std::vector<std::byte> bytes(header.size() + static_cast<std::size_t>(samples) * sizeof(std::int64_t));
  std::memcpy(bytes.data(), header.data(), header.size());
  return bytes;
}

}  // namespace stoker::format::numpy
