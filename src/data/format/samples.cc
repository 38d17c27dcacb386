#include "data/format/samples.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "config/sample_geometry.h"

namespace stoker::format {
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

std::vector<std::uint64_t> shape_of(const config::Dataset& dataset, std::uint64_t file) {
  const std::vector<std::int64_t> shape = config::sample_shape(dataset, file);
  return {shape.begin(), shape.end()};
}

}  // namespace

Status check_element_type(const config::Workload& workload) {
  switch (workload.dataset.record_element_type) {
    case DType::kString:
    case DType::kBinary:
    case DType::kList: break;
    default: return {};
  }
  return Error{.code = Code::kConfig,
               .message = fmt::format("dataset.record_element_type: found {}, expected a number or bool for format {}",
                                      config::to_string(workload.dataset.record_element_type),
                                      config::to_string(workload.dataset.format)),
               .hint = "set ++workload.dataset.record_element_type=uint8"};
}

std::uint64_t equal_sample_files(const config::Workload& workload, std::uint64_t /*first*/) {
  return config::files_of_one_size(workload.dataset);
}

ValueType value_type(DType dtype) {
  using enum DType;
  switch (dtype) {
    case kBool: return ValueType::kBool;
    case kInt8:
    case kInt16:
    case kInt32:
    case kInt64: return ValueType::kSigned;
    case kUint8:
    case kUint16:
    case kUint32:
    case kUint64: return ValueType::kUnsigned;
    case kFloat16:
    case kFloat32:
    case kFloat64: return ValueType::kFloat;
    default: return ValueType::kBinary;
  }
}

std::optional<DType> element_type(ValueType type, std::uint64_t width) {
  using enum DType;
  for (const DType dtype :
       {kBool, kInt8, kInt16, kInt32, kInt64, kUint8, kUint16, kUint32, kUint64, kFloat16, kFloat32, kFloat64}) {
    if (value_type(dtype) == type && config::element_bytes(dtype) == width) return dtype;
  }
  return std::nullopt;
}

SampleValues::SampleValues(const config::Dataset& dataset, const dataset::FileSpec& spec)
    : SampleValues(dataset.record_element_type, shape_of(dataset, spec.index), spec.rows, column_key(spec.index, 0)) {}

SampleValues::SampleValues(DType dtype, std::vector<std::uint64_t> sample_shape, std::uint64_t samples,
                           std::uint64_t key)
    : dtype_(dtype), shape_(std::move(sample_shape)), samples_(samples), key_(key), kind_(kind_of(dtype)) {
  for (const std::uint64_t axis : shape_) per_sample_ *= axis;
}

void SampleValues::fill(std::uint64_t at, MutBytes out) const {
  if (out.empty()) return;
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

Status SampleValues::put(std::uint64_t at, std::uint64_t bytes, ByteTarget& out, const std::stop_token& stop) const {
  constexpr std::uint64_t kBetweenLooks = std::uint64_t{1} << 20;
  std::uint64_t next_look = 0;
  for (std::uint64_t done = 0; done < bytes;) {
    if (done >= next_look) {
      if (stop.stop_requested()) return make_error(Code::kInterrupted, "stopped while writing samples");
      next_look += kBetweenLooks;
    }
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(bytes - done, ByteTarget::kMaxReserve));
    STOKER_ASSIGN(const MutBytes room, out.reserve(n));
    fill(at + done, room.first(n));
    out.commit(n);
    done += n;
  }
  return {};
}

}  // namespace stoker::format
