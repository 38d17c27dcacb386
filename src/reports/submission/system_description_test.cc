#include "reports/submission/system_description.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/testing/status_matchers.h"
#include "reports/submission/system_fields.h"
#include "reports/submission/system_template.h"
#include "reports/submission/testing/system_files.h"

namespace stoker::reports {
namespace {

using ::testing::HasSubstr;
using Kind = DescriptionFinding::Kind;
using testing::filled_description;
using testing::replace_line;

std::size_t count(const SystemDescription& description, Kind kind) {
  return static_cast<std::size_t>(std::ranges::count(description.findings, kind, &DescriptionFinding::kind));
}
std::size_t errors(const SystemDescription& description) {
  return static_cast<std::size_t>(std::ranges::count_if(description.findings, &DescriptionFinding::is_error));
}

// The one finding.
void expect_finding(const std::string& yaml, Kind kind, const std::string& key, const std::string& part) {
  const auto description = check_description(yaml, "sys.yaml");
  ASSERT_OK(description);
  ASSERT_EQ(description->findings.size(), 1U) << (description->findings.empty() ? "" : description->findings[1].key);
  const DescriptionFinding& finding = description->findings[0];
  EXPECT_EQ(finding.kind, kind);
  EXPECT_EQ(finding.key, key);
  EXPECT_THAT(finding.message + " / " + finding.remedy, HasSubstr(part));
  EXPECT_FALSE(finding.remedy.empty());
}

TEST(SystemDescription, FilledInHasNoFinding) {
  const auto description = check_description(filled_description(), "sys.yaml");
  ASSERT_OK(description);
  for (const DescriptionFinding& finding : description->findings)
    ADD_FAILURE() << finding.key << " " << finding.message;
  EXPECT_EQ(description->columns.at("name"), "sys-a");
  EXPECT_EQ(description->columns.at("Nodes.client.hardware.cpu_cores"), "32");
}

// Every required field: gone, it is missing; null, it is blank; both name it.
TEST(SystemDescription, EveryRequiredFieldIsAskedFor) {
  for (const SystemField& field : system_fields()) {
    if (!field.required) continue;
    std::string key(field.path);
    for (const char* name : {"client", "eth0"}) {
      if (const auto star = key.find('*'); star != std::string::npos) key.replace(star, 1, name);
    }
    if (key.starts_with("PowerRequirements")) key.replace(key.find("client"), 6, "storage_node");
    SCOPED_TRACE(key);
    expect_finding(testing::without(filled_description(), key), Kind::kMissing, key, "is missing");
    expect_finding(replace_line(filled_description(), key, ""), Kind::kBlank, key, "is not filled in");
    expect_finding(replace_line(filled_description(), key, "<fill in>"), Kind::kBlank, key, "is not filled in");
  }
}

TEST(SystemDescription, ChoicesAndTypes) {
  expect_finding(replace_line(filled_description(), "System.storage_location", "cloud"), Kind::kWrong,
                 "System.storage_location", "one of remote, local, hyper-converged");
  expect_finding(replace_line(filled_description(), "System.client_software", "custom"), Kind::kWrong,
                 "System.client_software", "one of in-box, proprietary");
  expect_finding(replace_line(filled_description(), "System.storage_interface", "tape"), Kind::kWrong,
                 "System.storage_interface", "one of block, file, object");
  expect_finding(replace_line(filled_description(), "System.required_rack_units", "two"), Kind::kWrong,
                 "System.required_rack_units", "expected a number");
  expect_finding(replace_line(filled_description(), "System.shared_capabilities.multi_host_support", "maybe"),
                 Kind::kWrong, "System.shared_capabilities.multi_host_support", "true or false");
  expect_finding(replace_line(filled_description(), "Nodes.client.quantity", "1.5"), Kind::kWrong,
                 "Nodes.client.quantity", "a whole number");
  expect_finding(replace_line(filled_description(), "PowerRequirements.storage_node.design_power", "lots"),
                 Kind::kWrong, "PowerRequirements.storage_node.design_power", "a number, with or without its unit");
  expect_finding(replace_line(filled_description(), "System.name", "[a]"), Kind::kWrong, "System.name", "a text");
}

TEST(SystemDescription, LineAndColumns) {
  const auto description =
      check_description(replace_line(filled_description(), "System.storage_location", "cloud"), "sys.yaml");
  ASSERT_OK(description);
  EXPECT_EQ(description->findings[0].line, 4);
  EXPECT_EQ(errors(*description), 1U);
  EXPECT_EQ(count(*description, Kind::kBlank), 0U);
}

TEST(SystemDescription, BothSpellingsOfSimultaneousReads) {
  std::string yaml = filled_description();
  const auto at = yaml.find("simultaneous_read__support");
  yaml.replace(at, std::string("simultaneous_read__support").size(), "simultaneous_read_support");
  const auto description = check_description(yaml, "sys.yaml");
  ASSERT_OK(description);
  EXPECT_TRUE(description->findings.empty());
}

TEST(SystemDescription, AsManyNameplatesAsSupplies) {
  expect_finding(replace_line(filled_description(), "PowerRequirements.storage_node.num_passive_psus", "2"),
                 Kind::kMissing, "PowerRequirements.storage_node.psu3_nameplate_power", "3 power supplies");
}

TEST(SystemDescription, TypingErrorsAreSuggested) {
  const auto description = check_description(
      replace_line(filled_description(), "System.name", "sys-a\n  max_sequential_reed: 10"), "sys.yaml");
  ASSERT_OK(description);
  ASSERT_EQ(description->findings.size(), 1U);
  EXPECT_EQ(description->findings[0].kind, Kind::kOdd);
  EXPECT_THAT(description->findings[0].message, HasSubstr("did you mean 'max_sequential_read'?"));
}

TEST(SystemDescription, ASectionForEachTypeOfNode) {
  const auto description =
      check_description(filled_description() + "  metadata_server:\n    quantity: 1\n", "sys.yaml");
  ASSERT_OK(description);
  std::vector<std::string> keys;
  for (const DescriptionFinding& finding : description->findings) keys.push_back(finding.key);
  EXPECT_THAT(keys, ::testing::ElementsAre("Nodes.metadata_server", "Nodes.metadata_server.hardware",
                                           "Nodes.metadata_server.networking", "Nodes.metadata_server.operating_system",
                                           "Nodes.metadata_server.tuning"));
  EXPECT_EQ(description->findings[0].kind, Kind::kOdd);
  EXPECT_THAT(description->findings[0].message, HasSubstr("PowerRequirements.metadata_server"));
}

TEST(SystemDescription, OlderAndNewerForms) {
  std::string yaml = filled_description();
  for (const char* key : {"System.client_software", "System.storage_interface"}) yaml = testing::without(yaml, key);
  const auto at = yaml.find("storage_location: remote");
  yaml.replace(at, std::string("storage_location: remote").size(), "type: shared");
  expect_finding(yaml, Kind::kMissing, "System.type", "storage_location, client_software and storage_interface");
  expect_finding("system_under_test:\n  deployment: cloud\n", Kind::kOdd, "system_under_test", "v3.0");
}

TEST(SystemDescription, NotYaml) {
  EXPECT_ERROR(check_description("a: [", "sys.yaml"), Code::kConfig, "");
  EXPECT_ERROR(check_description("- a\n", "sys.yaml"), Code::kConfig, "sys.yaml: expected a map");
  const auto empty = check_description("", "sys.yaml");
  ASSERT_OK(empty);
  EXPECT_EQ(errors(*empty), 3U);  // its three parts are missing
}

TEST(SystemDescription, CapacityInTib) {
  const auto description =
      check_description(replace_line(filled_description(), "System.name", "sys-a\n  useable_capacity: 100 TB"), "s");
  ASSERT_OK(description);
  EXPECT_TRUE(description->findings.empty());
  EXPECT_EQ(description->columns.at("usable_capacity_TiB"), "90.95");
}

results::HostInfo host(const std::string& name, std::uint64_t gib) {
  results::HostInfo info;
  info.hostname = name;
  info.memory.total = gib << 30;
  info.cpu = results::HostCpu{.num_cores = 32, .num_logical_cores = 64, .model = "A: CPU #1", .architecture = "x86_64"};
  info.network = {{.name = "lo", .values = {{"rx_bytes", 9}}},
                  {.name = "eth0", .values = {{"rx_bytes", 9}}},
                  {.name = "eth1", .values = {{"rx_bytes", 0}, {"tx_bytes", 0}}},
                  {.name = "docker0", .values = {{"rx_bytes", 9}}}};
  info.system.emplace();
  info.system->kernel_version = "Linux version 6.1.0-13-amd64 (builder)";
  info.system->os_release = {{"NAME", "Debian GNU/Linux"}, {"VERSION_ID", "12"}};
  return info;
}

// The template has every field that is checked, and nothing is wrong with it but the blanks.
TEST(SystemTemplate, OnlyBlanksAreLeft) {
  const results::SystemInfo system{.hosts = {host("a", 512), host("b", 512), host("c", 256)}};
  const std::string text = system_template(system, {.system_name = "sys: a", .facts_from = "the run R"});
  const auto description = check_description(text, "sys.yaml");
  ASSERT_OK(description);
  EXPECT_GT(count(*description, Kind::kBlank), 20U);
  std::size_t fill_in = 0;
  for (auto at = text.find("# FILL IN"); at != std::string::npos; at = text.find("# FILL IN", at + 1)) ++fill_in;
  EXPECT_EQ(count(*description, Kind::kBlank), fill_in);  // exactly those
  EXPECT_EQ(errors(*description), count(*description, Kind::kBlank));
  EXPECT_EQ(description->columns.at("name"), "sys: a");
  EXPECT_EQ(description->columns.at("Nodes.client.quantity"), "2");
  EXPECT_EQ(description->columns.at("Nodes.client.hardware.memory_capacity"), "512 GiB");
  EXPECT_EQ(description->columns.at("Nodes.client.hardware.cpu_model"), "A: CPU #1");
  EXPECT_EQ(description->columns.at("Nodes.client.operating_system.kernel_version"), "6.1.0-13-amd64");
  EXPECT_EQ(description->columns.at("Nodes.client_2.quantity"), "1");
  EXPECT_EQ(description->columns.at("Nodes.client_2.hardware.memory_capacity"), "256 GiB");
  EXPECT_THAT(text, HasSubstr("eth0:"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("docker0")));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("eth1")));
  EXPECT_THAT(text, HasSubstr("the run R"));
}

TEST(SystemTemplate, WithoutHosts) {
  const auto description = check_description(system_template({}, {}), "sys.yaml");
  ASSERT_OK(description);
  EXPECT_EQ(errors(*description), count(*description, Kind::kBlank));
}

}  // namespace
}  // namespace stoker::reports
