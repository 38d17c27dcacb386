#include "cluster/environment/os.h"

#include <array>
#include <sstream>
#include <string_view>

namespace stoker::environment {

namespace {

struct Row {
  Tool tool;
  std::string_view id;  // "" : any other
  std::string_view hint;
};

constexpr std::array kHints{
    Row{Tool::kMpi, "ubuntu", "sudo apt-get install openmpi-bin libopenmpi-dev"},
    Row{Tool::kMpi, "debian", "sudo apt-get install openmpi-bin libopenmpi-dev"},
    Row{Tool::kMpi, "rhel", "sudo dnf install openmpi openmpi-devel"},
    Row{Tool::kMpi, "fedora", "sudo dnf install openmpi openmpi-devel"},
    Row{Tool::kMpi, "centos", "sudo yum install openmpi openmpi-devel"},
    Row{Tool::kMpi, "arch", "sudo pacman -S openmpi"},
    Row{Tool::kMpi, "", "install Open MPI with the package manager of this system"},
    Row{Tool::kSsh, "ubuntu", "sudo apt-get install openssh-client"},
    Row{Tool::kSsh, "debian", "sudo apt-get install openssh-client"},
    Row{Tool::kSsh, "rhel", "sudo dnf install openssh-clients"},
    Row{Tool::kSsh, "fedora", "sudo dnf install openssh-clients"},
    Row{Tool::kSsh, "centos", "sudo yum install openssh-clients"},
    Row{Tool::kSsh, "", "install the OpenSSH client with the package manager of this system"},
};

std::string_view hint_for(Tool tool, std::string_view id) {
  for (const Row& row : kHints) {
    if (row.tool == tool && row.id == id) return row.hint;
  }
  return {};
}

}  // namespace

Os read_os(const host::Proc& proc) {
  Os os;
  for (const auto& [key, value] : proc.os_release()) {
    if (key == "ID") os.id = value;
    if (key == "NAME") os.name = value;
    if (key == "VERSION_ID") os.version_id = value;
    if (key == "ID_LIKE") {
      std::istringstream words(value);
      for (std::string word; words >> word;) os.like.push_back(word);
    }
  }
  return os;
}

std::string install_hint(Tool tool, const Os& os) {
  if (!os.id.empty()) {
    if (const auto hint = hint_for(tool, os.id); !hint.empty()) return std::string(hint);
  }
  for (const std::string& ancestor : os.like) {
    if (const auto hint = hint_for(tool, ancestor); !hint.empty()) return std::string(hint);
  }
  return std::string(hint_for(tool, ""));
}

}  // namespace stoker::environment
