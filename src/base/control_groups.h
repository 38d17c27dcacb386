// Where the control groups of this process can be looked at.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stoker {

enum class GroupVersion { k1, k2 };

// The folders of the group that limits `controller` ("memory", "pids") and of all groups above it that can be seen, the
// own first; none where there is no such group or file system. `mountinfo` and `cgroup` are the texts of the files of
// these names in /proc/self. Pure.
[[nodiscard]] std::vector<std::string> control_group_folders(std::string_view mountinfo, std::string_view cgroup,
                                                             GroupVersion version, std::string_view controller);

}  // namespace stoker
