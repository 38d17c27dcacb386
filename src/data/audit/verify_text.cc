#include "data/audit/verify_text.h"

#include <fmt/format.h>

#include "base/plural.h"
#include "base/printable.h"
#include "base/units.h"

namespace stoker::audit {
namespace {

// "sizes, checksums, structure and values".
std::string looked_at(const VerifyRequest& request) {
  std::string text = request.files.has_records() ? "sizes, checksums" : "";
  text += fmt::format("{}structure", text.empty() ? "" : request.values ? ", " : " and ");
  return request.values ? text + " and values" : text;
}

}  // namespace

std::string fault_lines(const ExpectedFile& file, const FileCheck& check) {
  const std::string path = printable_line(file.file.path.string());
  std::string out;
  for (const std::string& fault : check.faults) out += fmt::format("{}: {}\n", path, fault);
  if (check.has_more) {
    out += fmt::format("{}: not read further, after {}\n", path, counted(check.faults.size(), "fault"));
  }
  return out;
}

std::string set_fault_line(const ExpectedFiles& files) {
  if (!files.is_described() || files.manifest().complete) return {};
  return fmt::format("{}: says that the data set is incomplete: datagen did not finish\n",
                     printable_line((files.layout().root() / results::kManifestName).string()));
}

std::vector<std::string> limits(const ExpectedFiles& files) {
  std::vector<std::string> out;
  if (!files.is_described()) {
    out.emplace_back("no manifest describes these files: nothing is known of their sizes, checksums and values");
  } else if (!files.records_fault().empty()) {
    out.push_back(fmt::format("sizes and checksums are not known: {}", printable_line(files.records_fault())));
  } else if (!files.has_records()) {
    out.emplace_back(
        "this data set has a manifest but no records of its files: nothing is known of sizes and checksums");
  }
  return out;
}

std::string summary_line(const VerifyRequest& request, const Verified& v) {
  const std::uint64_t all = request.files.size();
  std::string out = v.files == all ? fmt::format("verified {}", counted_long(all, "file"))
                                   : fmt::format("verified {} of {}", format_count(v.files), counted_long(all, "file"));
  out += fmt::format(" ({}, {}): {}: ", format_bytes(static_cast<double>(v.bytes)), counted_long(v.rows, "row"),
                     looked_at(request));
  if (v.faulty == 0) return out + (v.is_incomplete ? "no faults, but the data set is incomplete" : "no faults");
  out += fmt::format("{} in {}", counted_long(v.faults, "fault"), counted_long(v.faulty, "file"));
  if (v.missing > 0) {
    out += fmt::format(", {} of which {} missing", format_count(v.missing), v.missing == 1 ? "is" : "are");
  }
  return out;
}

}  // namespace stoker::audit
