// The samples of generated files whose format has no columns: arrays of numbers or booleans of one shape, made of the
// file's stream of values.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "config/workload.h"
#include "data/dataset/layout.h"
#include "data/format/file_info.h"
#include "data/format/output_buffer.h"
#include "data/format/values.h"

namespace stoker::format {

// Code::kConfig unless dataset.record_element_type is a number or bool.
[[nodiscard]] Status check_element_type(const config::Workload&);
[[nodiscard]] ValueType value_type(config::DType);
// The other way round, for elements of so many bytes.
[[nodiscard]] std::optional<config::DType> element_type(ValueType, std::uint64_t width);

// Format::equal_files of such files: all, unless the sizes of samples are drawn.
[[nodiscard]] std::uint64_t equal_sample_files(const config::Workload&, std::uint64_t first);

class SampleValues {
 public:
  // Of the file that datagen writes for `spec`.
  SampleValues(const config::Dataset& dataset, const dataset::FileSpec& spec);
  // `samples` of that shape, of a stream of their own (values.h).
  SampleValues(config::DType dtype, std::vector<std::uint64_t> sample_shape, std::uint64_t samples, std::uint64_t key);

  [[nodiscard]] config::DType dtype() const { return dtype_; }
  [[nodiscard]] std::uint64_t samples() const { return samples_; }
  [[nodiscard]] const std::vector<std::uint64_t>& sample_shape() const { return shape_; }
  [[nodiscard]] std::uint64_t elements_per_sample() const { return per_sample_; }
  [[nodiscard]] std::uint64_t element_bytes() const { return config::element_bytes(dtype_); }
  [[nodiscard]] std::uint64_t sample_bytes() const { return per_sample_ * element_bytes(); }
  [[nodiscard]] std::uint64_t bytes() const { return sample_bytes() * samples_; }
  // Bytes [at, at + out.size()) of the elements in their order: element k is the k-th of the stream, complex numbers
  // are two of them. Which sample it belongs to is the format's matter (SampleAxis).
  void fill(std::uint64_t at, MutBytes out) const;
  // Bytes [at, at + bytes), made where they are sent from. A requested stop is seen now and then: Code::kInterrupted.
  [[nodiscard]] Status put(std::uint64_t at, std::uint64_t bytes, ByteTarget& out, const std::stop_token& stop) const;

 private:
  config::DType dtype_;
  std::vector<std::uint64_t> shape_;
  std::uint64_t samples_, per_sample_ = 1;
  std::uint64_t key_;
  ValueKind kind_;
};

}  // namespace stoker::format
