#include "cluster/environment/launcher_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "base/printable.h"
#include "cluster/launch/mpi_params.h"
#include "results/json.h"

namespace stoker::environment {

namespace {

// Names of the agent and of its arguments, in Open MPI 4 and 5.
constexpr std::array<std::string_view, 4> kAgent{"plm_rsh_agent", "plm_ssh_agent", "plm_rsh_args", "plm_ssh_args"};

// Variables of batch systems under which Open MPI starts its daemons through the system, or through the system's own
// remote shell.
struct BatchSystem {
  const char* name;
  const char* daemons;  // set where Open MPI starts its daemons through the system
  const char* job;      // set in its jobs only
  const char* nodes;    // the job's nodes, or the file that names them; "" where no variable does
};
constexpr auto kBatchSystems = std::to_array<BatchSystem>({
    {"Slurm", "SLURM_JOB_ID", "SLURM_JOB_ID", "SLURM_JOB_NODELIST"},
    {"PBS", "PBS_JOBID", "PBS_JOBID", "PBS_NODEFILE"},
    {"LSF", "LSB_JOBID", "LSB_JOBID", "LSB_HOSTS"},
    {"Grid Engine", "SGE_ROOT", "PE_HOSTFILE", "PE_HOSTFILE"},
    {"LoadLeveler", "LOADL_STEP_ID", "LOADL_STEP_ID", ""},
    {"LoadLeveler", "LOADLBATCH", "LOADLBATCH", ""},
});

const BatchSystem* job_of(const Variables& variables) {
  const auto at =
      std::ranges::find_if(kBatchSystems, [&](const BatchSystem& b) { return variables(b.job).has_value(); });
  return at == kBatchSystems.end() ? nullptr : &*at;
}

bool names_agent(std::string_view text) {
  return std::any_of(kAgent.begin(), kAgent.end(), [text](std::string_view name) { return text == name; });
}

// node1.example.org, and not 10.0.0.1.
bool is_full_name(std::string_view host) {
  return host.find('.') != std::string_view::npos && host.find(':') == std::string_view::npos &&
         host.find_first_not_of("0123456789.") != std::string_view::npos;
}

bool chosen_in_file(const std::string& home) {
  const auto text = results::read_file(std::filesystem::path(home) / ".openmpi" / "mca-params.conf");
  if (!text) return false;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    const auto first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos) continue;
    line.remove_prefix(first);
    if (names_agent(line.substr(0, line.find_first_of(" \t=")))) return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> process_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

bool starts_with_ssh(std::span<const std::string> mpi_params, const Variables& variables) {
  if (std::any_of(mpi_params.begin(), mpi_params.end(), names_agent)) return false;
  if (std::ranges::any_of(kBatchSystems, [&](const BatchSystem& b) { return variables(b.daemons).has_value(); }))
    return false;
  for (const std::string_view name : kAgent) {
    for (const char* prefix : {"OMPI_MCA_", "PRTE_MCA_"}) {
      if (variables(prefix + std::string(name))) return false;
    }
  }
  const auto home = variables("HOME");
  return !home || !chosen_in_file(*home);
}

void name_as_in_job(std::span<launch::Host> hosts, const Variables& variables) {
  if (job_of(variables) == nullptr) return;
  for (launch::Host& host : hosts) {
    if (launch::is_local_host(host.name)) host.name = "localhost";
  }
}

std::string nodes_of_job(const Variables& variables) {
  const BatchSystem* const job = job_of(variables);
  if (job == nullptr) return "";
  std::string text = fmt::format("in a job of {} the hosts are its nodes", job->name);
  if (const auto nodes = variables(job->nodes)) text += fmt::format(" ({}={})", job->nodes, printable_line(*nodes));
  return text;
}

std::vector<std::pair<std::string, std::string>> launcher_variables(std::span<const std::string> mpi_params,
                                                                    std::span<const launch::Host> hosts,
                                                                    const Variables& variables) {
  std::vector<std::pair<std::string, std::string>> found;
  const auto set = [&](const std::string& name, const std::string& value) {
    if (variables("OMPI_MCA_" + name) || std::find(mpi_params.begin(), mpi_params.end(), name) != mpi_params.end())
      return;
    found.emplace_back("OMPI_MCA_" + name, value);
  };
  if (starts_with_ssh(mpi_params, variables)) {
    const char* const quiet = "-o BatchMode=yes -o ConnectTimeout=5 -o StrictHostKeyChecking=accept-new";
    set("plm_rsh_args", quiet);
  }
  // The first probe after 20 seconds of silence, then three more, 5 seconds apart.
  set("oob_tcp_keepalive_time", "20");
  set("oob_tcp_keepalive_intvl", "5");
  set("oob_tcp_keepalive_probes", "4");
  // Ctrl-Z stops the ranks, too (Open MPI 5 does it anyway).
  set("orte_forward_job_control", "1");
  if (std::ranges::any_of(hosts, [](const launch::Host& host) { return is_full_name(host.name); }))
    set("orte_keep_fqdn_hostnames", "1");
  return found;
}

std::vector<std::string> without_layout(std::span<const std::string> mpi_params) {
  std::vector<std::string> kept;
  const auto params = launch::parse_mpi_params(mpi_params);
  if (!params) return kept;
  for (const launch::Param& param : *params) {
    if (param.role != launch::ParamRole::kOther) continue;
    const auto words = mpi_params.subspan(param.begin, param.count);
    kept.insert(kept.end(), words.begin(), words.end());
  }
  return kept;
}

}  // namespace stoker::environment
