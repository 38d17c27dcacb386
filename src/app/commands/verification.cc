#include "app/commands/verification.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/cli/console.h"
#include "app/commands/print_error.h"
#include "base/clock.h"
#include "base/error_number.h"
#include "base/host_name.h"
#include "base/printable.h"
#include "cluster/host/proc.h"
#include "cluster/launch/mpirun_command.h"
#include "mlperf/rules/decision.h"
#include "results/summary.h"

namespace stoker::app {
namespace {

using rules::Category;
using rules::Severity;

// "expected >= 3500, found 14", as far as it is known.
std::string details(const rules::Finding& finding) {
  std::string text = finding.parameter;
  if (!finding.expected.empty()) text += fmt::format("{}expected {}", text.empty() ? "" : ": ", finding.expected);
  if (!finding.actual.empty()) {
    text += fmt::format("{}found {}", text.empty() ? "" : (finding.expected.empty() ? ": " : ", "), finding.actual);
  }
  return text;
}

bool is_shown(const rules::Finding& finding, bool verbose) {
  const bool setting = finding.rule.find(".override.") != std::string::npos || finding.rule.ends_with(".workload");
  return verbose || finding.category != Category::kClosed || finding.severity != Severity::kInfo || !setting;
}

}  // namespace

Result<std::set<std::string>> named_hosts(const std::vector<std::string>& words) {
  STOKER_ASSIGN(const auto hosts, launch::parse_hosts(words));
  const std::string self = host_name();
  std::set<std::string> names;
  for (const auto& host : hosts) names.insert(launch::is_local_host(host.name, self) ? self : host.name);
  return names;
}

Result<rules::PlannedHosts> client_hosts(const std::vector<std::string>& words, int memory_gib, int num_client_hosts) {
  STOKER_ASSIGN(const auto names, named_hosts(words));
  const bool all_local = names.size() == 1 && names.contains(host_name());
  if (num_client_hosts > 0 && static_cast<std::size_t>(num_client_hosts) < names.size()) {
    return Error{.code = Code::kInvalidArgument,
                 .message = fmt::format("--num-client-hosts: found {}, but --hosts names {} hosts", num_client_hosts,
                                        names.size()),
                 .hint = "leave --num-client-hosts out, or name fewer hosts",
                 .number = ErrorNumber::kIncompatible};
  }
  const auto count = std::max(static_cast<std::int64_t>(names.size()), static_cast<std::int64_t>(num_client_hosts));
  std::optional<results::SystemInfo> collected;
  if (all_local) {
    collected.emplace();
    collected->hosts.push_back(host::Proc().host_info(SteadyClock().wall()));
    collected->collection_method = "local";
  }
  return rules::planned_hosts(collected, count, memory_gib);
}

rules::PlannedHosts client_hosts(const results::SystemInfo& collected, int num_client_hosts) {
  // With local_fallback the one host known is this one, which need not be among those of the run.
  const bool fallback = collected.collection_method == "local_fallback" && !collected.missing_hosts.empty();
  const auto known =
      static_cast<std::int64_t>((fallback ? 0 : collected.hosts.size()) + collected.missing_hosts.size());
  return rules::planned_hosts(collected, std::max(known, static_cast<std::int64_t>(num_client_hosts)), 0);
}

void deal_ranks(rules::Run& run, const std::vector<std::string>& words) {
  const auto hosts = launch::parse_hosts(words);
  if (hosts) run.ranks_by_host = launch::ranks_by_host(*hosts, static_cast<int>(run.processes), host_name());
}

std::string judgement_text(const rules::Judgement& judgement, bool verbose) {
  std::string text;
  // The worst first: that is what decides.
  for (const Category category : {Category::kInvalid, Category::kOpen, Category::kClosed}) {
    for (const rules::Finding& finding : judgement.findings) {
      if (finding.category != category || !is_shown(finding, verbose)) continue;
      const std::string_view severity =
          category == Category::kClosed && finding.severity == Severity::kWarning ? " warning:" : "";
      text += fmt::format("  [{}]{} {} ({})\n", to_string(category), severity, finding.message, finding.rule);
      if (const std::string line = details(finding); !line.empty()) text += fmt::format("      {}\n", line);
      if (!finding.remedy.empty() && finding.severity != Severity::kInfo) {
        text += fmt::format("      remedy: {}\n", finding.remedy);
      }
    }
  }
  return printable(text);
}

Verdict verify(const rules::Run& planned, const CommonOptions& options, bool leaves_results) {
  const rules::Judgement judgement = judge(planned);
  Verdict verdict;
  verdict.category = judgement.category();
  const std::string text = judgement_text(judgement, options.verbose);
  const cli::Level level = verdict.category == Category::kClosed ? cli::Level::kInfo : cli::Level::kWarning;
  cli::log(level, fmt::format("by the rules, before the run: {}", to_string(verdict.category)));
  if (cli::shows(level)) cli::print_above(text);
  const auto division = options.open     ? rules::Division::kOpen
                        : options.closed ? rules::Division::kClosed
                                         : rules::Division::kNone;
  const rules::Decision decision = rules::decide(verdict.category, division, options.allow_invalid);
  if (leaves_results && !decision.warning.empty()) cli::log(cli::Level::kWarning, decision.warning);
  if (!decision.run) {
    verdict.refused = print_error(
        Error{.code = Code::kFailed,
              .message = decision.refusal,
              .hint = decision.hint,
              .number = verdict.category == Category::kOpen ? ErrorNumber::kOpenOnly : ErrorNumber::kInvalidRun});
  }
  return verdict;
}

void print_final_verdict(rules::Run run, const std::filesystem::path& directory, bool verbose) {
  run.directory = directory;
  run.id.datetime = directory.filename().string();
  if (const auto summary = results::read_summary(directory)) add_outcome(run, *summary);
  const rules::Judgement judgement = judge(run);
  cli::print("by the rules, after the run: {} ({})\n{}", to_string(judgement.category()), results::to_string(run.id),
             judgement_text(judgement, verbose));
  std::fflush(stdout);  // before the next run of --loops prints
}

void note_unjudged(const CommonOptions& options, std::string_view command) {
  for (const auto& [given, flag] : {std::pair(options.open, "--open"), std::pair(options.closed, "--closed"),
                                    std::pair(options.allow_invalid, "--allow-invalid-params")}) {
    if (given) cli::log(cli::Level::kWarning, fmt::format("{} has no effect on {}: runs are judged", flag, command));
  }
}

}  // namespace stoker::app
