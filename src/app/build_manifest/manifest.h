// What this program was built from and with, and what it runs on: as JSON, to be stored with each run and compared.
//
//   {"kind": "stoker build manifest", "manifest_version": 1,
//    "stoker": {"version", "commit", "dirty"}, "build": {"compiler", "type", "flags", ...},
//    "libraries": {"arrow": "25.0.0", ...}, "mpi": {"library", "launcher"},
//    "host": {"cpu_model", "architecture", "kernel", "os"}}
//
// A library that tells its version while it runs is asked; of the others it is the version that was compiled with.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "cluster/host/proc.h"
#include "cluster/launch/process.h"
#include "results/json.h"

namespace stoker::build_manifest {

// The name it has in a run directory.
inline constexpr std::string_view kFileName = "build_manifest.json";

// What other programs were asked; nullopt where they are not there or do not answer.
struct MpiFacts {
  std::optional<std::string> library;   // of the MPI module
  std::optional<std::string> launcher;  // mpirun
};
// Runs `engine` --mpi-version and `mpirun` --version, for at most ten seconds each.
[[nodiscard]] MpiFacts ask_mpi(launch::Launcher& launcher, const std::vector<std::string>& engine,
                               const std::string& mpirun);

[[nodiscard]] results::Json manifest(const host::Proc& proc, const MpiFacts& mpi);

[[nodiscard]] Status write_manifest(const std::filesystem::path& path, const results::Json& manifest);
// A manifest, or that of a run directory. A list of Python packages, which mlpstorage calls a lockfile, is refused as
// what it is.
[[nodiscard]] Result<results::Json> read_manifest(const std::filesystem::path& path);

}  // namespace stoker::build_manifest
