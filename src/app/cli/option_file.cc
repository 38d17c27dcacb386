#include "app/cli/option_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/did_you_mean.h"
#include "base/error_number.h"
#include "config/node.h"
#include "config/yaml.h"
#include "results/json.h"

namespace stoker::cli {
namespace {

using config::Node;

struct Reader {
  const std::string& file;
  std::span<const OptionSpec> options;
  std::span<const GivenOption> given;
  std::span<const std::string> others;
  OptionFile out;

  [[nodiscard]] bool typed(const OptionSpec& option) const {
    return std::ranges::any_of(given, [&](const GivenOption& g) { return g.option == &option; });
  }
  // An option on the command line that may not stand beside this one.
  [[nodiscard]] const OptionSpec* typed_instead(const OptionSpec& option) const {
    for (const GivenOption& g : given) {
      const bool excluded =
          std::ranges::any_of(option.excludes, [&](auto& name) { return g.option->has_name(name); }) ||
          std::ranges::any_of(g.option->excludes, [&](auto& name) { return option.has_name(name); });
      if (excluded) return g.option;
    }
    return nullptr;
  }

  Status read(const Node& root);
  Status entry(const std::string& key, const Node& value);
  Status flag(const OptionSpec& option, const std::string& key, const Node& value);
  void unknown(const std::string& key, const std::string& name);
  void add(const OptionSpec& option, const std::string& value) {
    out.words.push_back(option.names.front());
    out.words.push_back(value);
  }
};

Error bad_value(const std::string& key, const Node& value, std::string_view expected) {
  return Error{
      .code = Code::kInvalidArgument,
      .message = fmt::format("{}: found {}, expected {}", key,
                             value.is_scalar() && value.text.empty() ? "''" : config::preview(value), expected),
      .where = value.place.position,
      .number = ErrorNumber::kBadValue};
}

// A list or map inside a value of `params`, as one would type it.
std::string typed_text(const Node& node, bool nested) {
  if (node.is_list()) {
    std::string text;
    for (const Node& item : node.items) text += fmt::format("{}{}", text.empty() ? "" : ",", typed_text(item, true));
    return "[" + text + "]";
  }
  if (node.is_map()) {
    std::string text;
    for (const auto& e : node.entries)
      text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", e.key, typed_text(e.value, true));
    return "{" + text + "}";
  }
  if (node.is_null()) return "null";
  if (!nested || node.kind != Node::Kind::kString) return node.text;
  std::string text = "'";
  for (const char c : node.text) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'";
}

void add_params(const Node& map, const std::string& prefix, std::vector<std::string>& items) {
  for (const auto& e : map.entries) {
    const std::string key = prefix + e.key;
    if (e.value.is_map()) {
      add_params(e.value, key + ".", items);
    } else if (!e.value.is_null()) {
      items.push_back(fmt::format("{}={}", key, typed_text(e.value, false)));
    }
  }
}

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(" \t") - begin + 1));
}

Result<std::vector<std::string>> list_items(const OptionSpec& option, const std::string& key, const Node& value) {
  std::vector<std::string> items;
  if (value.is_map()) {
    if (!option.has_name("--params")) return bad_value(key, value, "a text or a list");
    add_params(value, "", items);
  } else if (value.is_list()) {
    for (const Node& item : value.items) {
      if (!item.is_scalar() || item.is_null()) return bad_value(key, item, "a list of texts");
      items.push_back(item.text);
    }
  } else if (option.has_name("--hosts")) {
    for (const std::string_view part : config::split(value.text, ',')) {
      if (std::string host = trimmed(part); !host.empty()) items.push_back(std::move(host));
    }
    if (items.empty()) return bad_value(key, value, "at least one host");
  } else {
    items.push_back(value.text);
  }
  return items;
}

