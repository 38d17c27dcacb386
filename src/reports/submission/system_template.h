// A system description to be filled in, with what is known of the client hosts already there (`stoker system init`).
#pragma once

#include <string>
#include <vector>

#include "results/system_info.h"

namespace stoker::reports {

struct TemplateOptions {
  std::string system_name;  // "" : to be filled in
  // Where the facts come from, for the comment at the top: "this host", or a run directory.
  std::string facts_from = "this host";
};

// YAML that check_description() accepts but for the blanks. Hosts that are alike become one node type `client`, others
// client_2 and so on; the storage's own nodes are a type `storage_node` that is blank.
[[nodiscard]] std::string system_template(const results::SystemInfo& hosts, const TemplateOptions& options);

}  // namespace stoker::reports
