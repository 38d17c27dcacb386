// Checks of one checkpointing run.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/units.h"
#include "config/load.h"
#include "mlperf/plan/checkpoint_sizing.h"
#include "mlperf/rules/checks_internal.h"
#include "mlperf/rules/planned_run.h"
#include "mlperf/rules/workload_change_internal.h"

namespace stoker::rules::internal {
namespace {

using enum Category;
using mlperf::CheckpointModel;

constexpr std::int64_t kLeastPerHost = 4;

const CheckpointModel* model_of(const CheckContext& c) {
  return mlperf::find_checkpoint_model(c.run.id.model);
}

bool is_subset(const CheckContext& c) {
  return c.parameters.text("checkpoint.mode") == "subset";
}

void check_model(const CheckContext& c, Findings& findings) {
  if (model_of(c) != nullptr) return;
  std::vector<std::string_view> names;
  for (const auto& model : mlperf::checkpoint_models()) names.push_back(model.name);
  findings.push_back({.rule = "checkpointing.model",
                      .message = "the benchmark has no such model",
                      .parameter = "model",
                      .expected = fmt::format("one of {}", fmt::join(names, ", ")),
                      .actual = c.run.id.model.empty() ? "none" : c.run.id.model,
                      .remedy = "run one of the benchmark's models"});
}

void check_mode(const CheckContext& c, Findings& findings) {
  const CheckpointModel* model = model_of(c);
  const std::string mode = c.parameters.text("checkpoint.mode");
  const bool known = mode.empty() || mode == "default" || mode == "subset";
  // With fewer processes than the whole job has, the mode follows from their number: checkpointing.processes judges
  // that.
  const bool typed = model == nullptr || c.run.processes >= model->closed_processes;
  if (known && (model == nullptr || model->has_subset || mode != "subset" || !typed)) return;
  findings.push_back({.rule = "checkpointing.mode",
                      .message = known ? "this model has no subset: 8 processes are the whole of it"
                                       : "there is no such mode of checkpointing",
                      .parameter = "checkpoint.mode",
                      .expected = known ? "not set" : "subset, or not set",
                      .actual = mode,
                      .remedy = "leave it out"});
}

void check_workload(const CheckContext& c, Findings& findings) {
  check_workload_file(c, findings, "checkpointing");
}

void check_processes(const CheckContext& c, Findings& findings) {
  const CheckpointModel* model = model_of(c);
  if (model == nullptr) return;
  const bool subset = is_subset(c) && model->has_subset;
  const std::int64_t found = c.run.processes;
  const std::int64_t whole = model->closed_processes;
  if (found == (subset ? mlperf::kSubsetProcesses : whole)) return;
  // The number is one of the prescribed ones, but not in this mode, which then cannot follow from it: it was typed.
  const bool mode_is_wrong = found == whole || (found == mlperf::kSubsetProcesses && model->has_subset);
  const bool open = found >= model->instance_processes && found % model->instance_processes == 0;
  std::string counts = std::to_string(whole);
  if (model->has_subset) counts += fmt::format(", or {} as a subset", mlperf::kSubsetProcesses);
  findings.push_back(
      {.rule = "checkpointing.processes",
       .category = open ? kOpen : kInvalid,
       .message = open ? "this number of processes is for the OPEN division only"
                       : "this number of processes is neither the prescribed one nor a multiple of one instance of the "
                         "model",
       .parameter = "num_processes",
       .expected = fmt::format("{}; OPEN: a multiple of {}", counts, model->instance_processes),
       .actual = fmt::format("{}{}", found, mode_is_wrong ? (subset ? " as a subset" : " as a whole job") : ""),
       .remedy = mode_is_wrong ? "leave checkpoint.mode out" : fmt::format("use --num-processes {}", counts)});
}

void check_processes_per_host(const CheckContext& c, Findings& findings) {
  const std::vector<int> ranks = dealt_ranks(c.run);
  const int fewest = std::ranges::min(ranks);
  if (fewest >= kLeastPerHost) return;
  findings.push_back({.rule = "checkpointing.processes_per_host",
                      .message = "a host must run at least 4 processes",
                      .parameter = "num_processes",
                      .expected = fmt::format(">= {} on each host", kLeastPerHost),
                      .actual = fmt::format("{} on {} host{}: {} where they are fewest", c.run.processes, ranks.size(),
                                            ranks.size() == 1 ? "" : "s", fewest),
                      .remedy = "use fewer hosts, or give every host as many slots as the others"});
}

void check_fsync(const CheckContext& c, Findings& findings) {
  if (c.parameters.flag("checkpoint.fsync") == true) return;
  const std::string found = c.parameters.text("checkpoint.fsync");
  findings.push_back({.rule = "checkpointing.fsync",
                      .message = "each file must be flushed to the storage before its write counts as done",
                      .parameter = "checkpoint.fsync",
                      .expected = "true",
                      .actual = found.empty() ? "not set" : found,
                      .remedy = "leave checkpoint.fsync out: the workload sets it"});
}

void check_checkpointing_overrides(const CheckContext& c, Findings& findings) {
  check_overrides(c, findings, "checkpointing");
}

struct Counts {
  std::int64_t saves = 0, loads = 0;
};

Counts counts_of(const CheckContext& c) {
  if (c.run.checkpointing) {
    return {static_cast<std::int64_t>(c.run.checkpointing->saves.size()),
            static_cast<std::int64_t>(c.run.checkpointing->loads.size())};
  }
  const auto planned = [&](std::string_view key) {
    return std::max<std::int64_t>(0, c.parameters.integer(key).value_or(0));
  };
  return {planned("checkpoint.num_checkpoints_write"), planned("checkpoint.num_checkpoints_read")};
}

// The bytes of one checkpoint that each host holds, from the benchmark's own description of the model.
std::vector<double> shares_of(const CheckContext& c, const CheckpointModel& model) {
  config::LoadRequest request;
  request.workload = mlperf::checkpoint_workload(model.name);
  const auto loaded = config::load(request);
  if (!loaded) return {};
  const std::int64_t ranks = is_subset(c) ? mlperf::job_ranks(model, c.run.processes) : c.run.processes;
  const auto job = mlperf::checkpoint_job(loaded->workload, ranks);
  if (!job) return {};
  return mlperf::bytes_by_host(mlperf::bytes_by_rank(*job, c.run.processes), dealt_ranks(c.run));
}

struct CachedHost {
  std::optional<std::uint64_t> page_cache_bytes;
  double share = 0;
};

// The host whose page cache is largest beside its share. Other tools record the first host's only, and the rules speak
// of that one: it counts unless the caches of all hosts are known. Hosts without a share have nothing to read.
CachedHost fullest_cache(const std::vector<HostFacts>& hosts, const std::vector<double>& shares) {
  CachedHost fullest{hosts.front().page_cache_bytes, shares.front()};
  const bool all = hosts.size() == shares.size() &&
                   std::ranges::all_of(hosts, [](const HostFacts& host) { return host.page_cache_bytes.has_value(); });
  if (!all) return fullest;
  for (std::size_t h = 0; h < hosts.size(); ++h) {
    const auto relation = [](const CachedHost& host) {
      return static_cast<double>(*host.page_cache_bytes) / host.share;
    };
    const CachedHost other{hosts[h].page_cache_bytes, shares[h]};
    if (other.share > 0 && (fullest.share <= 0 || relation(other) > relation(fullest))) fullest = other;
  }
  return fullest;
}

// Reads that the hosts could serve from memory say nothing about the storage.
void check_cache(const CheckContext& c, Findings& findings) {
  const CheckpointModel* model = model_of(c);
  const Counts counts = counts_of(c);
  if (model == nullptr || counts.loads == 0 || c.run.processes < 1) return;
  const auto add = [&](Category category, std::string message, std::string expected, std::string actual,
                       std::string remedy, Severity severity) {
    findings.push_back({"checkpointing.cache", category, std::move(message), "", std::move(expected), std::move(actual),
                        std::move(remedy), severity});
  };
  const std::vector<double> shares = shares_of(c, *model);
  if (c.run.hosts.empty() || shares.empty()) {
    add(kInvalid, "the memory of the hosts is unknown, so it cannot be told whether reads came from memory",
        "the memory of every host", "none", "give --client-host-memory-in-gb, or run where the hosts can be asked",
        Severity::kError);
    return;
  }
  std::uint64_t largest = 0;
  for (const HostFacts& host : c.run.hosts) largest = std::max(largest, host.memory_bytes);
  // Where facts are missing, it is not known whose.
  const bool complete = c.run.hosts.size() == shares.size();
  bool must_clear = false;
  std::uint64_t memory = 0;
  double share = 0;
  for (std::size_t h = 0; h < shares.size() && !must_clear; ++h) {
    memory = complete ? c.run.hosts[h].memory_bytes : largest;
    share = shares[h];
    must_clear = mlperf::must_clear_caches(static_cast<double>(memory), share);
  }
  const std::string limit = format_bytes(mlperf::kCacheMultiple * share);
  const std::string found = format_bytes(static_cast<double>(memory));
  if (!must_clear) {
    add(kClosed, "no host can hold a checkpoint's share in its page cache: caches need not be cleared",
        "memory of at most 3 x the share, " + limit, found, "", Severity::kInfo);
    return;
  }
  if (counts.saves > 0) {
    add(kInvalid,
        "caches must be cleared between writing and reading, which a single run with both cannot do: a host has more "
        "memory than 3 x its share of a checkpoint",
        "memory of at most " + limit, found,
        "make two runs: --num-checkpoints-read 0, clear the caches of all hosts, then --num-checkpoints-write 0",
        Severity::kError);
    return;
  }
  const CachedHost host = fullest_cache(c.run.hosts, shares);
  const double allowed = mlperf::kCacheMultiple * host.share;
  const auto cached = host.page_cache_bytes;
  const std::string expected = "a page cache of at most " + format_bytes(allowed);
  if (!cached) {
    add(c.run.planned() ? kClosed : kInvalid,
        "caches must be cleared before this run, and the size of the page cache is unknown", expected, "unknown",
        "clear the caches of all hosts before reading", c.run.planned() ? Severity::kWarning : Severity::kError);
    return;
  }
  const bool cleared = static_cast<double>(*cached) <= allowed;
  add(cleared ? kClosed : kInvalid,
      cleared ? "the page cache was small enough when reading began"
              : "the page cache was too large when reading began: caches were not cleared",
      expected, format_bytes(static_cast<double>(*cached)),
      cleared ? "" : "clear the caches of all hosts before reading", cleared ? Severity::kInfo : Severity::kError);
}

}  // namespace

std::span<const Check> checkpointing_checks() {
  static constexpr std::array kChecks{
      Check{"checkpointing.model", check_model},
      Check{"checkpointing.workload", check_workload},
      Check{"checkpointing.mode", check_mode},
      Check{"checkpointing.processes", check_processes},
      Check{"checkpointing.processes_per_host", check_processes_per_host},
      Check{"checkpointing.fsync", check_fsync},
      Check{"checkpointing.override.invalid", check_checkpointing_overrides},
      Check{"checkpointing.cache", check_cache},
  };
  return kChecks;
}

}  // namespace stoker::rules::internal
