// The array that holds the samples of one file of a data set, as DLIO lays it out: a sample's own axes first, the
// samples are the last axis. And the labels beside it, which are zeros.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "config/workload.h"
#include "data/dataset/layout.h"
#include "data/format/output_buffer.h"
#include "data/format/values.h"

namespace stoker::format::numpy {

class SampleArray {
 public:
  // Of the file that datagen writes for `spec`.
  SampleArray(const config::Dataset& dataset, const dataset::FileSpec& spec);

  [[nodiscard]] config::DType dtype() const { return dtype_; }
  [[nodiscard]] std::uint64_t samples() const { return shape_.back(); }
  [[nodiscard]] std::uint64_t elements_per_sample() const { return per_sample_; }
  // What stands in front of the elements in a .npy file, and how many bytes these take.
  [[nodiscard]] const std::string& header() const { return header_; }
  [[nodiscard]] std::uint64_t data_bytes() const { return per_sample_ * samples() * config::element_bytes(dtype_); }
  // Bytes [at, at + out.size()) of the elements. Element k of the array in C order is the k-th of the file's stream
  // (values.h); complex numbers are two of them.
  void fill(std::uint64_t at, MutBytes out) const;
  // Header and elements, made where they are sent from. A requested stop is seen now and then: Code::kInterrupted.
  [[nodiscard]] Status put(OutputBuffer& out, const std::stop_token& stop) const;

 private:
  config::DType dtype_;
  std::vector<std::uint64_t> shape_;
  std::uint64_t per_sample_ = 1;
  std::uint64_t key_;
  ValueKind kind_;
  std::string header_;
};

// y.npy of an archive: int64 zeros, one for each sample.
[[nodiscard]] std::vector<std::byte> labels(std::uint64_t samples);

}  // namespace stoker::format::numpy
