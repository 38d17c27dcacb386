#include "results/epoch_stats.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "results/fields_internal.h"

namespace stoker::results {

namespace {

std::string two_decimals(double seconds) {
  return fmt::format("{:.2f}", std::isfinite(seconds) ? seconds : 0.0);
}

Json to_json(const EpochPhase& phase) {
  Json json = Json::object();
  json["start"] = phase.start;
  json["end"] = phase.end;
  // DLIO's types: checkpoints have numbers, everything else a text with two decimals.
  if (phase.gib_per_second) {
    json["duration"] = phase.duration_seconds;
    json["throughput"] = *phase.gib_per_second;
  } else {
    json["duration"] = two_decimals(phase.duration_seconds);
  }
  return json;
}

// A number, or a text that holds one.
void read_seconds(internal::Fields& fields, const Json& object, double& out) {
  const auto at = object.find("duration");
  if (at == object.end() || !at->is_string()) {
    fields.get("duration", out);
    return;
  }
  const std::string text = at->get<std::string>();
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || stop != text.data() + text.size() || !std::isfinite(out)) {
    fields.fail("duration", "'" + text + "'", "a number of seconds");
  }
}

Result<EpochPhase> phase_from_json(const std::string& phase_name, const Json& json, const std::string& name,
                                   const std::string& epoch) {
  EpochPhase phase{.name = phase_name};
  internal::Fields fields(json, name, epoch + "." + phase_name);
  fields.get("start", phase.start);
  fields.get("end", phase.end);
  if (!fields.failed()) read_seconds(fields, json, phase.duration_seconds);
  fields.get("throughput", phase.gib_per_second);
  STOKER_TRY(fields.status());
  return phase;
}

}  // namespace

std::string block_name(std::int64_t block) {
  return fmt::format("block{}", block);
}
std::string save_checkpoint_name(std::int64_t block) {
  return fmt::format("save_ckpt{}", block);
}
std::string load_checkpoint_name(std::int64_t block) {
  return fmt::format("load_ckpt{}", block);
}

Json to_json(const std::vector<EpochStats>& epochs) {
  Json json = Json::object();
  for (const EpochStats& epoch : epochs) {
    Json& out = json[fmt::format("{}", epoch.epoch)];
    out = Json::object();
    if (!epoch.start.empty()) out["start"] = epoch.start;
    for (const EpochPhase& phase : epoch.phases) out[phase.name] = to_json(phase);
    if (!epoch.end.empty()) out["end"] = epoch.end;
    if (epoch.duration_seconds) out["duration"] = two_decimals(*epoch.duration_seconds);
  }
  return json;
}

Result<std::vector<EpochStats>> epoch_stats_from_json(const Json& json, const std::string& name) {
  internal::Fields top(json, name);
  STOKER_TRY(top.status());
  std::vector<EpochStats> epochs;
  for (const auto& [key, value] : json.items()) {
    EpochStats epoch;
    const auto [stop, error] = std::from_chars(key.data(), key.data() + key.size(), epoch.epoch);
    if (error != std::errc{} || stop != key.data() + key.size()) {
      return make_error(Code::kCorrupt, "{}: found key '{}', expected the number of an epoch", name, key);
    }
    internal::Fields fields(value, name, key);
    fields.get("start", epoch.start);
    fields.get("end", epoch.end);
    STOKER_TRY(fields.status());
    if (fields.has("duration")) read_seconds(fields, value, epoch.duration_seconds.emplace());
    STOKER_TRY(fields.status());
    for (const auto& [phase_name, phase] : value.items()) {
      if (!phase.is_object()) continue;
      STOKER_ASSIGN(EpochPhase read, phase_from_json(phase_name, phase, name, key));
      epoch.phases.push_back(std::move(read));
    }
    epochs.push_back(std::move(epoch));
  }
  return epochs;
}

Status write_epoch_stats(const std::filesystem::path& directory, int rank, const std::vector<EpochStats>& epochs) {
  const std::string text = dump(to_json(epochs));
  STOKER_TRY(write_file_atomic(directory / fmt::format("{}_per_epoch_stats.json", rank), text));
  if (rank == 0) STOKER_TRY(write_file_atomic(directory / "per_epoch_stats.json", text));
  return {};
}

Result<std::vector<EpochStats>> read_epoch_stats(const std::filesystem::path& directory, int rank) {
  const std::filesystem::path path = directory / fmt::format("{}_per_epoch_stats.json", rank);
  STOKER_ASSIGN(const Json json, read_json(path));
  return epoch_stats_from_json(json, path.string());
}

}  // namespace stoker::results
