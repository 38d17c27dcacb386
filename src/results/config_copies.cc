#include "results/config_copies.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "results/json.h"

namespace stoker::results {

namespace {

// Overrides are passed through as they were typed, so "++hydra.x=y" is one of Hydra's own too.
bool is_hydra_override(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of("+~"), text.size()));
  return text.starts_with("hydra.") || text.starts_with("hydra/");
}

std::vector<std::string> select(const std::vector<std::string>& overrides, bool of_hydra) {
  std::vector<std::string> chosen;
  for (const std::string& text : overrides) {
    if (is_hydra_override(text) == of_hydra) chosen.push_back(text);
  }
  return chosen;
}

// "key: []" or a list below the key; `indent` is that of the key.
std::string list(std::string_view key, const std::vector<std::string>& entries, int indent) {
  std::string out = fmt::format("{:{}}{}:", "", indent, key);
  if (entries.empty()) return out + " []\n";
  out += "\n";
  for (const std::string& entry : entries) out += fmt::format("{:{}}- {}\n", "", indent, yaml_scalar(entry));
  return out;
}

}  // namespace

std::string yaml_scalar(std::string_view text) {
  // Plain where nobody could read anything but this text: it begins with a letter or a path's first character, is no
  // word that YAML takes for another type, and has nothing that ends or comments a scalar.
  static constexpr std::array<std::string_view, 9> kWords{"true", "false", "yes", "no", "on", "off", "null", "y", "n"};
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto is_safe = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || std::string_view("/.+=-@%").find(c) != std::string_view::npos;
  };
  const bool begins_well = !text.empty() && (is_letter(text.front()) || text.front() == '/' ||
                                             (text.starts_with("++") && text.size() > 2 && is_letter(text[2])));
  if (begins_well && std::all_of(text.begin(), text.end(), is_safe) &&
      std::find(kWords.begin(), kWords.end(), lower) == kWords.end()) {
    return std::string(text);
  }
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          out += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
        } else {
          out += c;
        }
    }
  }
  return out + "\"";
}

std::string overrides_yaml(const ConfigCopies& copies) {
  const std::vector<std::string> task = select(copies.overrides, false);
  if (task.empty()) return "[]\n";
  std::string out;
  for (const std::string& text : task) out += fmt::format("- {}\n", yaml_scalar(text));
  return out;
}

std::string hydra_yaml(const ConfigCopies& copies) {
  std::string out = fmt::format("hydra:\n  run:\n    dir: {}\n  output_subdir: {}\n  overrides:\n",
                                yaml_scalar(copies.run_dir.string()), yaml_scalar(copies.subdir));
  out += list("hydra", select(copies.overrides, true), 4);
  out += list("task", select(copies.overrides, false), 4);
  out += fmt::format(
      "  job:\n    name: {}\n    config_name: config\n  runtime:\n    cwd: {}\n    output_dir: {}\n"
      "    choices:\n      workload: {}\n",
      yaml_scalar(copies.job_name), yaml_scalar(copies.cwd.string()), yaml_scalar(copies.run_dir.string()),
      yaml_scalar(copies.workload));
  if (copies.config_sources.empty()) return out + "    config_sources: []\n";
  out += "    config_sources:\n";
  for (const std::string& source : copies.config_sources) {
    out += fmt::format("    - path: {}\n      schema: {}\n      provider: main\n", yaml_scalar(source),
                       source == "embedded" ? "embedded" : "file");
  }
  return out;
}

Status write_config_copies(const ConfigCopies& copies) {
  const std::filesystem::path directory = copies.run_dir / copies.subdir;
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return make_error(Code::kIo, "{}: create folder: {}", directory.string(), error.message());
  STOKER_TRY(write_file_atomic(directory / "config.yaml", copies.config_yaml));
  STOKER_TRY(write_file_atomic(directory / "overrides.yaml", overrides_yaml(copies)));
  return write_file_atomic(directory / "hydra.yaml", hydra_yaml(copies));
}

}  // namespace stoker::results
