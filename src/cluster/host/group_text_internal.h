// Control groups as Proc sees them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/control_groups.h"
#include "base/proc_text.h"
#include "cluster/host/proc.h"

namespace stoker::host::internal {

// A file by its whole path; "" when it cannot be read.
inline std::string group_text(const Proc& proc, const std::string& file) {
  auto text = proc.read(file.substr(1).c_str());
  return text ? std::move(*text) : std::string();
}

// Calls f(folder, version) for each group above this process that limits `controller`.
inline void for_each_group(const Proc& proc, std::string_view controller, auto&& f) {
  const std::string mountinfo = group_text(proc, "/proc/self/mountinfo");
  const std::string cgroup = group_text(proc, "/proc/self/cgroup");
  for (const GroupVersion version : {GroupVersion::k2, GroupVersion::k1}) {
    for (const std::string& folder : control_group_folders(mountinfo, cgroup, version, controller)) f(folder, version);
  }
}

// The number behind `key` in lines of "key number"; nullopt without such a line or key.
inline std::optional<std::uint64_t> stat_value(std::string_view stat, std::string_view key) {
  for (const std::string_view line : proc_text::lines(stat)) {
    const auto fields = proc_text::words(line);
    if (!key.empty() && fields.size() == 2 && fields[0] == key) return proc_text::number(fields[1]);
  }
  return std::nullopt;
}

}  // namespace stoker::host::internal
