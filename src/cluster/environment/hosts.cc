#include "cluster/environment/hosts.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <string_view>
#include <thread>

#include "base/host_name.h"
#include "base/proc_text.h"
#include "base/threads.h"
#include "cluster/environment/complaint.h"

namespace stoker::environment {

namespace {

constexpr std::size_t kAtATime = 10;

// The answer of one question: facts, or why there are none.
struct Reply {
  results::SystemInfo system;
  std::optional<Error> problem;
  bool of_the_launcher = false;  // the problem would be the same whichever host is asked
};

std::vector<std::string> distinct_names(const std::vector<launch::Host>& hosts) {
  std::vector<std::string> names;
  for (const launch::Host& host : hosts) {
    if (std::find(names.begin(), names.end(), host.name) == names.end()) names.push_back(host.name);
  }
  if (names.empty()) names.emplace_back("localhost");
  return names;
}

// The hosts may be several (joined by commas) when they were asked together.
std::optional<Error> judge(const HostQuery& query, const std::string& hosts, const std::string& tried,
                           const Result<launch::Answer>& answer) {
  if (!answer) {
    Error error = answer.error();
    if (error.code == Code::kInterrupted) return numbered(ErrorNumber::kInterrupted, std::move(error));
    if (error.code == Code::kNotFound || error.code == Code::kPermission) {
      error.code = Code::kFailed;
      return numbered(ErrorNumber::kMpiMissing, std::move(error));
    }
    Error late{error.code, fmt::format("{}: no answer: {}", hosts, error.message), fmt::format("tried: {}", tried)};
    return numbered(ErrorNumber::kHostUnreachable, std::move(late));
  }
  if (answer->exit_code == 0) return std::nullopt;
  const Complaint c = complaint(answer->err, answer->exit_code);
  switch (c.cause) {
    case Complaint::Cause::kCommandLine:
      return numbered(
          ErrorNumber::kBadValue,
          Error{Code::kInvalidArgument, fmt::format("the MPI launcher refuses its command line: {}", c.text),
                fmt::format("tried: {}; see --mpi-params", tried)});
    case Complaint::Cause::kMpiModule:
      return numbered(ErrorNumber::kMpiMissing, Error{Code::kFailed, fmt::format("{}: {}", hosts, c.text), c.hint});
    case Complaint::Cause::kNoDaemon:
      return numbered(ErrorNumber::kMpiMissing,
                      Error{Code::kFailed, fmt::format("{}: Open MPI was not found there: {}", hosts, c.text),
                            "install the MPI that this host has on every host; where it lies in a folder that a login "
                            "does not have in PATH, add --mpi-params --prefix <folder>"});
    case Complaint::Cause::kNoProgram:
      return numbered(ErrorNumber::kHostUnreachable,
                      Error{Code::kFailed, fmt::format("{}: the program cannot be run there: {}", hosts, c.text),
                            fmt::format("install {} under the same path on every host, or on a file system that all "
                                        "of them share; tried: {}",
                                        query.command.front(), tried)});
    case Complaint::Cause::kMpi:
      return numbered(
          ErrorNumber::kCommunication,
          Error{Code::kFailed, fmt::format("{}: MPI cannot start there: {}", hosts, c.text),
                fmt::format("see --mpi-params and the variables OMPI_MCA_* of the environment; tried: {}", tried)});
    case Complaint::Cause::kLogin:
    case Complaint::Cause::kAllocation:
    case Complaint::Cause::kOther: break;
  }
  const bool login = c.cause == Complaint::Cause::kLogin;
  const bool of_the_job = c.cause == Complaint::Cause::kAllocation && !query.nodes_of_job.empty();
  return numbered(
      ErrorNumber::kHostUnreachable,
      Error{Code::kFailed, fmt::format("{}: cannot be reached through {}: {}", hosts, query.launcher.program, c.text),
            fmt::format("tried: {}{}{}{}", tried, login ? "; a login there must work without a password" : "",
                        of_the_job ? "; " : "", of_the_job ? query.nodes_of_job : "")});
}

Reply ask(const HostQuery& query, const std::vector<std::string>& names, std::chrono::milliseconds timeout,
          launch::Launcher& launcher, const std::stop_token& stop) {
  Reply reply;
  launch::MpirunOptions options = query.launcher;
  options.processes = static_cast<int>(names.size());
  options.hosts.clear();
  std::string list;
  for (const std::string& name : names) {
    options.hosts.push_back({name, 1});
    list += (list.empty() ? "" : ", ") + name;
  }
  list = fmt::format("host{} {}", names.size() == 1 ? "" : "s", list);
  auto command = launch::mpirun_command(options, query.command);
  if (!command) {
    reply.problem = numbered(ErrorNumber::kBadValue, command.error());
    reply.of_the_launcher = true;
    return reply;
  }
  launch::ProcessSpec spec;
  spec.command = *command;
  spec.environment = query.variables;
  spec.timeout = timeout;
  const auto answer = launch::ask(launcher, spec, stop);
  reply.problem = judge(query, list, launch::shell_line(*command), answer);
  reply.of_the_launcher = (!answer && answer.error().code != Code::kTimeout) ||
                          (reply.problem && reply.problem->number == ErrorNumber::kBadValue);
  if (reply.problem) return reply;
  // Login scripts and launchers may print lines of their own.
  for (const std::string_view line : proc_text::lines(answer->out)) {
    if (!line.starts_with('{')) continue;
    const auto json = results::parse_json(line, "host facts of " + list);
    auto system = json ? results::system_info_from_json(*json, "host facts of " + list) : json.error();
    if (system) {
      reply.system = std::move(*system);
      return reply;
    }
  }
  reply.problem =
      numbered(ErrorNumber::kClusterInfo, Error{Code::kFailed, fmt::format("{}: the answer holds no host facts", list),
                                                fmt::format("is {} there the same program as here? tried: {}",
                                                            query.command.front(), launch::shell_line(*command))});
  return reply;
}

std::vector<Reply> ask_each(const HostQuery& query, const std::vector<std::string>& names,
                            const MakeLauncher& make_launcher, const std::stop_token& stop) {
  std::vector<Reply> replies(names.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    const auto launcher = make_launcher();
    for (std::size_t i = next++; i < names.size(); i = next++) {
      const Status asked = caught([&]() -> Status {
        replies[i] = ask(query, {names[i]}, query.timeout_alone, *launcher, stop);
        return {};
      });
      if (!asked) replies[i].problem = numbered(ErrorNumber::kByCode, asked.error());
    }
  };
  std::vector<std::jthread> threads;
  // Where no more threads may be made, those that are there do the work.
  for (std::size_t i = 1; i < std::min(kAtATime, names.size()) && add_thread(threads, "a thread", work); ++i) {
  }
  work();
  threads.clear();  // joins
  return replies;
}

results::SystemInfo this_host(const host::Proc& proc, results::WallTime now, const char* method) {
  results::SystemInfo system;
  system.hosts = {proc.host_info(now, host::Detail::kFull)};
  system.collection_method = method;
  system.collection_timestamp = system.hosts.front().collection_timestamp;
  return system;
}

HostAnswer fall_back(const host::Proc& proc, results::WallTime now, const std::vector<std::string>& names,
                     Findings problems) {
  HostAnswer answer{this_host(proc, now, "local_fallback"), std::move(problems)};
  for (const std::string& name : names) {
    if (!launch::is_local_host(name, host_name()))
      answer.system.missing_hosts.push_back({name, answer.problems.front().message});
  }
  return answer;
}

}  // namespace

HostAnswer ask_hosts(const HostQuery& query, const MakeLauncher& make_launcher, const host::Proc& proc,
                     results::WallTime now, const std::stop_token& stop) {
  if (!query.launched) return {this_host(proc, now, "local"), {}};
  const std::vector<std::string> names = distinct_names(query.launcher.hosts);
  Reply all = ask(query, names, query.timeout, *make_launcher(), stop);
  if (!all.problem) return {std::move(all.system), {}};
  if (all.of_the_launcher || names.size() == 1) return fall_back(proc, now, names, {std::move(*all.problem)});

  HostAnswer answer;
  answer.system.collection_method = "mpi";
  std::vector<Reply> replies = ask_each(query, names, make_launcher, stop);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (replies[i].problem) {
      answer.system.missing_hosts.push_back({names[i], replies[i].problem->message});
      answer.problems.push_back(std::move(*replies[i].problem));
    } else {
      for (auto& host : replies[i].system.hosts) answer.system.hosts.push_back(std::move(host));
    }
  }
  if (answer.problems.empty()) {
    Error apart = std::move(*all.problem);
    apart.message = "each host answers alone, but they cannot communicate: " + apart.message;
    answer.problems.push_back(numbered(ErrorNumber::kCommunication, std::move(apart)));
  }
  if (answer.system.hosts.empty()) return fall_back(proc, now, names, std::move(answer.problems));
  answer.system.collection_timestamp = answer.system.hosts.front().collection_timestamp;
  answer.system.host_consistency_issues = results::consistency_issues(answer.system.hosts);
  return answer;
}

std::string shortfall(const results::SystemInfo& system) {
  if (system.missing_hosts.empty() && system.collection_method != "local_fallback") return "";
  if (system.missing_hosts.empty()) return "host facts were read here, not through the launcher (local_fallback)";
  std::string names;
  for (const auto& missing : system.missing_hosts) names += (names.empty() ? "" : ", ") + missing.host;
  const std::string known =
      system.collection_method == "local_fallback"
          ? "this host"
          : fmt::format("{} of {} hosts", system.hosts.size(), system.hosts.size() + system.missing_hosts.size());
  return fmt::format("host facts of {} only ({}): {} {} missing", known, system.collection_method, names,
                     system.missing_hosts.size() == 1 ? "is" : "are");
}

}  // namespace stoker::environment
