// Descriptions of the systems of a package.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "reports/runs/testing/run_files.h"
#include "reports/submission/submission.h"
#include "reports/submission/testing/package.h"
#include "reports/submission/testing/system_files.h"

namespace stoker::reports {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::Package;
using Severity = PackageFinding::Severity;

TEST_F(Package, Pdf) {
  fs::remove(acme() / "systems/sys-a.pdf");
  expect_finding(Severity::kInvalid, "package.system", acme() / "systems/sys-a.pdf", "is missing");
}

TEST_F(Package, PdfThatIsNone) {
  for (const std::string text : {"", "%P", "%PDF-1.4\ncut off", "no mark, but %%EOF\n"}) {
    testing::write_text(acme() / "systems/sys-a.pdf", text);
    expect_finding(Severity::kInvalid, "package.system", acme() / "systems/sys-a.pdf", "is not a whole PDF");
  }
  // The marks may stand 1 KiB inside.
  testing::write_text(acme() / "systems/sys-a.pdf",
                      "x\n%PDF-1.4\n" + std::string(5000, ' ') + "%%EOF\n" + std::string(900, ' '));
  EXPECT_TRUE(check().valid()) << to_text(check());
}

// It would be waited for without end.
TEST_F(Package, PdfThatIsAPipe) {
  fs::remove(acme() / "systems/sys-a.pdf");
  ASSERT_EQ(::mkfifo((acme() / "systems/sys-a.pdf").c_str(), 0600), 0);
  expect_finding(Severity::kInvalid, "package.system", acme() / "systems/sys-a.pdf", "is not a whole PDF");
}

TEST_F(Package, TheDescriptionOfAnotherSystemIsNotSimilar) {
  fs::copy(sys(), acme() / "results/sys-ab", fs::copy_options::recursive);
  const Submission submission = check();
  std::vector<std::string> paths;
  std::size_t copies = 0;
  for (const PackageFinding& finding : submission.findings) {
    EXPECT_EQ(finding.severity, Severity::kInvalid);
    copies += finding.check == "package.contradiction" ? 1 : 0;
    if (finding.check == "package.system") paths.push_back(finding.path.filename().string() + ": " + finding.message);
  }
  EXPECT_THAT(paths, ::testing::ElementsAre("sys-ab.pdf: is missing", "sys-ab.yaml: is missing"));
  EXPECT_EQ(copies, 6U) << "its runs are those of sys-a";
}

// The same name in both divisions is two systems.
TEST_F(Package, DescriptionsByDivision) {
  fs::create_directories(root() / "open");
  fs::copy(acme(), root() / "open/Acme", fs::copy_options::recursive);
  testing::write_text(root() / "open/Acme/systems/sys-a.yaml",
                      testing::replace_line(testing::filled_description(), "System.storage_location", "local"));
  const Submission submission = check();
  EXPECT_TRUE(submission.valid()) << to_text(submission);
  const std::string csv = workload_csv(submission.report, submission.descriptions);
  std::size_t remote = 0;
  std::size_t local = 0;
  for (const std::string_view line : config::split(csv, '\n')) {
    const bool open = line.find(",open,") != std::string_view::npos;
    remote += line.find(",remote,") != std::string_view::npos && !open ? 1 : 0;
    local += line.find(",local,") != std::string_view::npos && open ? 1 : 0;
  }
  EXPECT_EQ(remote, 2U) << csv;
  EXPECT_EQ(local, 2U) << csv;
}

TEST_F(Package, DescriptionUnderOtherNames) {
  const fs::path systems = acme() / "systems";
  fs::rename(systems / "sys-a.yaml", systems / "Acme-SYS-A-final.yaml");
  expect_finding(Severity::kWarning, "package.system", systems / "Acme-SYS-A-final.yaml", "is taken for");
  fs::rename(systems / "Acme-SYS-A-final.yaml", systems / "Sys-A.yaml");
  expect_finding(Severity::kWarning, "package.system", systems / "Sys-A.yaml", "is taken for");
  fs::rename(systems / "Sys-A.yaml", systems / "sys-a.json");
  expect_finding(Severity::kInvalid, "package.system", systems / "sys-a.yaml", "JSON file of an earlier form");
  fs::rename(systems / "sys-a.json", systems / "sys-a.yml");
  expect_finding(Severity::kInvalid, "package.system", systems / "sys-a.yaml", "there is sys-a.yml");
  EXPECT_EQ(check().findings[0].remedy, "rename sys-a.yml to sys-a.yaml");
  fs::remove(systems / "sys-a.yml");
  expect_finding(Severity::kInvalid, "package.system", systems / "sys-a.yaml", "is missing");
}

TEST_F(Package, DescriptionOfASystemWithoutResults) {
  testing::write_text(acme() / "systems/other.yaml", testing::filled_description());
  expect_finding(Severity::kWarning, "package.system", acme() / "systems/other.yaml", "without results");
}

TEST_F(Package, BlanksAreNamed) {
  testing::write_text(acme() / "systems/sys-a.yaml",
                      testing::replace_line(testing::filled_description(), "Nodes.client.hardware.cpu_qty", ""));
  expect_finding(Severity::kInvalid, "package.system", acme() / "systems/sys-a.yaml",
                 "Nodes.client.hardware.cpu_qty (line 31) is not filled in");
}

TEST_F(Package, DescriptionThatIsNoYaml) {
  testing::write_text(acme() / "systems/sys-a.yaml", "System:\n  name: [");
  expect_finding(Severity::kInvalid, "package.system", acme() / "systems/sys-a.yaml", "cannot be read");
  EXPECT_THAT(check().findings[0].message, HasSubstr("(line 2)"));
}

}  // namespace
}  // namespace stoker::reports
