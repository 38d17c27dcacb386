// `stoker manifest`, and `stoker lockfile` under which mlpstorage's users know the same: what this program was built
// from and with, written and compared.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "base/status.h"
#include "results/json.h"

namespace stoker::app {

void add_manifest(CLI::App& app, int& exit_code);

// This program's manifest; `mpirun` is the launcher that is asked for its version.
[[nodiscard]] results::Json own_manifest(const std::string& mpirun);

// --verify-lockfile (nothing to do without one): another build is an error (E105, exit code 6), other hosts are
// warnings.
[[nodiscard]] Status verify_lockfile(const std::filesystem::path& file, const std::string& mpirun);

}  // namespace stoker::app
