#include "config/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "base/did_you_mean.h"
#include "base/error_number.h"
#include "config/embedded.h"
#include "config/formats.h"
#include "config/overrides.h"
#include "config/resolve.h"
#include "config/validate.h"
#include "config/yaml.h"

namespace stoker::config {
namespace {

namespace fs = std::filesystem;

// The folders of config_dir that may hold workload files, in order of preference.
std::vector<fs::path> folders(const fs::path& config_dir) {
  if (config_dir.empty()) return {};
  return {config_dir / "workload", config_dir};
}

Result<std::string> read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in.good() && !in.eof()) return make_error(Code::kIo, "{}: cannot be read", path.string());
  return text;
}

Error not_found(const LoadRequest& request) {
  std::vector<std::string> searched;
  for (const fs::path& folder : folders(request.config_dir)) searched.push_back(folder.string());
  searched.emplace_back("the workloads built into the program");
  const std::vector<std::string> names = workload_names(request.config_dir);
  const std::vector<std::string_view> views(names.begin(), names.end());
  return Error{.code = Code::kNotFound,
               .message = fmt::format("workload '{}' not found in {}{}", request.workload, fmt::join(searched, ", "),
                                      did_you_mean_text(request.workload, views)),
               .hint = fmt::format("there are: {}", fmt::join(names, ", ")),
               .number = ErrorNumber::kConfigFile};
}

// A file written as DLIO writes its resolved configuration has everything under one node `workload`.
void unwrap(Node& root) {
  if (root.entries.size() != 1 || root.entries.front().key != "workload" || !root.entries.front().value.is_map())
    return;
  Node inner = std::move(root.entries.front().value);
  root = std::move(inner);
}

// An error that begins with a key is shown where that key was set.
void point_at_key(Error& error, const std::map<std::string, Origin>& origins) {
  const auto origin = origins.find(error.message.substr(0, error.message.find_first_of(": ")));
  if (error.where || origin == origins.end() || origin->second.kind == Origin::Kind::kDefault) return;
  error.where = origin->second.where;
}

Result<Loaded> load_source(std::string_view yaml, const std::string& file_name, std::string source,
                           const LoadRequest& request, FileOwner owner) {
  STOKER_ASSIGN(Node root, parse_yaml(yaml, file_name));
  if (!root.is_map()) {
    return Error{
        .code = Code::kConfig,
        .message = fmt::format("found {}, expected sections such as dataset and reader", describe_kind(root.kind)),
        .where = root.place.position};
  }
  unwrap(root);
  int precedence = 0;
  for (const std::string& text : request.overrides) {
    STOKER_ASSIGN(const Override change, parse_override(text, ++precedence));
    STOKER_TRY(apply_override(change, root));
  }
  STOKER_ASSIGN(Resolved resolved, resolve(root, request.overrides, owner));

  Validation validation = validate(resolved.workload);
  if (!validation.status) {
    point_at_key(validation.status.error(), resolved.origins);
    return std::move(validation.status).error();
  }

  // Workload files may say both; who types the one that does not count means to change something.
  const auto& dataset = resolved.workload.dataset;
  if (spec_of(dataset.format).has_columns && !dataset.parquet.columns.empty() &&
      resolved.origins["dataset.record_length_bytes"].kind == Origin::Kind::kOverride) {
    resolved.warnings.emplace_back(
        "dataset.record_length_bytes: no effect, because dataset.parquet.columns say how large a sample is");
  }

  Loaded loaded{.workload = std::move(resolved.workload),
                .origins = std::move(resolved.origins),
                .warnings = std::move(resolved.warnings),
                .source = std::move(source),
                .overrides = request.overrides};
  std::ranges::move(validation.warnings, std::back_inserter(loaded.warnings));
  Node top{.kind = Node::Kind::kMap};
  top.add("workload", std::move(root));
  loaded.merged_yaml = emit_yaml(top);
  return loaded;
}

}  // namespace

Result<Loaded> load(const LoadRequest& request) {
  const std::string file_name = request.workload + ".yaml";
  std::error_code none;
  if (!request.config_dir.empty() && !fs::is_directory(request.config_dir, none)) {
    // Else the built-in file of the same name would be taken in silence.
    return Error{.code = Code::kNotFound,
                 .message = fmt::format("--config-dir: {} is not a folder", request.config_dir.string()),
                 .hint = "it must hold workload/NAME.yaml or NAME.yaml; without the option the built-in files count",
                 .number = ErrorNumber::kConfigFile};
  }
  for (const fs::path& folder : folders(request.config_dir)) {
    const fs::path path = folder / file_name;
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) continue;
    STOKER_ASSIGN(const std::string text, read_text(path));
    return load_source(text, path.string(), path.string(), request, FileOwner::kUser);
  }
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.name == request.workload)
      return load_source(file.text, file_name, fmt::format("embedded:{}", file.name), request, FileOwner::kProgram);
  }
  return not_found(request);
}

Result<Loaded> load_text(std::string_view yaml, const std::string& file_name, const LoadRequest& request) {
  return load_source(yaml, file_name, file_name, request, FileOwner::kUser);
}

std::vector<std::string> workload_names(const std::filesystem::path& config_dir) {
  std::set<std::string> names;
  for (const EmbeddedFile& file : embedded_files()) names.emplace(file.name);
  for (const fs::path& folder : folders(config_dir)) {
    std::error_code problem;
    for (fs::directory_iterator at(folder, problem), end; !problem && at != end; at.increment(problem)) {
      if (at->path().extension() == ".yaml") names.insert(at->path().stem().string());
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace stoker::config
