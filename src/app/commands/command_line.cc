#include "app/commands/command_line.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "app/cli/option_file.h"
#include "app/cli/option_words.h"
#include "base/did_you_mean.h"
#include "base/error_number.h"

namespace stoker::app {
namespace {

// Long names of up to three letters are mlpstorage's short ones: it writes -np where others would write --np.
bool is_abbreviation(const std::string& long_name) {
  return long_name.size() <= 3;
}

std::string first_name(const CLI::Option& option) {
  const auto& names = option.get_lnames();
  const auto full = std::ranges::find_if_not(names, is_abbreviation);
  if (full != names.end()) return "--" + *full;
  if (!names.empty()) return "--" + names.front();
  return option.get_snames().empty() ? std::string() : "-" + option.get_snames().front();
}

cli::OptionSpec spec_of(const CLI::Option& option) {
  cli::OptionSpec spec;
  spec.names.push_back(first_name(option));
  for (const std::string& name : option.get_lnames()) {
    if ("--" + name != spec.names.front()) spec.names.push_back("--" + name);
    if (is_abbreviation(name)) spec.names.push_back("-" + name);
  }
  for (const std::string& name : option.get_snames()) spec.names.push_back("-" + name);
  spec.kind = option.get_items_expected_max() == 0  ? cli::OptionSpec::Kind::kFlag
              : option.get_items_expected_max() > 1 ? cli::OptionSpec::Kind::kList
                                                    : cli::OptionSpec::Kind::kValue;
  for (const CLI::Option* other : option.get_excludes()) spec.excludes.push_back(first_name(*other));
  return spec;
}

std::vector<cli::OptionSpec> options_of(const CLI::App& app) {
  std::vector<cli::OptionSpec> specs;
  for (const CLI::Option* option : app.get_options()) {
    if (option->nonpositional()) specs.push_back(spec_of(*option));
  }
  return specs;
}

void add_long_names(const CLI::App& app, std::set<std::string>& names) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.insert("--" + name);
  }
  for (const CLI::App* sub : app.get_subcommands({})) add_long_names(*sub, names);
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands({})) names.push_back(sub->get_name());
  return names;
}

const CLI::App* find_command(const CLI::App& app, const std::string& name) {
  for (const CLI::App* sub : app.get_subcommands({})) {
    if (sub->get_name() == name) return sub;
  }
  return nullptr;
}

Error unknown_command(const CLI::App& app, const std::string& word, const std::string& command) {
  const std::vector<std::string> names = command_names(app);
  const std::vector<std::string_view> views(names.begin(), names.end());
  Error error = make_error(Code::kInvalidArgument, "{}unknown command '{}'{}",
                           command.empty() ? std::string() : command + ": ", word, did_you_mean_text(word, views));
  error.hint = fmt::format("there are: {}", fmt::join(names, ", "));
  return error;
}

const cli::GivenOption* given(const cli::ScannedWords& scanned, std::string_view name) {
  const cli::GivenOption* found = nullptr;
  for (const cli::GivenOption& g : scanned.given) {
    if (g.option->has_name(name)) found = &g;
  }
  return found;
}

cli::ConsoleOptions console_of(const cli::ScannedWords& scanned) {
  const auto* level = given(scanned, "--stream-log-level");
  return cli::console_options(given(scanned, "--debug") != nullptr, given(scanned, "--verbose") != nullptr,
                              level != nullptr && level->value ? cli::parse_level(*level->value) : std::nullopt);
}

}  // namespace

