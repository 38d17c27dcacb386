// The values that a run really had: its parameters with its overrides on top. Read leniently, because runs of other
// programs have numbers as text and keys under their old names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mlperf/plan/sizing.h"
#include "mlperf/rules/run.h"
#include "results/json.h"

namespace stoker::rules {

// "workload.data_reader.x" -> "reader.x", old names -> new ones; unknown keys unchanged.
[[nodiscard]] std::string canonical_key(std::string_view key);

class Effective {
 public:
  // `parameters` is nested, `overrides` flat. Neither need be an object.
  Effective(const results::Json& parameters, const results::Json& overrides);

  // The value of a canonical key, or null; valid while this lives.
  [[nodiscard]] const results::Json* find(std::string_view key) const;
  // Numbers also when they are text ("4"); nothing when absent or something else.
  [[nodiscard]] std::optional<double> number(std::string_view key) const;
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key) const;  // without a fraction only
  [[nodiscard]] std::optional<bool> flag(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key) const;  // "" when absent

 private:
  results::Json tree_;
};

// A value as a user would type it: texts without quotes.
[[nodiscard]] std::string value_text(const results::Json& value);
[[nodiscard]] std::optional<double> number_of(const results::Json& value);

// What size the samples and files of such a workload have; absent keys have the defaults of the configuration.
[[nodiscard]] mlperf::DatasetShape shape_of(const Effective& parameters);

}  // namespace stoker::rules
