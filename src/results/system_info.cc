#include "results/system_info.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/units.h"
#include "results/fields_internal.h"

namespace stoker::results {

namespace {

using internal::Fields;

constexpr std::pair<const char*, std::uint64_t HostMemory::*> kMemory[] = {
    {"total", &HostMemory::total},     {"available", &HostMemory::available}, {"used", &HostMemory::used},
    {"free", &HostMemory::free},       {"active", &HostMemory::active},       {"inactive", &HostMemory::inactive},
    {"buffers", &HostMemory::buffers}, {"cached", &HostMemory::cached},       {"shared", &HostMemory::shared}};

// "6.1.0-13-amd64" of "Linux version 6.1.0-13-amd64 (builder) ...".
std::string kernel_release(const std::string& version) {
  static constexpr std::string_view kPrefix = "Linux version ";
  if (!version.starts_with(kPrefix)) return version;
  return version.substr(kPrefix.size(), version.find(' ', kPrefix.size()) - kPrefix.size());
}

std::string value_of(const KeyValues& values, std::string_view key) {
  for (const auto& [name, value] : values) {
    if (name == key) return value;
  }
  return "";
}

// Details of a host: what is wrong in them is left out, and nothing else with it.
using LeftOut = std::vector<std::string>;

void get_counters(Fields& parent, const char* key, const char* name_key, std::vector<Counters>& out,
                  LeftOut& left_out) {
  const Json* const json = parent.list_detail(key, left_out);
  if (json == nullptr) return;
  for (const Json& entry : *json) {
    Counters counters;
    Fields fields(entry, parent.name(), parent.path_of(key));
    fields.get_detail(name_key, counters.name, left_out);
    if (counters.name.empty()) {
      left_out.push_back(fmt::format("an entry of '{}' without '{}'", parent.path_of(key), name_key));
      continue;
    }
    for (const auto& [name, value] : entry.items()) {
      if (name == name_key) continue;
      std::optional<std::uint64_t> count;
      fields.get_detail(name.c_str(), count, left_out);
      if (count) counters.values.emplace_back(name, *count);
    }
    out.push_back(std::move(counters));
  }
}

Json system_json(const HostSystem& s) {
  Json json = Json::object();
  json["hostname"] = s.hostname;
  json["kernel_version"] = s.kernel_version;
  json["os_release"] = to_json(s.os_release);
  json["uptime_seconds"] = s.uptime_seconds;
  json["load_average_1min"] = s.load_average_1min;
  json["load_average_5min"] = s.load_average_5min;
  json["load_average_15min"] = s.load_average_15min;
  json["running_processes"] = s.running_processes;
  json["total_processes"] = s.total_processes;
  return json;
}

void get_system(Fields& parent, std::optional<HostSystem>& out, LeftOut& left_out) {
  const Json* const json = parent.object_detail("system", left_out);
  if (json == nullptr) return;
  HostSystem& s = out.emplace();
  Fields fields(*json, parent.name(), parent.path_of("system"));
  fields.get_detail("hostname", s.hostname, left_out);
  fields.get_detail("kernel_version", s.kernel_version, left_out);
  if (const Json* const release = fields.object_detail("os_release", left_out)) s.os_release = key_values(*release);
  fields.get_detail("uptime_seconds", s.uptime_seconds, left_out);
  fields.get_detail("load_average_1min", s.load_average_1min, left_out);
  fields.get_detail("load_average_5min", s.load_average_5min, left_out);
  fields.get_detail("load_average_15min", s.load_average_15min, left_out);
  fields.get_detail("running_processes", s.running_processes, left_out);
  fields.get_detail("total_processes", s.total_processes, left_out);
}

Json vmstat_json(const std::vector<std::pair<std::string, std::uint64_t>>& values) {
  Json json = Json::object();
  for (const auto& [key, value] : values) json[key] = value;
  return json;
}

void get_vmstat(Fields& parent, std::vector<std::pair<std::string, std::uint64_t>>& out, LeftOut& left_out) {
  const Json* const json = parent.object_detail("vmstat", left_out);
  if (json == nullptr) return;
  Fields fields(*json, parent.name(), parent.path_of("vmstat"));
  for (const auto& [key, value] : json->items()) {
    std::optional<std::uint64_t> count;
    fields.get_detail(key.c_str(), count, left_out);
    if (count) out.emplace_back(key, *count);
  }
}

Json mounts_json(const std::vector<Mount>& mounts) {
  Json json = Json::array();
  for (const Mount& m : mounts) {
    json.push_back({{"device", m.device},
                    {"mount_point", m.mount_point},
                    {"fs_type", m.fs_type},
                    {"options", m.options},
                    {"dump_freq", m.dump_freq},
                    {"pass_num", m.pass_num}});
  }
  return json;
}

void get_mounts(Fields& parent, std::vector<Mount>& out, LeftOut& left_out) {
  const Json* const json = parent.list_detail("mounts", left_out);
  if (json == nullptr) return;
  for (const Json& entry : *json) {
    Fields fields(entry, parent.name(), parent.path_of("mounts"));
    if (fields.failed()) {
      left_out.push_back(fields.status().error().message);
      continue;
    }
    Mount& m = out.emplace_back();
    fields.get_detail("device", m.device, left_out);
    fields.get_detail("mount_point", m.mount_point, left_out);
    fields.get_detail("fs_type", m.fs_type, left_out);
    fields.get_detail("options", m.options, left_out);
    fields.get_detail("dump_freq", m.dump_freq, left_out);
    fields.get_detail("pass_num", m.pass_num, left_out);
  }
}

Json cgroups_json(const std::vector<Cgroup>& cgroups) {
  Json json = Json::array();
  for (const Cgroup& c : cgroups) {
    json.push_back({{"subsys_name", c.subsys_name},
                    {"hierarchy", c.hierarchy},
                    {"num_cgroups", c.num_cgroups},
                    {"enabled", c.enabled}});
  }
  return json;
}

void get_cgroups(Fields& parent, std::vector<Cgroup>& out, LeftOut& left_out) {
  const Json* const json = parent.list_detail("cgroups", left_out);
  if (json == nullptr) return;
  for (const Json& entry : *json) {
    Fields fields(entry, parent.name(), parent.path_of("cgroups"));
    if (fields.failed()) {
      left_out.push_back(fields.status().error().message);
      continue;
    }
    Cgroup& c = out.emplace_back();
    fields.get_detail("subsys_name", c.subsys_name, left_out);
    fields.get_detail("hierarchy", c.hierarchy, left_out);
    fields.get_detail("num_cgroups", c.num_cgroups, left_out);
    fields.get_detail("enabled", c.enabled, left_out);
  }
}

void get_missing(Fields& parent, std::vector<MissingHost>& out) {
  const Json* const json = parent.list("missing_hosts");
  if (json == nullptr) return;
  for (const Json& entry : *json) {
    Fields fields(entry, parent.name(), parent.path_of("missing_hosts"));
    MissingHost& missing = out.emplace_back();
    fields.get("host", missing.host);
    fields.get("reason", missing.reason);
    parent.take(fields.status());
  }
}

void get_cpu(Fields& parent, std::optional<HostCpu>& out, LeftOut& left_out) {
  const Json* const json = parent.object("cpu");
  if (json == nullptr) return;
  HostCpu cpu;
  Fields fields(*json, parent.name(), parent.path_of("cpu"));
  fields.get("num_cores", cpu.num_cores);
  fields.get_detail("num_logical_cores", cpu.num_logical_cores, left_out);
  fields.get_detail("model", cpu.model, left_out);
  fields.get_detail("architecture", cpu.architecture, left_out);
  parent.take(fields.status());
  out = std::move(cpu);
}

}  // namespace

Json to_json(const std::vector<Counters>& list, const char* name_key) {
  Json json = Json::array();
  for (const Counters& counters : list) {
    Json entry = Json::object();
    entry[name_key] = counters.name;
    for (const auto& [key, value] : counters.values) entry[key] = value;
    json.push_back(std::move(entry));
  }
  return json;
}

std::uint64_t SystemInfo::total_memory_bytes() const {
  std::uint64_t sum = 0;
  for (const HostInfo& host : hosts) sum += host.memory.total;
  return sum;
}

std::uint64_t SystemInfo::min_memory_bytes() const {
  std::uint64_t least = hosts.empty() ? 0 : hosts.front().memory.total;
  for (const HostInfo& host : hosts) least = std::min(least, host.memory.total);
  return least;
}

std::uint64_t SystemInfo::max_memory_bytes() const {
  std::uint64_t most = 0;
  for (const HostInfo& host : hosts) most = std::max(most, host.memory.total);
  return most;
}

std::int64_t SystemInfo::total_cores() const {
  std::int64_t sum = 0;
  for (const HostInfo& host : hosts) sum += host.cpu ? host.cpu->num_cores : 0;
  return sum;
}

std::vector<std::string> consistency_issues(const std::vector<HostInfo>& hosts) {
  if (hosts.size() < 2) return {};
  std::vector<std::string> issues;
  const SystemInfo all{.hosts = hosts};
  const auto least = static_cast<double>(all.min_memory_bytes());
  const auto most = static_cast<double>(all.max_memory_bytes());
  if (least > 0 && (most - least) / least > 0.10) {
    issues.push_back(fmt::format("memory differs by {:.0f} % between hosts ({} to {})", 100 * (most - least) / least,
                                 format_bytes(least), format_bytes(most)));
  }
  // Hosts of which a fact is not known do not count as different.
  std::set<std::string> cores;
  std::set<std::string> systems;
  std::set<std::string> kernels;
  for (const HostInfo& host : hosts) {
    if (host.cpu) cores.insert(fmt::format("{}", host.cpu->num_cores));
    if (!host.system) continue;
    if (const std::string id = value_of(host.system->os_release, "VERSION_ID"); !id.empty()) systems.insert(id);
    if (!host.system->kernel_version.empty()) kernels.insert(kernel_release(host.system->kernel_version));
  }
  const auto report = [&issues](std::string_view what, const std::set<std::string>& values) {
    if (values.size() > 1) issues.push_back(fmt::format("{} differ between hosts: {}", what, fmt::join(values, ", ")));
  };
  report("CPU core counts", cores);
  report("operating system versions", systems);
  report("kernels", kernels);
  return issues;
}

Json to_json(const HostInfo& host) {
  Json json = Json::object();
  json["hostname"] = host.hostname;
  json["memory"] = Json::object();
  for (const auto& [key, member] : kMemory) json["memory"][key] = host.memory.*member;
  json["collection_timestamp"] = host.collection_timestamp;
  if (host.cpu) {
    json["cpu"] = {{"num_cores", host.cpu->num_cores},
                   {"num_logical_cores", host.cpu->num_logical_cores},
                   {"model", host.cpu->model},
                   {"architecture", host.cpu->architecture}};
  }
  json["disks"] = to_json(host.disks, "device_name");
  json["network"] = to_json(host.network, "interface_name");
  if (host.system) json["system"] = system_json(*host.system);
  if (!host.vmstat.empty()) json["vmstat"] = vmstat_json(host.vmstat);
  if (!host.mounts.empty()) json["mounts"] = mounts_json(host.mounts);
  if (!host.cgroups.empty()) json["cgroups"] = cgroups_json(host.cgroups);
  if (!host.errors.empty()) json["errors"] = to_json(host.errors);
  return json;
}

Json to_json(const SystemInfo& system) {
  Json json = Json::object();
  json["total_memory_bytes"] = system.total_memory_bytes();
  json["total_cores"] = system.total_cores();
  json["num_hosts"] = system.hosts.size();
  json["min_memory_bytes"] = system.min_memory_bytes();
  json["max_memory_bytes"] = system.max_memory_bytes();
  json["collection_method"] = system.collection_method;
  json["collection_timestamp"] = system.collection_timestamp;
  json["hosts"] = Json::array();
  for (const HostInfo& host : system.hosts) json["hosts"].push_back(to_json(host));
  if (!system.host_consistency_issues.empty()) json["host_consistency_issues"] = system.host_consistency_issues;
  if (!system.missing_hosts.empty()) {
    json["missing_hosts"] = Json::array();
    for (const MissingHost& missing : system.missing_hosts)
      json["missing_hosts"].push_back({{"host", missing.host}, {"reason", missing.reason}});
  }
  return json;
}

Result<HostInfo> host_info_from_json(const Json& json, const std::string& name) {
  HostInfo host;
  Fields fields(json, name, "host");
  LeftOut& left_out = host.left_out;
  fields.get("hostname", host.hostname);
  if (const Json* const memory = fields.object("memory")) {
    Fields parts(*memory, name, "host.memory");
    for (const auto& [key, member] : kMemory) {
      const bool judged = member == &HostMemory::total || member == &HostMemory::cached;
      judged ? parts.get(key, host.memory.*member) : parts.get_detail(key, host.memory.*member, left_out);
    }
    fields.take(parts.status());
  }
  get_cpu(fields, host.cpu, left_out);
  fields.get_detail("collection_timestamp", host.collection_timestamp, left_out);
  get_counters(fields, "disks", "device_name", host.disks, left_out);
  get_counters(fields, "network", "interface_name", host.network, left_out);
  get_system(fields, host.system, left_out);
  get_vmstat(fields, host.vmstat, left_out);
  get_mounts(fields, host.mounts, left_out);
  get_cgroups(fields, host.cgroups, left_out);
  if (const Json* const errors = fields.object_detail("errors", left_out)) host.errors = key_values(*errors);
  STOKER_TRY(fields.status());
  return host;
}

namespace {

// Hosts of which only sums are known: mlpstorage has written cluster objects with totals and no list, or with names in
// place of descriptions. Each gets an equal share, so that the sums stay what they were.
void share_out(Fields& fields, const std::vector<std::string>& names, SystemInfo& system) {
  std::uint64_t memory = 0;
  std::int64_t cores = 0;
  std::int64_t count = 0;
  fields.get("total_memory_bytes", memory);
  fields.get("total_cores", cores);
  fields.get("num_hosts", count);
  if (count == 0) count = static_cast<std::int64_t>(names.size());
  if (memory == 0 || count <= 0 || count > kMostHosts) return;
  const auto hosts = static_cast<std::uint64_t>(count);
  for (std::uint64_t i = 0; i < hosts; ++i) {
    HostInfo& host = system.hosts.emplace_back();
    host.hostname = i < names.size() ? names[i] : fmt::format("host {}", i);
    host.memory.total = memory / hosts + (i < memory % hosts ? 1 : 0);
    if (cores > 0) {
      host.cpu.emplace().num_cores = cores / count + (static_cast<std::int64_t>(i) < cores % count ? 1 : 0);
    }
  }
}

}  // namespace

Result<SystemInfo> system_info_from_json(const Json& json, const std::string& name) {
  SystemInfo system;
  Fields fields(json, name);
  fields.get("collection_method", system.collection_method);
  fields.get_detail("collection_timestamp", system.collection_timestamp, system.left_out);
  fields.get_detail("host_consistency_issues", system.host_consistency_issues, system.left_out);
  get_missing(fields, system.missing_hosts);
  const Json* hosts = fields.list("hosts");
  if (hosts == nullptr) hosts = fields.list("host_info_list");
  STOKER_TRY(fields.status());
  std::vector<std::string> names;
  if (hosts != nullptr) {
    for (const Json& entry : *hosts) {
      if (entry.is_string()) {
        names.push_back(entry.get<std::string>());
        continue;
      }
      STOKER_ASSIGN(HostInfo host, host_info_from_json(entry, name));
      system.hosts.push_back(std::move(host));
    }
  }
  if (system.hosts.empty()) {
    share_out(fields, names, system);
    STOKER_TRY(fields.status());
  }
  return system;
}

}  // namespace stoker::results
