// Checks of this host: programs, folders, free space. Each finds all that is wrong with its subject and changes
// nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/environment/finding.h"
#include "cluster/environment/os.h"

namespace stoker::environment {

// `program` in the folders of `path_variable` (PATH), or itself when it has a '/'. nullopt: there is none that can be
// run.
[[nodiscard]] std::optional<std::filesystem::path> find_program(std::string_view program,
                                                                std::string_view path_variable);

// E501: the MPI launcher is not there.
[[nodiscard]] Findings check_launcher(std::string_view program, std::string_view path_variable, const Os& os);
// E204: neither ssh nor rsh, with one of which the launcher logs in to other hosts.
[[nodiscard]] Findings check_ssh(std::string_view path_variable, const Os& os);

// E402, E404: a folder that will be made, with those above it: what exists of them must be a folder and writable.
[[nodiscard]] Findings check_writable(std::string_view option, const std::filesystem::path& folder);
// E401, E402, E404: a folder that will be made if it is not there: the one above it must exist, and what exists must be
// writable. A wrong letter in a long path is found here rather than after the run.
[[nodiscard]] Findings check_new_folder(std::string_view option, const std::filesystem::path& folder);

// `path`, or the nearest folder above it that exists.
[[nodiscard]] std::filesystem::path nearest_existing(const std::filesystem::path& path);

// Of the file system that holds `path`, or the nearest folder above it that exists.
struct Space {
  std::uint64_t free_bytes = 0;             // that this user may write
  std::optional<std::uint64_t> free_files;  // nullopt where the file system has no limit
  std::filesystem::path holds;              // the folder that was asked
};
[[nodiscard]] Result<Space> free_space(const std::filesystem::path& path);

// E403: `bytes` in `files` new files do not fit. Files that already lie below `folder` are about to be replaced, so
// their bytes count as free.
[[nodiscard]] Findings check_space(std::string_view option, const std::filesystem::path& folder, std::uint64_t bytes,
                                   std::uint64_t files);

}  // namespace stoker::environment
