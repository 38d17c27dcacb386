#include "results/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "base/plural.h"
#include "results/fields_internal.h"

namespace stoker::results {
namespace {

using internal::Fields;

constexpr std::pair<const char*, std::uint64_t EpochCoverage::*> kCounts[] = {
    {"planned", &EpochCoverage::planned},
    {"read", &EpochCoverage::read},
    {"read_more_than_once", &EpochCoverage::read_more_than_once},
    {"left_out", &EpochCoverage::left_out}};

constexpr std::pair<const char*, std::vector<EpochCoverage> CoverageFacts::*> kParts[] = {
    {"train", &CoverageFacts::train}, {"eval", &CoverageFacts::eval}};

Json epoch_json(const EpochCoverage& epoch) {
  Json json = Json::object();
  for (const auto& [key, member] : kCounts) json[key] = epoch.*member;
  json["digest"] = epoch.digest;
  return json;
}

}  // namespace

Json to_json(const CoverageFacts& facts) {
  Json json = Json::object();
  for (const auto& [key, member] : kParts) {
    if ((facts.*member).empty()) continue;
    Json& list = json[key] = Json::array();
    for (const EpochCoverage& epoch : facts.*member) list.push_back(epoch_json(epoch));
  }
  return json;
}

std::optional<CoverageFacts> get_coverage(Fields& summary) {
  const Json* const json = summary.object("coverage");
  if (json == nullptr) return std::nullopt;
  CoverageFacts facts;
  Fields parts(*json, summary.name(), "coverage");
  for (const auto& [part, list_member] : kParts) {
    const Json* const list = parts.list(part);
    if (list == nullptr) continue;
    for (const Json& entry : *list) {
      EpochCoverage& epoch = (facts.*list_member).emplace_back();
      Fields fields(entry, summary.name(), parts.path_of(part));
      for (const auto& [key, member] : kCounts) fields.get(key, epoch.*member);
      fields.get("digest", epoch.digest);
      parts.take(fields.status());
    }
  }
  summary.take(parts.status());
  return facts;
}

std::string coverage_text(const std::vector<EpochCoverage>& epochs) {
  if (epochs.empty()) return "";
  const EpochCoverage& first = epochs.front();
  const auto same = [&](auto member) {
    return std::ranges::all_of(epochs, [&](const EpochCoverage& e) { return e.*member == first.*member; });
  };
  const bool same_counts = std::ranges::all_of(kCounts, [&](const auto& count) { return same(count.second); });
  // What epochs have in common is said once, else they are added up.
  EpochCoverage shown;
  for (const EpochCoverage& epoch : epochs) {
    for (const auto& [key, member] : kCounts) shown.*member += epoch.*member;
  }
  std::string when = epochs.size() == 1 ? "" : fmt::format(" in {} epochs", epochs.size());
  if (same_counts) {
    shown = first;
    if (epochs.size() > 1) when = fmt::format(" in each of {} epochs", epochs.size());
  }
  const std::string again = shown.read_more_than_once == 0 ? "none" : format_count(shown.read_more_than_once);
  const std::string digest = same(&EpochCoverage::digest) ? "digest " + first.digest
                                                          : "the epochs read different rows, with digests of their own";
  return fmt::format("{} of {} read{}, {} more than once; {}", format_count(shown.read),
                     counted_long(shown.read + shown.left_out, "sample"), when, again, digest);
}

}  // namespace stoker::results
