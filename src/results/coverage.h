// Which rows each epoch read, as summary.json has it under `coverage` (docs/metrics.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "results/json.h"

namespace stoker::results {

namespace internal {
class Fields;
}

// One epoch, all ranks. Counts of rows.
struct EpochCoverage {
  std::uint64_t planned = 0;
  std::uint64_t read = 0;  // different rows that were delivered
  std::uint64_t read_more_than_once = 0;
  std::uint64_t left_out = 0;  // of the files' rows, those that were not read
  std::string digest;          // of the rows that were read, 16 hexadecimal digits
  friend bool operator==(const EpochCoverage&, const EpochCoverage&) = default;
};

struct CoverageFacts {
  std::vector<EpochCoverage> train, eval;
  friend bool operator==(const CoverageFacts&, const CoverageFacts&) = default;
};

[[nodiscard]] Json to_json(const CoverageFacts& facts);
// The member `coverage` of a summary; nullopt when it has none.
[[nodiscard]] std::optional<CoverageFacts> get_coverage(internal::Fields& summary);

// "4,000 of 4,096 samples read in each of 2 epochs, none more than once; digest 0123456789abcdef". Empty without
// epochs.
[[nodiscard]] std::string coverage_text(const std::vector<EpochCoverage>& epochs);

}  // namespace stoker::results