Status Reader::flag(const OptionSpec& option, const std::string& key, const Node& value) {
  const auto set = value.is_scalar() ? config::parse_bool(value.text) : std::nullopt;
  if (!set) return bad_value(key, value, "true or false");
  if (*set) out.words.push_back(option.names.front());
  return {};
}

void Reader::unknown(const std::string& key, const std::string& name) {
  if (std::ranges::find(others, name) != others.end()) {
    out.notes.push_back(fmt::format("{}: '{}' is no option of this command: skipped", file, key));
    return;
  }
  std::vector<std::string_view> names;
  for (const OptionSpec& option : options) {
    for (const std::string& known : option.names) {
      if (known.starts_with("--")) names.emplace_back(std::string_view(known).substr(2));
    }
  }
  const auto near = did_you_mean(std::string_view(name).substr(2), names);
  std::string guess = near ? std::string(*near) : std::string();
  std::ranges::replace(guess, '-', '_');
  out.warnings.push_back(fmt::format("{}: unknown option '{}' is skipped{}", file, key,
                                     near ? fmt::format("; did you mean '{}'?", guess) : std::string()));
}

Status Reader::entry(const std::string& key, const Node& value) {
  std::string name = "--" + key;
  std::ranges::replace(name, '_', '-');
  const OptionSpec* option = find_option(options, name);
  if (option == nullptr) {
    unknown(key, name);
    return {};
  }
  if (name == "--config-file" || name == "--help") {
    out.warnings.push_back(fmt::format("{}: '{}' has no effect in a file of options", file, key));
    return {};
  }
  if (value.is_null()) return {};
  const bool merges = option->has_name("--params");
  if (typed(*option) && !merges) {
    out.notes.push_back(fmt::format("{}: '{}' gives way to the command line", file, key));
    return {};
  }
  if (const OptionSpec* other = typed_instead(*option)) {
    out.notes.push_back(fmt::format("{}: '{}' gives way to {} on the command line", file, key, other->names.front()));
    return {};
  }
  out.names.push_back(option->names.front());
  out.places.push_back(value.place.position);
  if (option->kind == OptionSpec::Kind::kFlag) return flag(*option, key, value);
  if (option->kind == OptionSpec::Kind::kValue) {
    if (!value.is_scalar()) return bad_value(key, value, "one value");
    if (value.text.empty()) return bad_value(key, value, "a value; leave the option out for its default");
    add(*option, value.text);
    return {};
  }
  STOKER_ASSIGN(const auto items, list_items(*option, key, value));
  for (const std::string& item : items) add(*option, item);
  return {};
}

Status Reader::read(const Node& root) {
  if (!root.is_map()) return bad_value(file, root, "a map of options");
  if (root.entries.empty()) out.warnings.push_back(fmt::format("{}: the file sets no option", file));
  for (const auto& e : root.entries) STOKER_TRY(entry(e.key, e.value));
  return {};
}

}  // namespace

Result<OptionFile> parse_option_file(std::string_view text, const std::string& name,
                                     std::span<const OptionSpec> options, std::span<const GivenOption> given,
                                     std::span<const std::string> others) {
  auto root = config::parse_yaml(text, name);
  if (!root) {
    Error error = std::move(root).error();
    error.code = Code::kInvalidArgument;
    error.number = ErrorNumber::kParse;
    return error;
  }
  Reader reader{name, options, given, others, {}};
  STOKER_TRY(reader.read(*root));
  return std::move(reader.out);
}

Result<OptionFile> read_option_file(const std::filesystem::path& path, std::span<const OptionSpec> options,
                                    std::span<const GivenOption> given, std::span<const std::string> others) {
  auto text = results::read_file(path);
  if (!text) {
    Error error = std::move(text).error();
    if (error.code == Code::kNotFound) error.number = ErrorNumber::kConfigFile;
    error.code = Code::kInvalidArgument;
    return std::move(error).with_context("--config-file");
  }
  return parse_option_file(*text, path.string(), options, given, others);
}

}  // namespace stoker::cli
