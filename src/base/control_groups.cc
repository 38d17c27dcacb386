#include "base/control_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/proc_text.h"

namespace stoker {
namespace {

using proc_text::lines;
using proc_text::words;

struct Mount {
  std::string root, point;  // which group is seen where
};

bool has(std::string_view list, std::string_view name) {
  return fmt::format(",{},", list).find(fmt::format(",{},", name)) != std::string::npos;
}

// From /proc/self/mountinfo: "36 35 0:30 <root> <point> <options> [optional fields] - <type> <source> <options>".
std::optional<Mount> mount_of(std::string_view mountinfo, GroupVersion version, std::string_view controller) {
  const std::string_view file_system = version == GroupVersion::k2 ? "cgroup2" : "cgroup";
  for (const std::string_view line : lines(mountinfo)) {
    const auto fields = words(line);
    const auto dash = std::ranges::find(fields, std::string_view("-"));
    if (fields.size() < 6 || fields.end() - dash < 4 || dash[1] != file_system) continue;
    if (version == GroupVersion::k1 && !has(dash[3], controller)) continue;
    return Mount{proc_text::unescape(fields[3]), proc_text::unescape(fields[4])};
  }
  return std::nullopt;
}

// From /proc/self/cgroup: "0::/path" of version 2, "4:cpu,memory:/path" of version 1.
std::optional<std::string> group_of(std::string_view cgroup, GroupVersion version, std::string_view controller) {
  for (const std::string_view line : lines(cgroup)) {
    const auto first = line.find(':');
    const auto second = line.find(':', first == std::string_view::npos ? first : first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const bool wanted = version == GroupVersion::k2 ? line.substr(0, first) == "0" && controllers.empty()
                                                    : has(controllers, controller);
    if (wanted) return std::string(line.substr(second + 1));
  }
  return std::nullopt;
}

// Where the group lies below the mount. A container may see its own group as the mount and name it as the host does, or
// lie outside of what it sees ("/.."): then the mount is the nearest group that can be looked at.
std::string below_mount(const std::string& group, const std::string& root) {
  if (group.find("/..") != std::string::npos) return "";
  std::string below = group;
  if (root != "/") {
    if (!group.starts_with(root) || (group.size() > root.size() && group[root.size()] != '/')) return "";
    below = group.substr(root.size());
  }
  while (below.ends_with('/')) below.pop_back();
  return below;
}

}  // namespace

std::vector<std::string> control_group_folders(std::string_view mountinfo, std::string_view cgroup,
                                               GroupVersion version, std::string_view controller) {
  std::vector<std::string> folders;
  const auto mount = mount_of(mountinfo, version, controller);
  const auto group = group_of(cgroup, version, controller);
  if (!mount || !group || !mount->point.starts_with('/')) return folders;
  std::string below = below_mount(*group, mount->root);
  while (true) {
    folders.push_back(mount->point + below);
    if (below.empty()) return folders;
    below.resize(below.rfind('/'));
  }
}

}  // namespace stoker
