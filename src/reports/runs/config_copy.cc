#include "reports/runs/config_copy.h"

#include <algorithm>
#include <array>

#include "config/node.h"
#include "config/overrides.h"
#include "config/yaml.h"
#include "results/yaml_json.h"

namespace stoker::reports {

namespace {

namespace fs = std::filesystem;
using results::Json;

// Newest first: what mlpstorage v3 and stoker write, what v2.0 wrote, Hydra's own default, and what v1.0 wrote.
constexpr std::array<std::string_view, 4> kDirectories{"dlio_config", ".hydra_config", ".hydra", "configs"};

std::string join(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& part : path) text += (text.empty() ? "" : ".") + part;
  return text;
}

Result<Json> read_yaml(const fs::path& path) {
  STOKER_ASSIGN(const std::string text, results::read_file(path));
  return results::yaml_to_json(text, path.string());
}

// ++workload.a.b=v into {"a.b": v}, the value through YAML, so that lists and quoted texts are what they were to the
// engine. What breaks the grammar is kept as text: a report must not fail over an option that the run itself survived.
void take_override(const std::string& text, Json& overrides) {
  if (const auto parsed = config::parse_override(text, 1)) {
    config::Node holder{.kind = config::Node::Kind::kMap};
    if (parsed->value) holder.add("value", *parsed->value);
    if (const auto json = results::yaml_to_json(config::emit_yaml(holder), "overrides.yaml")) {
      overrides[join(parsed->path)] = json->contains("value") ? (*json)["value"] : Json();
      return;
    }
  }
  const auto from = text.find("workload.") + std::string_view("workload.").size();
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals < from) return;
  overrides[text.substr(from, equals - from)] = text.substr(equals + 1);
}

// The list of overrides.yaml: `workload=NAME` and the overrides of the workload, as they were typed.
Status take_overrides(const fs::path& path, ConfigCopy& copy) {
  STOKER_ASSIGN(const Json list, read_yaml(path));
  if (!list.is_array()) return {};  // Hydra writes {} or [] when there was nothing
  for (const Json& entry : list) {
    if (!entry.is_string()) continue;
    const std::string text = entry.get<std::string>();
    if (text.empty()) continue;
    if (text.starts_with("workload=")) {
      copy.workload = text.substr(std::string_view("workload=").size());
    } else if (text.find_first_not_of("+~") == text.find("workload.")) {
      take_override(text, copy.overrides);
    }
  }
  return {};
}

}  // namespace

fs::path find_config_dir(const fs::path& run_directory) {
  for (const std::string_view name : kDirectories) {
    std::error_code error;
    if (fs::exists(run_directory / name / "config.yaml", error) || error == std::errc::permission_denied)
      return run_directory / name;
  }
  return {};
}

Result<ConfigCopy> read_config_copy(const fs::path& run_directory) {
  ConfigCopy copy{.directory = find_config_dir(run_directory)};
  if (copy.directory.empty()) {
    return make_error(Code::kNotFound, "{}: has no dlio_config/config.yaml", run_directory.string());
  }
  const fs::path config = copy.directory / "config.yaml";
  STOKER_ASSIGN(Json nested, read_yaml(config));
  const auto workload = nested.find("workload");
  if (workload != nested.end() && workload->is_object()) {
    copy.parameters = *workload;
  } else if (nested.is_object()) {
    copy.parameters = std::move(nested);
  } else {
    return make_error(Code::kCorrupt, "{}: expected a map with the node 'workload'", config.string());
  }
  std::error_code ignored;
  if (fs::exists(copy.directory / "overrides.yaml", ignored)) {
    STOKER_TRY(take_overrides(copy.directory / "overrides.yaml", copy));
    copy.has_overrides = true;
  }
  if (copy.workload.empty() && fs::exists(copy.directory / "hydra.yaml", ignored)) {
    // Without the line, Hydra's own record says which file was chosen. A damaged one is no loss: the model has a name.
    if (const Result<Json> hydra = read_yaml(copy.directory / "hydra.yaml")) {
      const Json::json_pointer choice("/hydra/runtime/choices/workload");
      if (hydra->contains(choice) && (*hydra)[choice].is_string()) copy.workload = (*hydra)[choice].get<std::string>();
    }
  }
  return copy;
}

std::string model_of_workload(const std::string& name) {
  std::string model = name;
  std::replace(model.begin(), model.end(), '_', '-');
  static constexpr std::string_view kLlama = "llama-";
  if (model.starts_with(kLlama)) model = "llama3-" + model.substr(kLlama.size());
  return model;
}

}  // namespace stoker::reports
