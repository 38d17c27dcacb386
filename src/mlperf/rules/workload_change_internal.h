// Where a run's parameters differ from the workload file that comes with the benchmark. Overrides are left out: they
// are judged one by one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/fields.h"
#include "mlperf/rules/checks_internal.h"

namespace stoker::rules::internal {

struct WorkloadChange {
  std::string expected, found;  // for a message; "None" where nothing is set and there is no default
};

// The key of `field`, compared as the configuration understands it: 7, 7.0 and "7" are one number, True and "true" one
// value, and a default that is spelt out is none that was left out. Nothing when it is the same, overridden, or when
// the benchmark has no workload file for the run. Keys that the field table does not know have no effect and are not
// asked for.
[[nodiscard]] std::optional<WorkloadChange> change_of(const CheckContext& context, const config::Field& field);

[[nodiscard]] bool is_overridden(const Run& run, std::string_view key);

// Whether the run sets the key to something of its own, as an override or in its workload file.
[[nodiscard]] bool is_own(const CheckContext& context, std::string_view key);

// Judges a workload file that is not the benchmark's: each key that it changes by the table of overrides, since it does
// the same to the run. Keys that the table leaves to others are left to them here, too.
void check_workload_file(const CheckContext& context, Findings& findings, std::string_view benchmark);

}  // namespace stoker::rules::internal