Result<CommandLine> read_command_line(const CLI::App& app, const std::vector<std::string>& args) {
  CommandLine line;
  const CLI::App* command = &app;
  std::size_t at = 0;
  while (at < args.size()) {
    const CLI::App* next = find_command(*command, args[at]);
    if (next == nullptr) break;
    line.command += (line.command.empty() ? "" : " ") + args[at++];
    command = next;
  }
  const bool has_commands = !command_names(*command).empty();
  if (has_commands && at == args.size()) {
    line.complete = false;
    return line;
  }
  if (has_commands && !args[at].starts_with("-")) return unknown_command(*command, args[at], line.command);
  line.words.assign(args.begin(), args.begin() + static_cast<std::ptrdiff_t>(at));
  const std::vector<std::string> rest(args.begin() + static_cast<std::ptrdiff_t>(at), args.end());
  if (command->get_allow_extras()) {
    line.words.insert(line.words.end(), rest.begin(), rest.end());
    return line;
  }

  const std::vector<cli::OptionSpec> options = options_of(*command);
  auto scanned = cli::scan_words(rest, options);
  if (!scanned) {
    Error error = std::move(scanned).error();
    if (!line.command.empty()) error = std::move(error).with_context(line.command);
    if (error.hint.empty()) error.hint = fmt::format("see 'stoker {} --help'", line.command);
    return error;
  }
  const auto* file = given(*scanned, "--config-file");
  if (file != nullptr && file->value && given(*scanned, "--help") == nullptr) {
    std::set<std::string> names;
    add_long_names(app, names);
    const std::vector<std::string> others(names.begin(), names.end());
    STOKER_ASSIGN(cli::OptionFile content, cli::read_option_file(*file->value, options, scanned->given, others));
    for (std::size_t i = 0; i < content.names.size(); ++i) {
      const std::string& name = content.names[i];
      line.places[name] = content.places[i];
      line.from_file[name] = given(*scanned, name) == nullptr ? "config file" : "config file and command line";
    }
    line.warnings = std::move(content.warnings);
    line.notes = std::move(content.notes);
    // In front: what is typed comes later, and may end with a list that takes every word.
    line.words.insert(line.words.end(), content.words.begin(), content.words.end());
  }
  line.words.insert(line.words.end(), scanned->words.begin(), scanned->words.end());
  const std::vector<std::string> all(line.words.begin() + static_cast<std::ptrdiff_t>(at), line.words.end());
  if (auto again = cli::scan_words(all, options)) line.console = console_of(*again);
  return line;
}

std::string help_text(const CLI::App& app, const std::string& command) {
  const CLI::App* found = &app;
  std::string parents;
  std::string_view rest = command;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const CLI::App* next = find_command(*found, std::string(rest.substr(0, end)));
    if (next == nullptr) break;
    parents += (parents.empty() ? "" : " ") + found->get_name();
    found = next;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return found->help(parents);
}

Error parse_error(const CLI::ParseError& error, const std::string& command) {
  std::string text = error.what();
  if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])) != 0) {
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  }
  Error result = make_error(Code::kInvalidArgument, "{}{}", command.empty() ? std::string() : command + ": ", text);
  result.hint = fmt::format("see 'stoker {}--help'", command.empty() ? std::string() : command + " ");
  const std::string kind = error.get_name();
  if (kind == "RequiredError") result.number = ErrorNumber::kMissing;
  if (kind == "ExcludesError" || kind == "RequiresError") result.number = ErrorNumber::kIncompatible;
  return result;
}

std::string describe_options(const CLI::App& command, const OptionOrigins& from_file) {
  struct Row {
    std::string name, value, origin;
  };
  std::vector<Row> rows;
  std::size_t name_width = 0;
  std::size_t value_width = 0;
  for (const CLI::Option* option : command.get_options()) {
    const std::string name = first_name(*option);
    if (!option->nonpositional() || name == "--help") continue;
    const bool flag = option->get_items_expected_max() == 0;
    Row row{name.substr(2), "", "default"};
    std::ranges::replace(row.name, '-', '_');
    if (option->count() > 0) {
      row.value = flag ? std::string("true") : fmt::format("{}", fmt::join(option->results(), " "));
      const auto origin = from_file.find(name);
      row.origin = origin == from_file.end() ? std::string("command line") : origin->second;
    } else {
      row.value = flag ? std::string("false") : option->get_default_str();
      // CLI11's text of a list.
      if (row.value.starts_with('[') && row.value.ends_with(']')) row.value = row.value.substr(1, row.value.size() - 2);
    }
    if (row.value.empty()) row.value = "-";
    name_width = std::max(name_width, row.name.size());
    value_width = std::max(value_width, row.value.size());
    rows.push_back(std::move(row));
  }
  std::string text;
  for (const Row& row : rows) {
    text += fmt::format("{:<{}}  {:<{}}  {}\n", row.name, name_width, row.value, value_width, row.origin);
  }
  return text;
}

}  // namespace stoker::app
