#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "config/node.h"
#include "mlperf/rules/effective.h"
#include "reports/runs/contradictions_internal.h"

namespace stoker::reports {

namespace internal {

namespace {

using results::BenchmarkType;
using results::Json;

// Overrides say where data lie for one user and machine; packages may hide that, and the rules do not look at it.
bool is_place(const std::string& key) {
  return key == "dataset.data_folder" || key == "checkpoint.checkpoint_folder" || key == "storage.storage_root" ||
         key.starts_with("output.") || key.starts_with("workflow.");
}

std::map<std::string, std::string> comparable(const Json& overrides) {
  std::map<std::string, std::string> texts;
  for (const auto& [key, value] : overrides.items()) {
    std::string text = config::lower(rules::value_text(value));
    // Lists are text in one file and lists in the other.
    std::erase_if(text, [](char c) { return c == ' ' || c == '"' || c == '\''; });
    if (std::string known = rules::canonical_key(key); !is_place(known)) texts[std::move(known)] = std::move(text);
  }
  return texts;
}

}  // namespace

void compare_overrides(const RunFiles& files, RunRecord& record) {
  // Without any in the metadata those of the copy are judged.
  if (files.metadata == nullptr || files.metadata->override_parameters.empty() || files.config == nullptr ||
      !files.config->has_overrides)
    return;
  const auto judged = comparable(typed(files.metadata->override_parameters));
  const auto given = comparable(typed(files.config->overrides));
  const auto add = [&record](std::string text) {
    record.contradictions.push_back({Contradiction::Kind::kFigures, std::move(text)});
  };
  for (const auto& [key, value] : given) {
    const auto at = judged.find(key);
    if (at == judged.end()) {
      add(fmt::format("overrides.yaml sets {}={}, which the metadata do not have", key, value));
    } else if (at->second != value) {
      add(fmt::format("overrides.yaml sets {}={}, the metadata say {}", key, value, at->second));
    }
  }
  for (const auto& [key, value] : judged) {
    if (!given.contains(key))
      record.notes.push_back(fmt::format("the metadata say {}={}, which overrides.yaml does not set", key, value));
  }
}

// What is judged, against what else the run says of its size: less makes the run look better than it was, more is odd.
void compare_figures(const RunFiles& files, RunRecord& record) {
  const rules::Run& run = record.run;
  const auto compare = [&record](std::string_view what, double judged, double found, std::string_view file) {
    if (judged == found) return;
    std::string text = fmt::format("{} is judged as {}, {} says {}", what, judged, file, found);
    if (found < judged) {
      record.contradictions.push_back({Contradiction::Kind::kFigures, std::move(text)});
    } else {
      record.notes.push_back(std::move(text));
    }
  };
  const auto in_summary = [&files](const char* key) -> std::optional<double> {
    const auto at = files.summary.find(key);
    return at == files.summary.end() ? std::nullopt : rules::number_of(*at);
  };
  if (!run.finished || run.id.command != "run") return;
  if (const auto found = in_summary("num_accelerators"))
    compare("num_processes", static_cast<double>(run.processes), *found, "summary.json");
  if (run.id.type != BenchmarkType::kTraining) return;
  static constexpr std::array<std::pair<const char*, const char*>, 3> kFigures{
      {{"dataset.num_files_train", "num_files_train"},
       {"dataset.num_samples_per_file", "num_samples_per_file"},
       {"train.epochs", "epochs"}}};
  const rules::Effective judged(run.parameters, run.overrides);
  const rules::Effective copy(files.config != nullptr ? files.config->parameters : Json::object(), Json::object());
  for (const auto& [key, summary_key] : kFigures) {
    const auto expected = judged.number(key);
    if (!expected) continue;
    if (const auto found = in_summary(summary_key)) compare(key, *expected, *found, "summary.json");
    if (const auto found = copy.number(key)) compare(key, *expected, *found, "config.yaml");
  }
}

}  // namespace internal

std::optional<Contradiction> misplacement(const std::filesystem::path& directory, const results::RunId& id) {
  const auto place = results::parse_run_path(directory);
  if (!place) return std::nullopt;
  const auto differs = [](const std::string& folder, const std::string& said) {
    return !folder.empty() && !said.empty() && folder != said;
  };
  if (place->type == id.type && !differs(place->model, id.model) && !differs(place->command, id.command))
    return std::nullopt;
  const auto words = [](const results::RunId& run) {
    std::string text(results::to_string(run.type));
    for (const std::string& part : {run.model, run.command}) text += part.empty() ? "" : " " + part;
    return text;
  };
  return Contradiction{Contradiction::Kind::kPlace,
                       fmt::format("lies where runs of {} belong, its own files say {}", words(*place), words(id))};
}

}  // namespace stoker::reports
