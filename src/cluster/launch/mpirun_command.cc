#include "cluster/launch/mpirun_command.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>

#include "base/plural.h"
#include "base/variables.h"
#include "cluster/launch/mpi_params.h"

namespace stoker::launch {
namespace {

constexpr std::string_view kSeparators = ", \t\n\r\"'";

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

Error bad_host(std::string_view text, std::string_view expected) {
  Error error = make_error(Code::kInvalidArgument, "--hosts: '{}': expected {}", text, expected);
  error.hint = "for example: --hosts node1:8 node2:8, or --hosts node1,node2";
  return error;
}

// A name can go on the launcher's command line only if it cannot be taken for an option or a list.
bool is_host_name(std::string_view name) {
  return !name.empty() && name.front() != '-' && std::all_of(name.begin(), name.end(), is_name_character);
}

bool is_ipv6_address(std::string_view name) {
  return name.find(':') != std::string_view::npos &&
         std::all_of(name.begin(), name.end(), [](char c) { return c == ':' || c == '%' || is_name_character(c); });
}

Result<Host> parse_host(std::string_view text) {
  std::string_view name = text;
  std::optional<std::string_view> slots;
  if (text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return bad_host(text, "a ']' after the address");
    name = text.substr(1, close - 1);
    const std::string_view rest = text.substr(close + 1);
    if (!rest.empty() && rest.front() != ':') return bad_host(text, "':slots' after ']'");
    if (!rest.empty()) slots = rest.substr(1);
    if (!is_ipv6_address(name)) return bad_host(text, "an IPv6 address between the brackets");
  } else if (std::count(text.begin(), text.end(), ':') >= 2) {
    if (!is_ipv6_address(name)) return bad_host(text, "a host name or an address");
  } else {
    const std::size_t colon = text.find(':');
    name = text.substr(0, colon);
    if (colon != std::string_view::npos) slots = text.substr(colon + 1);
    if (!is_host_name(name)) return bad_host(text, "a host name or an address");
  }
  Host host{.name = std::string(name), .slots = std::nullopt};
  if (slots) {
    int value = 0;
    const auto [end, failure] = std::from_chars(slots->data(), slots->data() + slots->size(), value);
    if (failure != std::errc() || end != slots->data() + slots->size() || value < 1) {
      return bad_host(text, "a number of slots, 1 or more, after the ':'");
    }
    host.slots = value;
  }
  return host;
}

// The user's own words for the launcher may contain what there is an option for.
bool has_param(const MpirunOptions& options, std::string_view name) {
  return std::any_of(options.mpi_params.begin(), options.mpi_params.end(), [name](std::string_view param) {
    return param == name || (param.starts_with('-') && fmt::format("-{}", param) == name);
  });
}

std::size_t with_slots(std::span<const Host> hosts) {
  return static_cast<std::size_t>(std::ranges::count_if(hosts, [](const Host& h) { return h.slots.has_value(); }));
}

// As many slots as there are processes, the first hosts getting one more.
void give_slots(std::span<Host> hosts, int processes) {
  const int count = static_cast<int>(hosts.size());
  for (int i = 0; i < count; ++i) {
    hosts[static_cast<std::size_t>(i)].slots = processes / count + (i < processes % count ? 1 : 0);
  }
}

Result<std::vector<Host>> deal(const MpirunOptions& options) {
  std::vector<Host> hosts =
      options.hosts.empty() ? std::vector<Host>{{.name = "localhost", .slots = std::nullopt}} : options.hosts;
  if (with_slots(hosts) == 0) {
    give_slots(hosts, options.processes);
    std::erase_if(hosts, [](const Host& host) { return host.slots == 0; });
    return hosts;
  }
  if (const auto bare = std::find_if(hosts.begin(), hosts.end(), [](const Host& host) { return !host.slots; });
      bare != hosts.end()) {
    Error error = make_error(Code::kInvalidArgument, "--hosts: '{}' has no number of slots, but another host has one",
                             bare->name);
    error.hint = fmt::format("write '{}:<slots>', or give no host a number", bare->name);
    return error;
  }
  std::int64_t total = 0;
  for (const Host& host : hosts) total += *host.slots;
  if (total < options.processes && !options.oversubscribe && !has_param(options, "--oversubscribe")) {
    Error error = make_error(Code::kInvalidArgument, "--hosts: {} for {}", counted(total, "slot"),
                             counted(options.processes, "process", "processes"));
    error.hint = "give hosts more slots, name more hosts, start fewer processes, or add --oversubscribe";
    return error;
  }
  return hosts;
}

std::string host_list(std::span<const Host> hosts) {
  std::string list;
  for (const Host& host : hosts) {
    const bool bracket = host.name.find(':') != std::string::npos;
    list += fmt::format("{}{}{}{}:{}", list.empty() ? "" : ",", bracket ? "[" : "", host.name, bracket ? "]" : "",
                        *host.slots);
  }
  return list;
}

}  // namespace

Result<std::vector<Host>> parse_hosts(std::span<const std::string> words) {
  std::vector<Host> hosts;
  for (std::string_view word : words) {
    while (true) {
      const std::size_t begin = word.find_first_not_of(kSeparators);
      if (begin == std::string_view::npos) break;
      word.remove_prefix(begin);
      const std::string_view text = word.substr(0, word.find_first_of(kSeparators));
      STOKER_ASSIGN(Host host, parse_host(text));
      hosts.push_back(std::move(host));
      word.remove_prefix(text.size());
    }
  }
  if (hosts.empty()) return bad_host("", "at least one host");
  return hosts;
}

bool is_local_host(std::string_view name, std::string_view own_name) {
  if (name == "localhost" || name == "::1" || name == "localhost.localdomain") return true;
  if (name.starts_with("127.") && name.find_first_not_of("0123456789.") == std::string_view::npos) return true;
  if (own_name.empty()) return false;
  return name == own_name || name == own_name.substr(0, own_name.find('.'));
}

std::vector<int> ranks_by_host(std::span<const Host> named, int processes, std::string_view own_name) {
  std::vector<Host> hosts(named.begin(), named.end());
  const std::size_t slotted = with_slots(hosts);
  if (hosts.empty() || (slotted > 0 && slotted < hosts.size())) return {};
  if (slotted == 0) give_slots(hosts, processes);
  std::map<std::string_view, std::size_t> index;
  std::vector<std::int64_t> slots;
  for (const Host& host : hosts) {
    const std::string_view name = is_local_host(host.name, own_name) ? "localhost" : std::string_view(host.name);
    const auto [at, fresh] = index.emplace(name, slots.size());
    if (fresh) slots.push_back(0);
    slots[at->second] += *host.slots;
  }
  std::vector<int> ranks(slots.size(), 0);
  std::vector<std::size_t> open;  // hosts with a free slot
  for (std::size_t host = 0; host < slots.size(); ++host) {
    if (slots[host] > 0) open.push_back(host);
  }
  int left = processes;
  while (left > 0 && !open.empty()) {
    for (std::size_t i = 0; i < open.size() && left > 0; ++i, --left) ++ranks[open[i]];
    std::erase_if(open, [&](std::size_t host) { return ranks[host] >= slots[host]; });
  }
  for (std::size_t host = 0; left > 0; host = (host + 1) % ranks.size(), --left) ++ranks[host];
  return ranks;
}

std::string launcher_program(MpiBin bin) {
  const bool run = bin == MpiBin::kMpirun;
  return variable(run ? "MPI_RUN_BIN" : "MPI_EXEC_BIN").value_or(run ? "mpirun" : "mpiexec");
}

bool launcher_refuses_root() {
  return ::geteuid() == 0 &&
         !(variable("OMPI_ALLOW_RUN_AS_ROOT") == "1" && variable("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM") == "1");
}

Result<std::vector<std::string>> mpirun_command(const MpirunOptions& options, std::span<const std::string> command) {
  if (options.processes < 1) {
    return make_error(Code::kInvalidArgument, "number of processes: {}: expected 1 or more", options.processes);
  }
  if (options.refuses_root && !options.allow_run_as_root && !has_param(options, "--allow-run-as-root")) {
    Error error = make_error(Code::kInvalidArgument, "{} refuses to start as root", options.program);
    error.hint = "add --allow-run-as-root, or run as another user";
    return error;
  }
  STOKER_ASSIGN(const std::vector<Host> hosts, deal(options));
  std::set<std::string_view> names;
  for (const Host& host : hosts) names.insert(host.name);

  std::vector<std::string> words{options.program, "-n", std::to_string(options.processes), "-host", host_list(hosts)};
  // The user's own take their place: of two, Open MPI refuses some and takes the last of others.
  if (!has_role(options.mpi_params, ParamRole::kBinding)) words.insert(words.end(), {"--bind-to", "none"});
  if (!has_role(options.mpi_params, ParamRole::kMapping))
    words.insert(words.end(), {"--map-by", names.size() > 1 ? "node" : "socket"});
  if (options.oversubscribe) words.emplace_back("--oversubscribe");
  if (options.allow_run_as_root) words.emplace_back("--allow-run-as-root");
  words.insert(words.end(), options.mpi_params.begin(), options.mpi_params.end());
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

}  // namespace stoker::launch
