// Launchers bind ranks to cores as if each were one thread: Open MPI gives each of two ranks a single core, which all
// its reader threads would then share. This undoes it, and nothing else: what the user or a batch system allows the
// launcher itself stays the limit.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

namespace stoker::dist {

struct BindingChange {
  int cpus_before = 0;
  int cpus_after = 0;
};

// Lets the calling thread, and those it starts later, run on all the CPUs that the launcher may use, if those are more.
// Returns what changed.
std::optional<BindingChange> undo_launcher_binding();

// The nearest ancestor of `pid` that is an MPI launcher or its daemon, by its name in `proc` (/proc). None if there is
// none within a few generations.
[[nodiscard]] std::optional<pid_t> launcher_ancestor(const std::filesystem::path& proc, pid_t pid);

}  // namespace stoker::dist
