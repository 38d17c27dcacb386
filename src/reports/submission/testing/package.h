// A package of results to break.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "reports/report/report.h"
#include "reports/report/report_files.h"
#include "reports/runs/testing/run_files.h"
#include "reports/submission/submission.h"
#include "reports/submission/testing/system_files.h"

namespace stoker::reports::testing {

namespace fs = std::filesystem;

// results.json as reportgen writes it over the runs of a folder.
inline void write_results(const fs::path& folder) {
  const auto report = make_report(folder);
  ASSERT_OK(report);
  write_text(folder / "results.json", results_json(*report));
}

// A package without faults: closed/Acme with training and checkpointing on sys-a. Each test breaks one thing.
class Package : public ::testing::Test {
 protected:
  Package() {
    write_text(acme() / "code/README", "unchanged\n");
    write_text(acme() / "systems/sys-a.yaml", filled_description());
    write_text(acme() / "systems/sys-a.pdf", "%PDF-1.4\n%%EOF\n");
    write_training(unet3d() / "datagen/20250601_091500", {.stamp = "20250601_091500", .command = "datagen"});
    write_five(unet3d() / "run");
    write_results(unet3d() / "run");
    write_checkpointing(llama() / "20250601_120000", {});
    write_results(llama());
  }
  [[nodiscard]] fs::path root() const { return dir_.path(); }
  [[nodiscard]] fs::path acme() const { return root() / "closed/Acme"; }
  [[nodiscard]] fs::path sys() const { return acme() / "results/sys-a"; }
  [[nodiscard]] fs::path unet3d() const { return sys() / "training/unet3d"; }
  [[nodiscard]] fs::path llama() const { return sys() / "checkpointing/llama3-8b"; }

  [[nodiscard]] Submission check(const SubmissionOptions& options = {}) const {
    auto submission = check_submission(root(), options);
    EXPECT_OK(submission);
    return submission ? std::move(*submission) : Submission{};
  }

  // Exactly one finding, which is this one.
  void expect_finding(PackageFinding::Severity severity, const std::string& id, const fs::path& path,
                      const std::string& part) const {
    const Submission submission = check();
    ASSERT_EQ(submission.findings.size(), 1U) << to_text(submission);
    const PackageFinding& finding = submission.findings[0];
    EXPECT_EQ(finding.severity, severity);
    EXPECT_EQ(finding.check, id);
    EXPECT_EQ(finding.path, path);
    EXPECT_THAT(finding.message, ::testing::HasSubstr(part));
    EXPECT_FALSE(finding.remedy.empty());
    EXPECT_EQ(submission.valid(), severity == PackageFinding::Severity::kWarning);
    EXPECT_THAT(to_text(submission), ::testing::HasSubstr(part));
  }

  stoker::testing::TempDir dir_;
};

}  // namespace stoker::reports::testing
