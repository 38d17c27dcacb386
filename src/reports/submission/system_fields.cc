#include "reports/submission/system_fields.h"

namespace stoker::reports {

namespace {

using Type = SystemField::Type;

std::vector<SystemField> make_fields() {
  const auto field = [](std::string_view path, Type type, std::string_view help) {
    return SystemField{.path = path, .type = type, .help = help};
  };
  const auto optional = [](std::string_view path, Type type, std::string_view help, std::string_view alias = "") {
    return SystemField{.path = path, .type = type, .help = help, .required = false, .alias = alias};
  };
  const auto choice = [](std::string_view path, std::string_view help, std::vector<std::string_view> choices) {
    return SystemField{.path = path, .type = Type::kChoice, .help = help, .choices = std::move(choices)};
  };
  return {
      field("System.name", Type::kText, "name of the storage system under test"),
      field("System.description", Type::kText, "what it is, in a sentence or two"),
      choice("System.storage_location", "where the storage is, seen from the clients",
             {"remote", "local", "hyper-converged"}),
      choice("System.client_software", "what the clients need", {"in-box", "proprietary"}),
      choice("System.storage_interface", "how the benchmark reaches the data", {"block", "file", "object"}),
      field("System.required_rack_units", Type::kNumber, "rack units of the whole storage system"),
      field("System.shared_capabilities.multi_host_support", Type::kFlag,
            "can several hosts use the storage; false for local storage"),
      field("System.shared_capabilities.simultaneous_write_support", Type::kFlag,
            "can several hosts write at the same time, as configured"),
      {.path = "System.shared_capabilities.simultaneous_read__support",
       .type = Type::kFlag,
       .help = "can several hosts read at the same time, as configured",
       .alias = "simultaneous_read_support"},
      optional("System.max_sequential_read", Type::kNumber, "GiB/s"),
      optional("System.max_sequential_write", Type::kNumber, "GiB/s"),
      optional("System.max_random_read", Type::kNumber, "GiB/s"),
      optional("System.max_random_write", Type::kNumber, "GiB/s"),
      optional("System.use_local_drives", Type::kFlag, "do drives of the clients hold data"),
      optional("System.num_local_drives", Type::kWhole, "drives of the clients that hold data"),
      {.path = "System.system_architecture",
       .type = Type::kChoice,
       .help = "kind of access",
       .required = false,
       .choices = {"direct-attached media", "remotely-attached block", "shared filesystem standard protocol",
                   "shared filesystem proprietary", "Object", "Cloud", "Other"}},
      optional("System.usable_capacity", Type::kCapacity, "with its unit, TB or TiB", "useable_capacity"),

      field("PowerRequirements.*.quantity", Type::kWhole, "how many of this node or switch"),
      field("PowerRequirements.*.psu1_nameplate_power", Type::kQuantity, "nameplate power of the power supply in W"),
      optional("PowerRequirements.*.psu2_nameplate_power", Type::kQuantity, "W, required with a second power supply"),
      optional("PowerRequirements.*.psu3_nameplate_power", Type::kQuantity, "W, required with a third power supply"),
      field("PowerRequirements.*.design_power", Type::kQuantity, "what the node is designed to draw, in W"),
      field("PowerRequirements.*.num_active_psus", Type::kWhole, "power supplies that must work"),
      field("PowerRequirements.*.num_passive_psus", Type::kWhole, "spare power supplies"),

      field("Nodes.*.quantity", Type::kWhole, "how many nodes of this type"),
      field("Nodes.*.hardware.model", Type::kText, "vendor and model"),
      field("Nodes.*.hardware.rack_units", Type::kNumber, "rack units of one node"),
      field("Nodes.*.hardware.power_supplies", Type::kWhole, "power supplies of one node"),
      field("Nodes.*.hardware.psu_configuration", Type::kText, "for example 1+1 or N+1"),
      field("Nodes.*.hardware.psu_rating", Type::kQuantity, "W of one power supply"),
      field("Nodes.*.hardware.memory_capacity", Type::kQuantity, "of one node, with its unit"),
      field("Nodes.*.hardware.memory_configuration", Type::kText, "for example 16 x 64 GB DDR5-4800"),
      field("Nodes.*.hardware.cpu_qty", Type::kWhole, "sockets of one node"),
      field("Nodes.*.hardware.cpu_model", Type::kText, "as the vendor names it"),
      field("Nodes.*.hardware.cpu_cores", Type::kWhole, "cores of one node, all sockets"),
      field("Nodes.*.networking.*.model", Type::kText, "model of the adapter"),
      field("Nodes.*.networking.*.speed", Type::kQuantity, "of one port, with its unit: 200 Gb/s"),
      field("Nodes.*.networking.*.qty", Type::kWhole, "ports of this kind in one node"),
      field("Nodes.*.operating_system.name", Type::kText, "distribution"),
      field("Nodes.*.operating_system.version", Type::kText, "of the distribution"),
      field("Nodes.*.operating_system.release_date", Type::kText, "of that version"),
      field("Nodes.*.operating_system.kernel_version", Type::kText, "uname -r"),
      field("Nodes.*.operating_system.cpu_architecture", Type::kText, "uname -m"),
      field("Nodes.*.tuning.mpi_configuration.environment_variables", Type::kAnything,
            "map of what was set for MPI, {} if nothing"),
      field("Nodes.*.tuning.mpi_configuration.version", Type::kText, "of MPI, or none"),
      field("Nodes.*.tuning.sysctl_parameters", Type::kAnything, "map of what was changed, {} if nothing"),
  };
}

}  // namespace

std::span<const SystemField> system_fields() {
  static const std::vector<SystemField> fields = make_fields();
  return fields;
}

}  // namespace stoker::reports
