// Which settings of a workload a run may change: one table per benchmark.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "mlperf/rules/finding.h"
#include "results/json.h"

namespace stoker::rules {

// A key, or with a trailing '*' all keys that begin so. The first row that fits counts.
struct OverrideRow {
  std::string_view key;
  Category category = Category::kInvalid;
  std::string_view reason;  // why, as a sentence without its full stop
  // Rows whose verdict depends on the value: this one is as if the key was not set (CLOSED); every other value gets
  // `category`. "": any value.
  std::string_view neutral_value{};
  bool ours = false;  // a key or a judgement that the benchmark's own tools do not know
};

[[nodiscard]] std::span<const OverrideRow> training_overrides();
[[nodiscard]] std::span<const OverrideRow> checkpointing_overrides();

// What the table says of a key that has this value. A key of no row is INVALID.
struct KeyVerdict {
  Category category = Category::kInvalid;
  std::string_view reason;         // as in the row, or that the value is neutral
  std::string_view neutral_value;  // that would have been CLOSED; "" if there is none
};
[[nodiscard]] KeyVerdict judge_key(std::span<const OverrideRow> table, std::string_view key, std::string_view value);

// One override. `key` is canonical (config::find_field). `stock`: the value that the workload file has without any
// override, null when unknown: an override that repeats it is judged by its key all the same, as the submission checker
// does, but the remedy says so.
[[nodiscard]] Finding judge_override(std::span<const OverrideRow> table, std::string_view benchmark,
                                     const std::string& key, const results::Json& value, const results::Json& stock);

}  // namespace stoker::rules
