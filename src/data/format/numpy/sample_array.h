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
#include "data/format/samples.h"

namespace stoker::format::numpy {

class SampleArray {
 public:
  // Of the file that datagen writes for `spec`.
  SampleArray(const config::Dataset& dataset, const dataset::FileSpec& spec);

  // In C order, that of the array's elements.
  [[nodiscard]] const SampleValues& values() const { return values_; }
  // What stands in front of the elements in a .npy file.
  [[nodiscard]] const std::string& header() const { return header_; }
  // Header and elements, made where they are sent from. A requested stop is seen now and then: Code::kInterrupted.
  [[nodiscard]] Status put(OutputBuffer& out, const std::stop_token& stop) const;

 private:
  SampleValues values_;
  std::string header_;
};

// What stands in front of the elements of such an array.
[[nodiscard]] std::string sample_array_header(const SampleValues& values);

// y.npy of an archive: int64 zeros, one for each sample.
[[nodiscard]] std::vector<std::byte> labels(std::uint64_t samples);

}  // namespace stoker::format::numpy
