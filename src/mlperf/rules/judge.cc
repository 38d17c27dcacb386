#include "mlperf/rules/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <limits>

#include "base/units.h"
#include "config/load.h"
#include "mlperf/plan/catalogue.h"
#include "mlperf/plan/checkpoint_sizing.h"
#include "mlperf/rules/checks_internal.h"
#include "results/yaml_json.h"

namespace stoker::rules {
namespace internal {
namespace {

using results::BenchmarkType;

void check_finished(const CheckContext& c, Findings& findings) {
  if (c.run.planned() || c.run.finished) return;
  findings.push_back({.rule = "run.finished",
                      .message = "the run did not end well: it left no summary, or one that says it failed",
                      .expected = "a finished run",
                      .actual = "an unfinished one",
                      .remedy = "repeat the run; its stderr log says why it ended"});
}

// That facts are missing is said, and what was assumed; what cannot be judged at all without them is said by the rule
// that needs them.
void check_hosts(const CheckContext& c, Findings& findings) {
  const Run& run = c.run;
  const auto add = [&](std::string message, std::string expected, std::string actual, std::string remedy) {
    findings.push_back({.rule = "run.hosts",
                        .category = Category::kClosed,
                        .message = std::move(message),
                        .parameter = "hosts",
                        .expected = std::move(expected),
                        .actual = std::move(actual),
                        .remedy = std::move(remedy),
                        .severity = Severity::kWarning});
  };
  const auto known = static_cast<std::int64_t>(run.hosts.size());
  if (known == 0) return;
  if (known < run.num_hosts) {
    add(fmt::format("{} of {} hosts told their memory; the others are taken to have as much as the largest of them",
                    known, run.num_hosts),
        fmt::format("facts of {} hosts", run.num_hosts), fmt::format("{}", known),
        "make sure that the launcher reaches every host, and that all have the same memory");
  }
  if (run.hosts_from == "args") {
    add("the memory of the hosts is what the command line says; it was not measured", "facts read on each host",
        "--client-host-memory-in-gb", "run where the hosts can be asked");
  } else if (run.hosts_from == "local_fallback") {
    add("the hosts could not be asked; the facts are those of the launching host", "facts read on each host",
        "facts of one", "see the messages about the launcher");
  }
}

}  // namespace

std::span<const Check> run_checks() {
  static constexpr std::array kChecks{Check{"run.finished", check_finished}, Check{"run.hosts", check_hosts}};
  return kChecks;
}

void apply(std::span<const Check> checks, const CheckContext& context, Findings& findings) {
  for (const Check& check : checks) {
    try {
      check.function(context, findings);
    } catch (const std::exception& error) {
      findings.push_back({.rule = "run.checks",
                          .message = fmt::format("the check of rule {} failed: {}", check.rule, error.what()),
                          .remedy = "a file of the run may be damaged; look at its metadata and summary"});
    }
  }
}

std::optional<Effective> stock_parameters(const Run& run) {
  config::LoadRequest request;
  if (run.id.type == BenchmarkType::kTraining) {
    const auto name = mlperf::run_workload(run.id.model, run.accelerator);
    if (!name) return std::nullopt;
    request.workload = *name;
  } else if (run.id.type == BenchmarkType::kCheckpointing && mlperf::find_checkpoint_model(run.id.model) != nullptr) {
    request.workload = mlperf::checkpoint_workload(run.id.model);
  } else {
    return std::nullopt;
  }
  const auto loaded = config::load(request);
  if (!loaded) return std::nullopt;
  const auto tree = results::yaml_to_json(loaded->merged_yaml, request.workload);
  if (!tree) return std::nullopt;
  return Effective(tree->contains("workload") ? (*tree)["workload"] : *tree, results::Json());
}

std::optional<std::uint64_t> total_memory_bytes(const Run& run) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  const auto add = [](std::uint64_t a, std::uint64_t b) { return a > kMost - b ? kMost : a + b; };
  std::uint64_t sum = 0;
  std::uint64_t largest = 0;
  for (const HostFacts& host : run.hosts) {
    sum = add(sum, host.memory_bytes);
    largest = std::max(largest, host.memory_bytes);
  }
  if (largest == 0) return std::nullopt;
  const auto known = static_cast<std::int64_t>(run.hosts.size());
  if (run.num_hosts <= known) return sum;
  const auto unknown = static_cast<std::uint64_t>(run.num_hosts - known);
  return unknown > kMost / largest ? kMost : add(sum, unknown * largest);
}

std::int64_t host_count(const Run& run) {
  return std::max({std::int64_t{1}, run.num_hosts, static_cast<std::int64_t>(run.hosts.size())});
}

}  // namespace internal

Judgement judge(const Run& run) {
  using results::BenchmarkType;
  Judgement judgement;
  const bool measured = run.id.command.empty() || run.id.command == "run" || run.id.command == "configview";
  if (!measured) {
    judgement.findings.push_back({.rule = "run.command",
                                  .category = Category::kClosed,
                                  .message = fmt::format("'{}' measures nothing: only runs are judged", run.id.command),
                                  .severity = Severity::kInfo});
    return judgement;
  }
  const internal::CheckContext context{run, Effective(run.parameters, run.overrides), internal::stock_parameters(run)};
  internal::apply(internal::run_checks(), context, judgement.findings);
  switch (run.id.type) {
    case BenchmarkType::kTraining: internal::apply(internal::training_checks(), context, judgement.findings); break;
    case BenchmarkType::kCheckpointing:
      internal::apply(internal::checkpointing_checks(), context, judgement.findings);
      break;
    case BenchmarkType::kKvCache: internal::apply(internal::kvcache_checks(), context, judgement.findings); break;
    case BenchmarkType::kVectorDatabase:
      internal::apply(internal::vectordb_checks(), context, judgement.findings);
      break;
  }
  return judgement;
}

}  // namespace stoker::rules
