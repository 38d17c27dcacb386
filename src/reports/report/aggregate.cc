#include "reports/report/aggregate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "config/node.h"

namespace stoker::reports {

namespace {

using results::Json;

double mean(std::span<const double> values) {
  if (values.empty()) return 0;
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

void put_operation(Json& json, const std::string& op, std::span<const rules::CheckpointOperation> operations,
                   double size_gib) {
  if (operations.empty()) return;
  const OperationFigures figures = operation_figures(operations, size_gib);
  json["num_" + op + "_ops"] = figures.count;
  json["mean_of_max_" + op + "_duration"] = figures.mean_of_max_duration_seconds;
  json["min_throughput_list_" + op] = figures.min_throughput_gib_per_second;
  json["mean_of_min_" + op + "_throughput"] = figures.mean_of_min_throughput_gib_per_second;
  if (figures.strict_throughput_gib_per_second)
    json["calculated_mean_" + op + "_throughput_from_strict_times"] = *figures.strict_throughput_gib_per_second;
}

void put_checkpointing(Json& json, const rules::CheckpointOutcome& outcome) {
  json["checkpoint_size_GB"] = outcome.checkpoint_size_gib;
  put_operation(json, "save", outcome.saves, outcome.checkpoint_size_gib);
  put_operation(json, "load", outcome.loads, outcome.checkpoint_size_gib);
}

// The value that a run contributes to a mean.
std::optional<double> number_of(const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_array() || value.empty()) return std::nullopt;
  // Of the epochs that were measured.
  std::vector<double> numbers;
  for (const Json& entry : value) {
    if (entry.is_null()) continue;
    if (!entry.is_number()) return std::nullopt;
    numbers.push_back(entry.get<double>());
  }
  if (numbers.empty()) return std::nullopt;
  return mean(numbers);
}

bool is_count_of_operations(std::string_view key) {
  return key == "num_save_ops" || key == "num_load_ops";
}

}  // namespace

OperationFigures operation_figures(std::span<const rules::CheckpointOperation> operations, double checkpoint_size_gib) {
  OperationFigures figures;
  figures.count = static_cast<std::int64_t>(operations.size());
  std::vector<double> longest;
  std::vector<double> strict;
  for (const rules::CheckpointOperation& operation : operations) {
    if (operation.duration.empty()) continue;
    longest.push_back(*std::ranges::max_element(operation.duration));
    figures.min_throughput_gib_per_second.push_back(*std::ranges::min_element(operation.throughput));
    const double seconds = *std::ranges::max_element(operation.end) - *std::ranges::min_element(operation.start);
    if (seconds > 0 && checkpoint_size_gib > 0) strict.push_back(checkpoint_size_gib / seconds);
  }
  figures.mean_of_max_duration_seconds = mean(longest);
  figures.mean_of_min_throughput_gib_per_second = mean(figures.min_throughput_gib_per_second);
  // A mean over fewer checkpoints than there were would look better or worse than the run.
  if (!strict.empty() && strict.size() == operations.size()) figures.strict_throughput_gib_per_second = mean(strict);
  return figures;
}

Json workload_metrics(const RunRecord& record) {
  const rules::Run& run = record.run;
  Json json = Json::object();
  if (run.training) {
    for (const char* key : {"train_au_mean_percentage", "train_au_meet_expectation",
                            "train_throughput_samples_per_second", "train_io_mean_MB_per_second"}) {
      if (const auto at = record.metrics.find(key); at != record.metrics.end() && !at->is_null()) json[key] = *at;
    }
    json["num_accelerators"] = run.processes;
    if (run.num_hosts > 0)
      json["processes_per_host"] = static_cast<double>(run.processes) / static_cast<double>(run.num_hosts);
  }
  if (run.checkpointing) put_checkpointing(json, *run.checkpointing);
  return json;
}

Json reported_metrics(const RunRecord& record) {
  Json json = record.metrics;
  if (record.run.checkpointing) put_checkpointing(json, *record.run.checkpointing);
  return json;
}

Json mean_over_runs(std::span<const Json> runs) {
  Json means = Json::object();
  std::vector<std::string> keys;  // in the order they first appear
  std::map<std::string, std::vector<double>> values;
  std::size_t verdicts = 0;  // of training
  bool all_met = true;
  for (const Json& run : runs) {
    for (const auto& [key, value] : run.items()) {
      if (key == "train_au_meet_expectation") {
        ++verdicts;
        all_met = all_met && value == Json("success");
        continue;
      }
      const std::optional<double> number = number_of(value);
      if (!number) continue;
      if (!values.contains(key)) keys.push_back(key);
      values[key].push_back(*number);
    }
  }
  for (const std::string& key : keys) {
    // Of some of the runs only, it would not be a mean of the same runs as the others are.
    if (key.starts_with("train_") && values[key].size() < verdicts) continue;
    if (is_count_of_operations(key)) {
      double sum = 0;
      for (const double value : values[key]) sum += value;
      means["total_" + key] = static_cast<std::int64_t>(std::llround(sum));
    } else {
      means["mean_" + key] = mean(values[key]);
    }
  }
  if (verdicts > 0) means["train_au_meet_expectation"] = all_met ? "success" : "fail";
  return means;
}

Bandwidth bandwidth(const Json& means) {
  const auto number = [&means](const char* key) -> std::optional<double> {
    const auto at = means.find(key);
    if (at == means.end() || !at->is_number()) return std::nullopt;
    return at->get<double>();
  };
  Bandwidth result;
  if (const auto mib = number("mean_train_io_mean_MB_per_second")) {
    result.read_gib_per_second = *mib / 1024;
    return result;
  }
  result.read_gib_per_second = number("mean_mean_of_min_load_throughput");
  result.read_seconds = number("mean_mean_of_max_load_duration");
  result.write_gib_per_second = number("mean_mean_of_min_save_throughput");
  result.write_seconds = number("mean_mean_of_max_save_duration");
  return result;
}

std::optional<double> capacity_tib(const std::string& text) {
  static constexpr double kTib = 1024.0 * 1024.0 * 1024.0 * 1024.0;
  static constexpr std::array<std::pair<std::string_view, double>, 7> kUnits{
      {{"", kTib}, {"tib", kTib}, {"tb", 1e12}, {"gib", kTib / 1024}, {"gb", 1e9}, {"pib", kTib * 1024}, {"pb", 1e15}}};
  const auto unit_at = text.find_first_not_of("0123456789.,_ ");
  std::string number = text.substr(0, unit_at);
  std::erase_if(number, [](char c) { return c == ',' || c == ' ' || c == '_'; });
  const std::optional<double> value = config::parse_number(number);
  if (!value) return std::nullopt;
  std::string unit = config::lower(unit_at == std::string::npos ? "" : text.substr(unit_at));
  while (!unit.empty() && unit.back() == ' ') unit.pop_back();
  for (const auto& [name, bytes] : kUnits) {
    if (unit == name) return *value * bytes / kTib;
  }
  return std::nullopt;
}

}  // namespace stoker::reports
