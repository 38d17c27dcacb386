// How many rows each file of a split has: one number where all have as many, else eight bytes a file, and eight more
// when some have none.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace stoker::dataset {

// Files that differ take memory; no more of them than this are counted.
inline constexpr std::uint64_t kMostUnequalFiles = 10'000'000;

// Immutable; copies share the numbers. Safe from many threads.
class RowCounts {
 public:
  RowCounts() = default;  // of no file
  // Code::kCorrupt, here and below, when there are more than 2^62 rows in all.
  [[nodiscard]] static Result<RowCounts> equal(std::uint64_t files, std::uint64_t rows);
  // The rows of each file, in order. Files that all have as many are kept as one number.
  [[nodiscard]] static Result<RowCounts> of(std::vector<std::uint64_t> rows);

  [[nodiscard]] std::uint64_t files() const { return files_; }
  [[nodiscard]] std::uint64_t total() const { return total_; }
  [[nodiscard]] std::uint64_t rows(std::uint64_t file) const { return each_ ? (*each_)[file] : common_; }
  // The rows that every file has; nullopt when they differ.
  [[nodiscard]] std::optional<std::uint64_t> common() const {
    return each_ ? std::nullopt : std::optional<std::uint64_t>(common_);
  }
  // The first file that has another number of rows than file 0; nullopt when there is none.
  [[nodiscard]] std::optional<std::uint64_t> first_other() const;
  // The files that have rows, in order: how many they are, and the number of the i-th.
  [[nodiscard]] std::uint64_t filled() const {
    return filled_ ? filled_->size() : (common_ == 0 && !each_ ? 0 : files_);
  }
  [[nodiscard]] std::uint64_t filled(std::uint64_t i) const { return filled_ ? (*filled_)[i] : i; }

  // For sending to another rank; a few bytes a file where they differ.
  [[nodiscard]] std::string serialize() const;
  // Code::kCorrupt when the text is not what serialize() made.
  [[nodiscard]] static Result<RowCounts> parse(std::string_view text);

  friend bool operator==(const RowCounts& a, const RowCounts& b);

 private:
  std::uint64_t files_ = 0, total_ = 0, common_ = 0;
  std::shared_ptr<const std::vector<std::uint64_t>> each_;    // null when all files have as many
  std::shared_ptr<const std::vector<std::uint64_t>> filled_;  // null when all files have rows, or none
};

}  // namespace stoker::dataset
