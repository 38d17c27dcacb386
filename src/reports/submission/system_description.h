// The description of a system under test in a submission package, systems/<system>.yaml: checked against the table of
// system_fields.h.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace stoker::reports {

struct DescriptionFinding {
  enum class Kind {
    kMissing,  // a required field is not there
    kBlank,    // it is there and nobody filled it in
    kWrong,    // of the wrong type, or not one of the choices
    kOdd,      // worth a look: unknown names, older forms
  };
  Kind kind = Kind::kWrong;
  std::string key;  // dotted
  int line = 0;     // 0: none
  std::string message, remedy;
  [[nodiscard]] bool is_error() const { return kind != Kind::kOdd; }
};

struct SystemDescription {
  std::vector<DescriptionFinding> findings;    // by line
  std::map<std::string, std::string> columns;  // flattened, without the node `System`: for workload_results.csv
};

// A description of the v3.0 form (`system_under_test`) is recognised and its fields are not checked, which is said.
// Code::kConfig for text that is no YAML map.
[[nodiscard]] Result<SystemDescription> check_description(std::string_view yaml, const std::string& name);
[[nodiscard]] Result<SystemDescription> read_description(const std::filesystem::path& path);

}  // namespace stoker::reports
