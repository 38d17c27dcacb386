// Which rows a rank reads in an epoch, and in which order: plain data, made by pure functions. O(1) memory when all
// files have as many rows, a few bytes a file when they differ. The rules are those of docs/ARCHITECTURE.md, "Who reads
// what".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/hash.h"
#include "base/status.h"
#include "data/dataset/row_counts.h"
#include "data/dataset/row_line.h"
#include "data/dataset/visit.h"

namespace stoker::dataset {

struct PlanRequest {
  std::uint64_t files = 0;             // F
  std::uint64_t samples_per_file = 0;  // S, true rows
  std::uint64_t batch_size = 0;        // B
  int rank = 0;
  int ranks = 1;                  // n
  std::uint64_t steps_limit = 0;  // > 0: at most that many steps
  bool shuffle_files = false;
  bool shuffle_samples = false;
  std::uint64_t file_seed = 0, sample_seed = 0;  // of this epoch
  // A shuffled order addresses single rows (formats that seek to a sample); else units of a file.
  bool by_sample = false;
  // The rows of each file. When given, files and samples_per_file are not looked at.
  std::optional<RowCounts> row_counts;
};

// floor(rows of all files / (B * n)), then limited.
[[nodiscard]] std::uint64_t steps_per_epoch(const PlanRequest&);

class EpochPlan {
 public:
  // Requires files, their rows, batch_size > 0 and 0 <= rank < ranks.
  explicit EpochPlan(const PlanRequest&);

  [[nodiscard]] std::uint64_t steps() const { return steps_; }
  [[nodiscard]] std::uint64_t rows() const { return rows_; }  // of this rank: steps * batch size
  [[nodiscard]] std::uint64_t batch_size() const { return request_.batch_size; }
  [[nodiscard]] std::uint64_t visits() const { return visits_; }
  // Rows of each file that the plan chooses from.
  [[nodiscard]] const RowCounts& row_counts() const { return row_counts_; }
  // k < visits(); visits cover positions [0, rows()) in order without gaps.
  [[nodiscard]] Visit visit(std::uint64_t k) const;
  // Whether files are visited again and again (single rows of them in any order).
  [[nodiscard]] bool returns_to_files() const { return request_.shuffle_samples && request_.by_sample; }
  // Rows of the epoch that no rank reads: the remainder of all rows by B * n, and what steps_limit leaves.
  [[nodiscard]] std::uint64_t dropped_rows() const;

 private:
  // File at a place of the epoch's file order.
  [[nodiscard]] std::uint64_t file_at(std::uint64_t place) const;
  [[nodiscard]] Visit single_row(std::uint64_t k) const;
  void lay_line();  // for files that differ

  PlanRequest request_;
  RowCounts row_counts_;
  std::uint64_t steps_ = 0, rows_ = 0, visits_ = 0;
  // See plan.cc for the meaning of each.
  std::uint64_t whole_files_ = 0, partial_rows_ = 0, tail_begin_ = 0, tail_rows_ = 0;
  Permutation file_order_, visit_order_;
  std::shared_ptr<const RowLine> line_;  // of files that differ; then visit_order_ is that of single rows
};

}  // namespace stoker::dataset
