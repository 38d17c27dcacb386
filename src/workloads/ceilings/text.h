// Ceilings as a table for a terminal.
#pragma once

#include <string>

#include "results/ceilings.h"

namespace stoker::ceilings {

[[nodiscard]] std::string storage_text(const results::StorageCeiling&);
[[nodiscard]] std::string client_text(const results::ClientCeiling&);

}  // namespace stoker::ceilings
