// A verdict by the rules as the commands show it, and what it means for the run.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/commands/common_options.h"
#include "base/status.h"
#include "mlperf/rules/judge.h"
#include "mlperf/rules/planned_run.h"

namespace stoker::app {

// The distinct hosts of --hosts; all names of this machine count as one. kInvalidArgument as launch::parse_hosts.
[[nodiscard]] Result<std::set<std::string>> named_hosts(const std::vector<std::string>& hosts);

// Distinct hosts of the run and, when all of them are this machine, its facts. `memory_gib` and `num_client_hosts` are
// options, 0 when not given: the memory counts where hosts cannot be asked, and the number of hosts is at least
// `num_client_hosts`, which may not be fewer than are named.
[[nodiscard]] Result<rules::PlannedHosts> client_hosts(const std::vector<std::string>& hosts, int memory_gib,
                                                       int num_client_hosts);

// The same from what hosts have said of themselves; hosts without an answer count.
[[nodiscard]] rules::PlannedHosts client_hosts(const results::SystemInfo& collected, int num_client_hosts);

// How the launcher will deal the ranks of `run` over the hosts of --hosts, which are known to be well formed.
void deal_ranks(rules::Run& run, const std::vector<std::string>& hosts);

// Each finding, the worst first: what, where, expected, found, and the remedy. Remarks on settings that are in order
// are left out unless `verbose`.
[[nodiscard]] std::string judgement_text(const rules::Judgement& judgement, bool verbose);

// Judges a planned run, prints the verdict to stderr, and decides by --open, --closed and --allow-invalid-params
// whether it goes on. Without results, as of a size, nothing is said about handing them in.
struct Verdict {
  rules::Category category = rules::Category::kClosed;
  std::optional<int> refused;  // the exit code
};
[[nodiscard]] Verdict verify(const rules::Run& planned, const CommonOptions& options, bool leaves_results = true);

// Judges a training run again with what it left in `directory`, and prints the verdict to stdout.
void print_final_verdict(rules::Run run, const std::filesystem::path& directory, bool verbose);

// For commands that are not judged: says that the flags have no effect on them.
void note_unjudged(const CommonOptions& options, std::string_view command);

}  // namespace stoker::app
