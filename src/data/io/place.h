// Where a path really is on this machine, and which places are not a data set's: for whoever is about to delete or to
// write where another thing lies. Local file systems; from any thread.
#pragma once

#include <string_view>
#include <vector>

#include "data/io/storage.h"

namespace stoker::io {

// Absolute, without links, "." and ".."; what does not exist yet is taken as it is written.
[[nodiscard]] Result<Path> canonical_path(const Path&);

// Whether `inner` is `outer` or lies below it. Of two canonical paths.
[[nodiscard]] bool lies_in(const Path& inner, const Path& outer);

// Code::kUnsupported, with its path, for an entry of `folder` that is a link to this folder or to one above: whoever
// follows it goes round.
[[nodiscard]] Status refuse_link_up(const Path& folder, const DirEntry& entry);

// `place` as it is seen from `folder` when that, or a folder above `place`, is the same folder under another name, as a
// bind mount gives it: `folder` and what lies between. Else `place`. Both canonical.
[[nodiscard]] Path seen_from(const Path& folder, const Path& place);

// Whether a file system begins at this folder, a bind mount included. False when there is none.
[[nodiscard]] bool is_mount_root(const Path& canonical);

// Of the user who runs the program: HOME, and what the system's list of users says. Canonical.
[[nodiscard]] std::vector<Path> home_folders();

}  // namespace stoker::io
