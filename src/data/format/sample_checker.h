// Compares samples that were read with those that datagen wrote (samples.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/workload.h"
#include "data/format/samples.h"
#include "data/format/value_checker.h"

namespace stoker::format {

// Which axis of an array the samples are, in the order of the stream's elements: each sample whole after the other, or
// the same element of all samples before the next.
enum class SampleAxis { kFirst, kLast };

struct CheckedSamples {
  std::string_view what;  // for messages: what each column of a chunk is called, "array"
  SampleAxis axis = SampleAxis::kFirst;
  // Whether a file says of what type its elements are; else columns are bytes.
  bool is_typed = true;
  // The columns of a chunk of that file, in its order. Null: one, with the file's samples.
  std::vector<SampleValues> (*columns)(const config::Dataset&, const dataset::FileSpec&) = nullptr;
  // For messages, where in the file element `number` of the stream lies: "byte 128 of x.npy". Null: the chunk's locator
  // knows, or nobody.
  std::string (*place)(const SampleValues&, std::uint64_t number) = nullptr;
};

// Chunks have a column of fixed width for each array of samples, in pieces of whole elements; with SampleAxis::kLast in
// one piece. Those are sorted: each sample's elements lie together.
[[nodiscard]] std::unique_ptr<ValueChecker> make_sample_checker(const config::Dataset&, const CheckedSamples&);

}  // namespace stoker::format
