// The name of this host. Header only, because the MPI module links none of our libraries.
#pragma once

#include <unistd.h>

#include <array>
#include <string>

namespace stoker {

// "localhost" when the system does not tell.
[[nodiscard]] inline std::string host_name() {
  std::array<char, 256> name{};
  // One byte stays zero: a truncated name need not end in one.
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

}  // namespace stoker
