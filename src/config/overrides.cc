#include "config/overrides.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

namespace stoker::config {
namespace {

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_hydra(std::string_view key) {
  return key == "hydra" || key.starts_with("hydra.") || key.starts_with("hydra/");
}

// How an override begins, and what it does.
constexpr std::array kPrefixes = {
    std::pair{std::string_view("++"), Override::Action::kForce},
    std::pair{std::string_view("+"), Override::Action::kAdd},
    std::pair{std::string_view("~"), Override::Action::kDelete},
};

// So that no override makes a deeper tree than a file may be.
constexpr std::size_t kMostParts = 32;

struct Pieces {
  Override::Action action = Override::Action::kReplace;
  std::string_view key;  // dotted
  std::optional<std::string_view> value;
};

Error bad_override(std::string_view text, std::string_view what, Code code = Code::kConfig) {
  return Error{
      .code = code,
      .message = fmt::format("'{}': {}", text, what),
      .hint = "an override is KEY=VALUE, +KEY=VALUE, ++KEY=VALUE or ~KEY, as in ++workload.reader.batch_size=4",
      .where = SourcePos{.file = fmt::format("override '{}'", text)}};
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// A name: letters, digits, '_', '-' and '$', of which digits and '-' do not come first.
bool is_name(std::string_view part) {
  const auto inside = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '-' || c == '$';
  };
  return !part.empty() && !is_digit(part.front()) && part.front() != '-' && std::ranges::all_of(part, inside);
}

// The number of an item of a list: 0, or digits that begin otherwise, single underscores between them.
bool is_index(std::string_view part) {
  return classify(part, Dialect::kOverride) == Node::Kind::kInt && is_digit(part.front()) &&
         part.find('x') == std::string_view::npos;
}

// What is wrong with a key; empty when nothing is. Names joined by '.', where items of lists have numbers; or a choice
// among groups of Hydra, a/b.
std::string key_fault(std::string_view key) {
  if (key.empty()) return "no key before '='";
  if (key.find('@') != std::string_view::npos) return "'@' in the key: packages of Hydra are not known here";
  if (key.find('/') != std::string_view::npos) {
    if (!std::ranges::all_of(split(key, '/'), is_name) || key.find('$') != std::string_view::npos)
      return "unexpected character in the key";
    return is_hydra(key) ? "" : "'/' in the key: groups of Hydra are not known here";
  }
  const std::vector<std::string_view> parts = split(key, '.');
  if (std::ranges::find(parts, std::string_view()) != parts.end()) return "an empty part in the key";
  if (parts.size() > kMostParts)
    return fmt::format("more than {} parts in the key, which is stoker's limit", kMostParts);
  const auto is_part = [&](std::string_view part) { return is_name(part) || (parts.size() > 1 && is_index(part)); };
  return std::ranges::all_of(parts, is_part) ? "" : "unexpected character in the key";
}

Result<Pieces> cut(std::string_view text) {
  Pieces pieces;
  std::string_view rest = text;
  for (const auto& [prefix, action] : kPrefixes) {
    if (!rest.starts_with(prefix)) continue;
    pieces.action = action;
    rest.remove_prefix(prefix.size());
    break;
  }
  const std::size_t equals = rest.find('=');
  if (equals != std::string_view::npos) {
    pieces.value = rest.substr(equals + 1);
  } else if (pieces.action != Override::Action::kDelete) {
    return bad_override(text, "bad override syntax: no '='");
  }
  pieces.key = rest.substr(0, equals);
  if (const std::string fault = key_fault(pieces.key); !fault.empty()) {
    return bad_override(text, fmt::format("bad override syntax: {}", fault));
  }
  return pieces;
}

}  // namespace

Result<Override> parse_override(std::string_view text, int precedence) {
  STOKER_ASSIGN(Pieces pieces, cut(text));
  if (is_hydra(pieces.key)) {
    return bad_override(text,
                        "a setting of Hydra, not of the workload; it belongs on the command line of dlio_benchmark");
  }
  std::string_view key = pieces.key;
  if (key == "workload") {
    return bad_override(text, "chooses a workload; it belongs on the command line, not among the overrides");
  }
  if (key.starts_with("workload.")) key.remove_prefix(std::string_view("workload.").size());
  Override result{.action = pieces.action, .text = std::string(text)};
  for (const std::string_view part : split(key, '.')) result.path.emplace_back(part);
  if (pieces.value) {
    const Place place{.position = {.file = fmt::format("override '{}'", text)}, .precedence = precedence};
    auto value = parse_override_value(*pieces.value, place);
    if (!value) return std::move(value).error().with_context(key);
    result.value = std::move(value).value();
  }
  return result;
}

Result<CommandLine> split_command_line(std::span<const std::string> args) {
  CommandLine result;
  for (const std::string& arg : args) {
    auto pieces = cut(arg);
    if (!pieces) {
      Error error = std::move(pieces).error();
      error.code = Code::kInvalidArgument;
      return error;
    }
    const std::string_view key = pieces->key;
    if (key != "workload" && !is_hydra(key)) {
      result.overrides.push_back(arg);
      continue;
    }
    if (!pieces->value && (key == "workload" || key == "hydra.run.dir")) {
      return bad_override(arg, "cannot be deleted", Code::kInvalidArgument);
    }
    const Place place{.position = {.file = fmt::format("override '{}'", arg)}};
    STOKER_ASSIGN(const Node value, parse_override_value(pieces->value.value_or("null"), place));
    if (key == "workload") {
      if (!value.is_scalar() || value.is_null() || value.text.empty()) {
        return bad_override(arg, "expected the name of a workload", Code::kInvalidArgument);
      }
      result.workload = value.text;
    } else if (key == "hydra.run.dir") {
      if (!value.is_scalar() || value.is_null() || value.text.empty()) {
        return bad_override(arg, "expected a folder", Code::kInvalidArgument);
      }
      result.hydra_run_dir = value.text;
    } else if (key == "hydra.output_subdir") {
      const std::filesystem::path folder = value.is_scalar() && !value.is_null() ? value.text : std::string();
      if (folder.is_absolute() || std::find(folder.begin(), folder.end(), "..") != folder.end()) {
        return bad_override(arg, "expected a folder below that of the run", Code::kInvalidArgument);
      }
      result.hydra_output_subdir = folder.string();
    } else {
      result.other_hydra.push_back(arg);
    }
  }
  return result;
}

Result<std::string> param_to_override(std::string_view param) {
  const std::size_t equals = param.find('=');
  std::string_view key = trim(param.substr(0, equals));
  while (key.starts_with('+')) key.remove_prefix(1);
  if (key.starts_with("workload.")) key.remove_prefix(std::string_view("workload.").size());
  if (key.starts_with('~')) {
    return Error{.code = Code::kInvalidArgument,
                 .message = fmt::format("'{}': --params sets keys, it does not remove them", param),
                 .hint = "the engine takes '~KEY': stoker dlio workload=NAME '~workload.KEY'"};
  }
  if (equals == std::string_view::npos || key.empty()) {
    return Error{.code = Code::kInvalidArgument,
                 .message = fmt::format("'{}': expected KEY=VALUE", param),
                 .hint = "as in --params reader.read_threads=8"};
  }
  return fmt::format("++workload.{}={}", key, param.substr(equals + 1));
}

}  // namespace stoker::config
