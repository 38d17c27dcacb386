#include <fmt/format.h>

#include <utility>

#include "config/node.h"
#include "reports/runs/error_text.h"
#include "reports/submission/package_files_internal.h"
#include "reports/submission/package_systems_internal.h"
#include "reports/submission/system_description.h"

namespace stoker::reports::internal {

namespace {

namespace fs = std::filesystem;
using Severity = PackageFinding::Severity;

std::string name_of(const fs::path& path) {
  return path.filename().string();
}

}  // namespace

PackageSystems::PackageSystems(fs::path folder, std::vector<std::string> names, std::set<std::string> systems)
    : folder_(std::move(folder)), names_(std::move(names)), systems_(std::move(systems)) {}

void PackageSystems::check(const Origin& origin, Submission& out) {
  const auto tell = [&](Severity severity, const fs::path& path, std::string message, std::string remedy) {
    out.findings.push_back({severity, "package.system", origin, path, std::move(message), std::move(remedy)});
  };
  const fs::path expected = folder_ / (origin.system + ".yaml");
  // The file of the system in systems/ with this extension; empty: none.
  bool exact = true;
  const auto find = [&](const char* extension) {
    const std::string name = find_system_file(names_, origin.system, extension, systems_, exact);
    return name.empty() ? fs::path() : folder_ / name;
  };
  const fs::path pdf = find(".pdf");
  if (pdf.empty()) {
    tell(Severity::kInvalid, folder_ / (origin.system + ".pdf"), "is missing",
         "add the description of the system as a PDF, with power table and topology");
  } else if (!exact) {
    tell(Severity::kWarning, pdf, "is taken for the PDF of the system", "name it " + origin.system + ".pdf");
  }
  if (!pdf.empty() && !is_whole_pdf(pdf)) {
    tell(Severity::kInvalid, pdf, "is not a whole PDF: it must begin with %PDF- and end with %%EOF",
         "export it again, and copy it in binary mode");
  }
  const fs::path yaml = find(".yaml");
  if (!yaml.empty() && !exact) {
    tell(Severity::kWarning, yaml, "is taken for the description of the system", "name it " + origin.system + ".yaml");
  }
  if (yaml.empty()) {
    const fs::path yml = find(".yml");
    const bool json = !find(".json").empty();
    const std::string begin =
        fmt::format("begin it with: stoker system init --hosts-from RUN_DIR --output {}", expected.string());
    tell(Severity::kInvalid, expected,
         !yml.empty() ? fmt::format("is missing; there is {}", name_of(yml))
         : json       ? "is missing; there is a JSON file of an earlier form"
                      : "is missing",
         yml.empty() ? begin : fmt::format("rename {} to {}", name_of(yml), name_of(expected)));
    return;
  }
  used_.insert(name_of(yaml));
  const auto description = read_description(yaml);
  if (!description) {
    tell(Severity::kInvalid, yaml, "cannot be read: " + reason_at(yaml, description.error()),
         "correct it, or begin a new one with 'stoker system init'");
    return;
  }
  out.descriptions[to_string(origin)] = description->columns;
  for (const DescriptionFinding& finding : description->findings) {
    const std::string line = finding.line > 0 ? fmt::format(" (line {})", finding.line) : "";
    tell(finding.is_error() ? Severity::kInvalid : Severity::kWarning, yaml,
         fmt::format("{}{} {}", finding.key, line, finding.message), finding.remedy);
  }
}

void PackageSystems::check_rest(const Origin& origin, Submission& out) const {
  for (const std::string& name : names_) {
    const fs::path file = folder_ / name;
    if (name.front() == '.' || config::lower(file.extension().string()) != ".yaml" || used_.contains(name)) continue;
    out.findings.push_back({Severity::kWarning, "package.system", origin, file, "describes a system without results",
                            systems_.empty()
                                ? "put its runs into results/" + file.stem().string()
                                : "remove it, or name it like the folder below results/ that it describes"});
  }
}

}  // namespace stoker::reports::internal
