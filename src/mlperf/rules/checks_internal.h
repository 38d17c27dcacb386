// What the checks of one run share. Each check is a function that adds findings; judge.cc runs them and catches what
// they throw.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mlperf/rules/effective.h"
#include "mlperf/rules/finding.h"
#include "mlperf/rules/run.h"

namespace stoker::rules::internal {

struct CheckContext {
  const Run& run;
  Effective parameters;  // of the run, overrides included
  // The benchmark's own workload file for this model and accelerator, nothing where there is none.
  std::optional<Effective> stock;
};

using Findings = std::vector<Finding>;

struct Check {
  std::string_view rule;  // that it checks first; named when it throws
  void (*function)(const CheckContext&, Findings&);
};

[[nodiscard]] std::span<const Check> run_checks();  // of every run
[[nodiscard]] std::span<const Check> training_checks();
[[nodiscard]] std::span<const Check> checkpointing_checks();
[[nodiscard]] std::span<const Check> kvcache_checks();
[[nodiscard]] std::span<const Check> vectordb_checks();

// Runs them in order; one that throws becomes an INVALID finding of rule `run.checks` that names it.
void apply(std::span<const Check> checks, const CheckContext& context, Findings& findings);

// The workload file that the benchmark ships for the run's model and accelerator.
[[nodiscard]] std::optional<Effective> stock_parameters(const Run& run);

// Memory of all client hosts. Hosts whose facts are missing count as the largest known one; nothing when none is known.
[[nodiscard]] std::optional<std::uint64_t> total_memory_bytes(const Run& run);
// Hosts of the run: what the user asked for, or those that are known; at least 1.
[[nodiscard]] std::int64_t host_count(const Run& run);

// Judges every override of the run by the table.
void check_overrides(const CheckContext& context, Findings& findings, std::string_view benchmark);

}  // namespace stoker::rules::internal
