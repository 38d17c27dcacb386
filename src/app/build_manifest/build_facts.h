// What the build system knew when this program was built. The definitions are generated.
#pragma once

#include <span>
#include <string_view>

namespace stoker::build_manifest {

struct Fact {
  std::string_view name, value;
};

[[nodiscard]] std::string_view stoker_version();
// "" outside a checkout; dirty: tracked files differed from the commit.
[[nodiscard]] std::string_view git_commit();
[[nodiscard]] bool git_dirty();
[[nodiscard]] std::span<const Fact> build_facts();       // compiler, type, flags...
[[nodiscard]] std::span<const Fact> library_versions();  // of the libraries that it was compiled with

}  // namespace stoker::build_manifest
