// Digests as a user sees them.
#pragma once

#include <string>

#include "data/audit/file_digest.h"
#include "results/json.h"

namespace stoker::audit {

// One line per column: digest, type, name; above them what they are of. With `each_file` the files' own digests follow.
[[nodiscard]] std::string digest_text(const SetDigests& digests, const std::string& path, bool each_file);
[[nodiscard]] results::Json digest_json(const SetDigests& digests, const std::string& path, bool each_file);

}  // namespace stoker::audit
