#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <fstream>
#include <string>
#include <string_view>

#include "cluster/dist/launcher_binding_internal.h"

namespace stoker::dist {
namespace {

// Generations between a rank and its launcher: shells, profilers and the like.
constexpr int kGenerations = 8;

// As the kernel shows them, cut to 15 characters. Slurm's daemon is not among them: it binds to what the user asked
// for.
constexpr std::array<std::string_view, 10> kLaunchers{"mpirun",        "mpiexec",        "orterun", "orted",
                                                      "prterun",       "prted",          "prte",    "pmi_proxy",
                                                      "mpiexec.hydra", "hydra_pmi_proxy"};

// 8192 CPUs; glibc's cpu_set_t ends at 1024.
using CpuMask = std::array<unsigned long, 8192 / (8 * sizeof(unsigned long))>;

std::optional<CpuMask> affinity_of(pid_t pid) {
  CpuMask mask{};
  if (::sched_getaffinity(pid, sizeof mask, reinterpret_cast<cpu_set_t*>(mask.data())) != 0) return std::nullopt;
  return mask;
}

int count(const CpuMask& mask) {
  int cpus = 0;
  for (unsigned long word : mask) cpus += std::popcount(word);
  return cpus;
}

bool contains(const CpuMask& whole, const CpuMask& part) {
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if ((part[i] & ~whole[i]) != 0) return false;
  }
  return true;
}

struct Ancestor {
  std::string name;
  pid_t parent = 0;
};

// From /proc/<pid>/stat: "pid (name) state parent ...", where the name may hold spaces and brackets.
std::optional<Ancestor> read_stat(const std::filesystem::path& proc, pid_t pid) {
  std::ifstream file(proc / std::to_string(pid) / "stat");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const std::size_t open = text.find('(');
  const std::size_t close = text.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open || close + 4 >= text.size())
    return std::nullopt;
  Ancestor found{.name = text.substr(open + 1, close - open - 1)};
  const char* begin = text.data() + close + 4;  // past ") S "
  if (std::from_chars(begin, text.data() + text.size(), found.parent).ec != std::errc()) return std::nullopt;
  return found;
}

}  // namespace

std::optional<pid_t> launcher_ancestor(const std::filesystem::path& proc, pid_t pid) {
  auto process = read_stat(proc, pid);
  for (int i = 0; i < kGenerations && process && process->parent > 0; ++i) {
    const pid_t parent = process->parent;
    process = read_stat(proc, parent);
    if (process && std::find(kLaunchers.begin(), kLaunchers.end(), process->name) != kLaunchers.end()) return parent;
  }
  return std::nullopt;
}

std::optional<BindingChange> undo_launcher_binding() {
  const auto launcher = launcher_ancestor("/proc", ::getpid());
  if (!launcher) return std::nullopt;
  const auto allowed = affinity_of(*launcher);
  const auto mine = affinity_of(0);
  if (!allowed || !mine || !contains(*allowed, *mine) || *allowed == *mine) return std::nullopt;
  if (::sched_setaffinity(0, sizeof *allowed, reinterpret_cast<const cpu_set_t*>(allowed->data())) != 0)
    return std::nullopt;
  const auto now = affinity_of(0);
  return BindingChange{.cpus_before = count(*mine), .cpus_after = now ? count(*now) : count(*allowed)};
}

}  // namespace stoker::dist
