// Which operating system this is, and how one installs on it what the benchmark needs.
#pragma once

#include <string>
#include <vector>

#include "cluster/host/proc.h"

namespace stoker::environment {

struct Os {
  std::string id;                 // ID of /etc/os-release: debian, ubuntu, rhel, ...; "" when unknown
  std::vector<std::string> like;  // ID_LIKE: what it descends from, nearest first
  std::string name, version_id;
  friend bool operator==(const Os&, const Os&) = default;
};

[[nodiscard]] Os read_os(const host::Proc& proc);

enum class Tool { kMpi, kSsh };

// A command line where the distribution, or one that it descends from, is known; else what to look for.
[[nodiscard]] std::string install_hint(Tool tool, const Os& os);

}  // namespace stoker::environment
