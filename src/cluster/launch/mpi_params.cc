#include "cluster/launch/mpi_params.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/error_number.h"
#include "cluster/launch/shell_line.h"

namespace stoker::launch {

namespace {

struct KnownOption {
  std::string_view name;
  std::size_t values;
  ParamRole role;
};

using enum ParamRole;

constexpr auto kOptions = std::to_array<KnownOption>({
    {"n", 1, kRanks},
    {"np", 1, kRanks},
    {"c", 1, kRanks},
    {"N", 1, kRanks},
    {"npernode", 1, kRanks},
    {"npersocket", 1, kRanks},
    {"pernode", 0, kRanks},
    {"ppr", 1, kRanks},
    {"ppn", 1, kRanks},         // MPICH
    {"app", 1, kRanks},         // a file with options and programs
    {"configfile", 1, kRanks},  // the same, MPICH
    {"H", 1, kHosts},
    {"host", 1, kHosts},
    {"hosts", 1, kHosts},
    {"hostfile", 1, kHosts},
    {"machinefile", 1, kHosts},
    {"default-hostfile", 1, kHosts},
    {"add-host", 1, kHosts},
    {"add-hostfile", 1, kHosts},
    {"f", 1, kHosts},  // MPICH
    {"map-by", 1, kMapping},
    {"rankfile", 1, kMapping},
    {"rf", 1, kMapping},
    {"bynode", 0, kMapping},
    {"byslot", 0, kMapping},
    {"bysocket", 0, kMapping},
    {"bycore", 0, kMapping},
    {"loadbalance", 0, kMapping},
    {"nolocal", 0, kMapping},
    {"cpus-per-proc", 1, kMapping},
    {"cpus-per-rank", 1, kMapping},
    {"rr", 0, kMapping},  // MPICH
    {"rank-by", 1, kRanking},
    {"nooversubscribe", 0, kRanking},
    {"bind-to", 1, kBinding},
    {"bind-to-core", 0, kBinding},
    {"bind-to-socket", 0, kBinding},
    {"bind-to-none", 0, kBinding},
    {"tag-output", 0, kOutput},
    {"timestamp-output", 0, kOutput},
    {"xml", 0, kOutput},
    {"merge-stderr-to-stdout", 0, kOutput},
    {"display-map", 0, kOutput},
    {"display-devel-map", 0, kOutput},
    {"display-allocation", 0, kOutput},
    {"display-topo", 0, kOutput},
    {"report-bindings", 0, kOutput},
    {"output-filename", 1, kOutput},
    {"xml-file", 1, kOutput},
    {"output", 1, kOutput},   // Open MPI 5
    {"display", 1, kOutput},  // Open MPI 5
    {"mca", 2, kOther},
    {"gmca", 2, kOther},
    {"omca", 2, kOther},
    {"prtemca", 2, kOther},
    {"pmixmca", 2, kOther},
    {"x", 1, kOther},
    {"am", 1, kOther},
    {"tune", 1, kOther},
    {"prefix", 1, kOther},
    {"path", 1, kOther},
    {"wdir", 1, kOther},
    {"wd", 1, kOther},
    {"timeout", 1, kOther},
    {"genv", 2, kOther},  // MPICH
    {"env", 2, kOther},   // MPICH
    {"oversubscribe", 0, kOther},
    {"allow-run-as-root", 0, kOther},
});

// Variables that do what options do.
constexpr auto kVariables = std::to_array<KnownOption>({
    {"orte_default_hostfile", 1, kHosts},
    {"prte_default_hostfile", 1, kHosts},
    {"rmaps_base_mapping_policy", 1, kMapping},
    {"rmaps_default_mapping_policy", 1, kMapping},
    {"rmaps_rank_file_path", 1, kMapping},
    {"orte_rankfile", 1, kMapping},
    {"rmaps_base_ranking_policy", 1, kRanking},
    {"rmaps_default_ranking_policy", 1, kRanking},
    {"hwloc_base_binding_policy", 1, kBinding},
    {"hwloc_default_binding_policy", 1, kBinding},
    {"orte_tag_output", 1, kOutput},
});

bool is_option(std::string_view word) {
  return word.size() > 1 && word.front() == '-';
}

std::string_view bare(std::string_view option) {
  option.remove_prefix(std::min(option.find_first_not_of('-'), option.size()));
  return option;
}

template <std::size_t N>
const KnownOption* find(const std::array<KnownOption, N>& table, std::string_view name) {
  const auto at = std::ranges::find(table, name, &KnownOption::name);
  return at == table.end() ? nullptr : &*at;
}

Error bad(ErrorNumber number, std::string message, std::string hint) {
  return {.code = Code::kInvalidArgument, .message = std::move(message), .hint = std::move(hint), .number = number};
}

// stoker's own option for what the user's word decides; the last of two of the launcher's would win without a word.
Error instead(ParamRole role, std::string_view word) {
  if (role == kHosts) {
    return bad(ErrorNumber::kIncompatible,
               fmt::format("--mpi-params: '{}' names hosts, and so does stoker's own command line", word),
               "use --hosts: names with commas or blanks between them, each with :N for the ranks that it may hold");
  }
  return bad(
      ErrorNumber::kIncompatible,
      fmt::format("--mpi-params: '{}' says which ranks are started, and so does stoker's own command line", word),
      "use --num-accelerators (--num-processes of datagen) for how many there are, --hosts NAME:N for how many a "
      "host holds");
}

// The option that stands at `begin`; `count` may reach beyond the end.
Param read_option(std::span<const std::string> words, std::size_t begin) {
  const std::string_view word = words[begin];
  const std::string_view name = bare(word.substr(0, word.find('=')));
  const KnownOption* option = find(kOptions, name);
  Param param{.begin = begin};
  if (option == nullptr) {
    const auto is_value = [](std::string_view w) { return !is_option(w) && w != ":"; };
    while (begin + param.count < words.size() && is_value(words[begin + param.count])) ++param.count;
    return param;
  }
  param.role = option->role;
  param.count = word.find('=') == std::string_view::npos ? 1 + option->values : 1;
  if (option->values == 2 && begin + 1 < words.size()) {
    if (const KnownOption* variable = find(kVariables, words[begin + 1])) param.role = variable->role;
  }
  return param;
}

}  // namespace

Result<std::vector<Param>> parse_mpi_params(std::span<const std::string> words) {
  if (std::ranges::any_of(words, [](std::string_view w) { return w.find_first_not_of(" \t\r\n") == w.npos; })) {
    return bad(ErrorNumber::kMissing, "option '--mpi-params' has an empty value",
               "give it a value, or leave the option out; an environment variable in it may not be set");
  }
  std::vector<Param> params;
  for (std::size_t i = 0; i < words.size(); i += params.back().count) {
    if (words[i] == ":") return instead(kRanks, words[i]);
    if (!is_option(words[i])) {
      return bad(ErrorNumber::kBadValue,
                 fmt::format("--mpi-params: '{}' belongs to no option: the launcher would start it in stoker's place",
                             words[i]),
                 "each option with a dash, and its values behind it");
    }
    const Param param = read_option(words, i);
    if (param.role == kRanks || param.role == kHosts) return instead(param.role, words[i]);
    if (param.begin + param.count > words.size()) {
      return bad(ErrorNumber::kMissing,
                 fmt::format("--mpi-params: '{}' needs {}: the launcher would take stoker for it", words[i],
                             param.count == 2 ? "a value" : "two values"),
                 "write the value behind it");
    }
    params.push_back(param);
  }
  return params;
}

Result<std::vector<std::string>> split_mpi_params(std::span<const std::string> values) {
  std::vector<std::string> words;
  for (const std::string& value : values) {
    if (!value.starts_with('-') || value.find(' ') == std::string::npos) {
      words.push_back(value);
      continue;
    }
    auto split = split_shell_line(value);
    if (!split) return std::move(split).error().with_context("--mpi-params");
    words.insert(words.end(), split->begin(), split->end());
  }
  STOKER_TRY(parse_mpi_params(words));
  return words;
}

bool has_role(std::span<const std::string> words, ParamRole role) {
  const auto params = parse_mpi_params(words);
  return params && std::ranges::any_of(*params, [role](const Param& param) { return param.role == role; });
}

}  // namespace stoker::launch
