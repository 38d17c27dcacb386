// Checks of one run of the preview benchmarks, kvcache and vectordb.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "mlperf/plan/kvcache_sizing.h"
#include "mlperf/rules/checks_internal.h"

namespace stoker::rules::internal {
namespace {

using enum Category;

constexpr double kLeastSeconds = 30;
constexpr double kUsualSeconds = 60;  // also what runs without a duration take
constexpr double kUsualUsers = 10;

void add(Findings& findings, std::string_view rule, Category category, std::string message, std::string parameter,
         std::string expected, std::string actual, std::string remedy) {
  findings.push_back({std::string(rule), category, std::move(message), std::move(parameter), std::move(expected),
                      std::move(actual), std::move(remedy)});
}

void preview(std::string_view rule, Findings& findings) {
  add(findings, rule, kOpen, "this benchmark is a preview: its results are for the OPEN division only", "", "", "", "");
}

void check_kvcache_preview(const CheckContext&, Findings& findings) {
  preview("kvcache.preview", findings);
}
void check_vectordb_preview(const CheckContext&, Findings& findings) {
  preview("vectordb.preview", findings);
}

void check_kvcache_model(const CheckContext& c, Findings& findings) {
  const std::string model = c.run.id.model.empty() ? c.parameters.text("kvcache_model") : c.run.id.model;
  if (mlperf::find_kvcache_model(model) != nullptr) return;
  std::vector<std::string_view> names;
  for (const auto& known : mlperf::kvcache_models()) names.push_back(known.name);
  add(findings, "kvcache.model", kInvalid, "the benchmark has no such model", "model",
      fmt::format("one of {}", fmt::join(names, ", ")), model.empty() ? "none" : model,
      "run one of the benchmark's models");
}

// A number that must not be below `least`, and below `usual` is for OPEN. An absent one has its default.
void check_least(const CheckContext& c, Findings& findings, std::string_view rule, const char* key, double absent,
                 double least, double usual) {
  const double found = c.parameters.number(key).value_or(absent);
  if (found >= usual) return;
  const bool invalid = found < least;
  add(findings, rule, invalid ? kInvalid : kOpen,
      invalid ? fmt::format("{} is below the minimum", key)
              : fmt::format("{} is below what the CLOSED division would ask for", key),
      key, fmt::format(">= {:.6g}", invalid ? least : usual), fmt::format("{:.6g}", found),
      fmt::format("use at least {:.6g}", usual));
}

void check_kvcache_users(const CheckContext& c, Findings& findings) {
  check_least(c, findings, "kvcache.users", "num_users", 100, 1, kUsualUsers);
}
void check_kvcache_duration(const CheckContext& c, Findings& findings) {
  check_least(c, findings, "kvcache.duration", "duration", kUsualSeconds, kLeastSeconds, kUsualSeconds);
}

// 0 is the recommended setting of a run that stresses storage; mlpstorage asks for at least 1 GB all the same.
void check_kvcache_memory(const CheckContext& c, Findings& findings) {
  for (const char* key : {"gpu_mem_gb", "cpu_mem_gb"}) {
    const auto found = c.parameters.number(key);
    if (!found || *found >= 0) continue;
    add(findings, "kvcache.memory", kInvalid, "memory cannot be negative", key, ">= 0", fmt::format("{:.6g}", *found),
        "use 0 to leave the tier out");
  }
}

void check_one_of(const CheckContext& c, Findings& findings, std::string_view rule, const char* key,
                  std::initializer_list<std::string_view> names) {
  const std::string found = c.parameters.text(key);
  if (found.empty() || std::ranges::find(names, found) != names.end()) return;
  add(findings, rule, kInvalid, fmt::format("there is no such {}", key), key,
      fmt::format("one of {}", fmt::join(names, ", ")), found, "use one of them");
}

void check_kvcache_mode(const CheckContext& c, Findings& findings) {
  check_one_of(c, findings, "kvcache.mode", "generation_mode", {"none", "fast", "realistic"});
  if (c.parameters.text("generation_mode") == "none") {
    add(findings, "kvcache.mode", kOpen, "without generation time requests follow each other unlike in use",
        "generation_mode", "fast or realistic", "none", "use realistic");
  }
}
void check_kvcache_profile(const CheckContext& c, Findings& findings) {
  check_one_of(c, findings, "kvcache.profile", "performance_profile", {"latency", "throughput"});
}

void check_vectordb_runtime(const CheckContext& c, Findings& findings) {
  // A run may be bounded by a number of queries instead.
  if (c.parameters.find("runtime") == nullptr && c.parameters.find("queries") != nullptr) return;
  check_least(c, findings, "vectordb.runtime", "runtime", kUsualSeconds, kLeastSeconds, kLeastSeconds);
}

}  // namespace

std::span<const Check> kvcache_checks() {
  static constexpr std::array kChecks{
      Check{"kvcache.preview", check_kvcache_preview}, Check{"kvcache.model", check_kvcache_model},
      Check{"kvcache.users", check_kvcache_users},     Check{"kvcache.duration", check_kvcache_duration},
      Check{"kvcache.memory", check_kvcache_memory},   Check{"kvcache.mode", check_kvcache_mode},
      Check{"kvcache.profile", check_kvcache_profile},
  };
  return kChecks;
}

std::span<const Check> vectordb_checks() {
  static constexpr std::array kChecks{Check{"vectordb.preview", check_vectordb_preview},
                                      Check{"vectordb.runtime", check_vectordb_runtime}};
  return kChecks;
}

}  // namespace stoker::rules::internal
