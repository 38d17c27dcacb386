// A system description without faults, and ways to break it, for tests.
#pragma once

#include <string>

#include "config/node.h"
#include "config/yaml.h"
#include "reports/submission/system_template.h"

namespace stoker::reports::testing {

// The template with every blank filled in, in a fixed order of lines.
inline std::string filled_description() {
  return R"(System:
  name: sys-a
  description: A shared file system
  storage_location: remote
  client_software: in-box
  storage_interface: file
  required_rack_units: 2
  shared_capabilities:
    multi_host_support: true
    simultaneous_write_support: true
    simultaneous_read__support: true
PowerRequirements:
  storage_node:
    quantity: 2
    psu1_nameplate_power: 1600 W
    psu2_nameplate_power: 1600 W
    design_power: 900
    num_active_psus: 1
    num_passive_psus: 1
Nodes:
  client:
    quantity: 1
    hardware:
      model: Maker M1
      rack_units: 1
      power_supplies: 2
      psu_configuration: 1+1
      psu_rating: 800W
      memory_capacity: 512 GiB
      memory_configuration: 16 x 32 GB
      cpu_qty: 2
      cpu_model: A CPU
      cpu_cores: 32
    networking:
      eth0:
        model: A NIC
        speed: 200 Gb/s
        qty: 1
    operating_system:
      name: Debian
      version: 12
      release_date: 2023-06-10
      kernel_version: 6.1.0-13
      cpu_architecture: x86_64
    tuning:
      mpi_configuration:
        environment_variables: {}
        version: none
      sysctl_parameters: {}
)";
}

// The line of a dotted key: its beginning and its end in the text (of all lines below it as well, if it is a map).
struct LineSpan {
  std::size_t begin = 0, colon = 0, end = 0;
};
inline LineSpan line_of(const std::string& yaml, const std::string& key) {
  std::size_t at = 0;
  std::size_t depth = 0;
  LineSpan span;
  for (const std::string_view part : config::split(key, '.')) {
    const std::string line = std::string(2 * depth++, ' ') + std::string(part) + ":";
    at = at == 0 && yaml.starts_with(line) ? 0 : yaml.find("\n" + line, at == 0 ? 0 : at - 1) + 1;
    span = {at, at + line.size(), yaml.find('\n', at) + 1};
    at = span.end;
  }
  return span;
}

inline std::string replace_line(std::string yaml, const std::string& key, const std::string& value) {
  const LineSpan span = line_of(yaml, key);
  return yaml.replace(span.colon, span.end - span.colon, " " + value + "\n");
}
inline std::string without(std::string yaml, const std::string& key) {
  const LineSpan span = line_of(yaml, key);
  return yaml.erase(span.begin, span.end - span.begin);
}

}  // namespace stoker::reports::testing
