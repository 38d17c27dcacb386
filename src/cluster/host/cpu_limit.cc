// What the control groups above this process leave of the host's CPUs, and for how long they held its threads back.
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <ctime>

#include "base/proc_text.h"
#include "cluster/host/group_text_internal.h"
#include "cluster/host/proc.h"

namespace stoker::host {

namespace {

using proc_text::number;
using proc_text::words;

// CPUs that the group whose files are in `folder` may use at once; nullopt without a limit. "max 100000" or
// "150000 100000" in version 2, -1 or microseconds of each period in version 1.
std::optional<CpuLimit> limit_of(const Proc& proc, const std::string& folder, GroupVersion version) {
  std::string quota, period;
  CpuLimit limit;
  if (version == GroupVersion::k2) {
    limit.file = folder + "/cpu.max";
    const std::string text = internal::group_text(proc, limit.file);
    const auto fields = words(text);
    if (fields.size() == 2) {
      quota = fields[0];
      period = fields[1];
    }
  } else {
    limit.file = folder + "/cpu.cfs_quota_us";
    quota = internal::group_text(proc, limit.file);
    period = internal::group_text(proc, folder + "/cpu.cfs_period_us");
  }
  if (quota.empty() || quota.front() < '0' || quota.front() > '9' || number(period) == 0) return std::nullopt;
  limit.cpus = static_cast<double>(number(quota)) / static_cast<double>(number(period));
  return limit;
}

}  // namespace

std::optional<CpuLimit> Proc::cpu_limit() const {
  std::optional<CpuLimit> least;
  internal::for_each_group(*this, "cpu", [&](const std::string& folder, GroupVersion version) {
    auto limit = limit_of(*this, folder, version);
    if (limit && (!least || limit->cpus < least->cpus)) least = std::move(limit);
  });
  return least;
}

ThrottledTimes Proc::throttled_times() const {
  ThrottledTimes times;
  internal::for_each_group(*this, "cpu", [&](const std::string& folder, GroupVersion version) {
    const bool v2 = version == GroupVersion::k2;
    const std::string stat = internal::group_text(*this, folder + "/cpu.stat");
    if (const auto time = internal::stat_value(stat, v2 ? "throttled_usec" : "throttled_time"))
      times[folder] = static_cast<double>(*time) / (v2 ? 1e6 : 1e9);
  });
  return times;
}

double throttled_between(const ThrottledTimes& before, const ThrottledTimes& after) {
  double longest = 0;
  for (const auto& [folder, seconds] : after) {
    const auto at = before.find(folder);
    longest = std::max(longest, seconds - (at == before.end() ? 0.0 : at->second));
  }
  return longest;
}

std::vector<int> allowed_cpus() {
  std::vector<int> cpus;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) == 0) {
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
    }
  }
  // Fails on machines with more CPUs than the set holds; all of them are then taken as usable.
  if (cpus.empty()) {
    for (int cpu = 0; cpu < std::max(::sysconf(_SC_NPROCESSORS_ONLN), 1L); ++cpu) cpus.push_back(cpu);
  }
  return cpus;
}

std::int64_t usable_cpu_count() {
  const auto allowed = static_cast<double>(allowed_cpus().size());
  const auto limit = Proc().cpu_limit();
  return std::max<std::int64_t>(1,
                                static_cast<std::int64_t>(std::ceil(limit ? std::min(allowed, limit->cpus) : allowed)));
}

}  // namespace stoker::host
