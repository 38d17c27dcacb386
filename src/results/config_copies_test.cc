#include "results/config_copies.h"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "results/json.h"

namespace stoker::results {
namespace {

ConfigCopies copies() {
  return {.config_yaml = "workload:\n  model:\n    name: unet3d\n",
          .overrides = {"workload=unet3d_h100", "++workload.train.epochs=2", "hydra.run.dir=/r",
                        "++hydra.output_subdir=cfg", "++workload.dataset.data_folder=/d with: colon # and hash"},
          .workload = "unet3d_h100",
          .run_dir = "/results/run 1",
          .subdir = "dlio_config",
          .cwd = "/home/user",
          .config_sources = {"embedded", "/etc/stoker"}};
}

TEST(ConfigCopies, OverridesLeaveHydrasOwnOut) {
  EXPECT_EQ(overrides_yaml(copies()),
            "- workload=unet3d_h100\n- ++workload.train.epochs=2\n"
            "- \"++workload.dataset.data_folder=/d with: colon # and hash\"\n");
  EXPECT_EQ(overrides_yaml({}), "[]\n");
}

TEST(ConfigCopies, HydraNodeIsReadable) {
  const YAML::Node hydra = YAML::Load(hydra_yaml(copies()))["hydra"];
  EXPECT_EQ(hydra["run"]["dir"].as<std::string>(), "/results/run 1");
  EXPECT_EQ(hydra["output_subdir"].as<std::string>(), "dlio_config");
  EXPECT_EQ(hydra["overrides"]["hydra"].as<std::vector<std::string>>(),
            (std::vector<std::string>{"hydra.run.dir=/r", "++hydra.output_subdir=cfg"}));
  EXPECT_EQ(hydra["overrides"]["task"].as<std::vector<std::string>>(),
            (std::vector<std::string>{"workload=unet3d_h100", "++workload.train.epochs=2",
                                      "++workload.dataset.data_folder=/d with: colon # and hash"}));
  EXPECT_EQ(hydra["job"]["name"].as<std::string>(), "stoker");
  EXPECT_EQ(hydra["job"]["config_name"].as<std::string>(), "config");
  EXPECT_EQ(hydra["runtime"]["cwd"].as<std::string>(), "/home/user");
  EXPECT_EQ(hydra["runtime"]["output_dir"].as<std::string>(), "/results/run 1");
  EXPECT_EQ(hydra["runtime"]["choices"]["workload"].as<std::string>(), "unet3d_h100");
  EXPECT_EQ(hydra["runtime"]["config_sources"][0]["path"].as<std::string>(), "embedded");
  EXPECT_EQ(hydra["runtime"]["config_sources"][1]["schema"].as<std::string>(), "file");
}

TEST(ConfigCopies, EmptyListsAreLists) {
  const YAML::Node hydra = YAML::Load(hydra_yaml({}))["hydra"];
  EXPECT_TRUE(hydra["overrides"]["task"].IsSequence());
  EXPECT_TRUE(hydra["overrides"]["hydra"].IsSequence());
  EXPECT_TRUE(hydra["runtime"]["config_sources"].IsSequence());
}

TEST(ConfigCopies, WritesThreeFiles) {
  const testing::TempDir dir;
  ConfigCopies c = copies();
  c.run_dir = dir.path() / "run";
  ASSERT_OK(write_config_copies(c));
  const auto folder = dir.path() / "run" / "dlio_config";
  const Result<std::string> config = read_file(folder / "config.yaml");
  ASSERT_OK(config);
  EXPECT_EQ(*config, c.config_yaml);
  EXPECT_TRUE(std::filesystem::exists(folder / "overrides.yaml"));
  EXPECT_TRUE(std::filesystem::exists(folder / "hydra.yaml"));
}

TEST(ConfigCopies, AFileInTheWayIsAnError) {
  const testing::TempDir dir;
  ASSERT_OK(write_file_atomic(dir.path() / "dlio_config", "x"));
  ConfigCopies c = copies();
  c.run_dir = dir.path();
  EXPECT_ERROR(write_config_copies(c), Code::kIo, "dlio_config: create folder");
}

// Whatever the text, YAML reads the same text back, and reads it as a text: quoted, or plain and no other type.
TEST(YamlScalar, ReadsBackAsTheSameText) {
  for (const std::string text :
       {"",         "plain",      "true", "Off",   "null",   "12", "1.5e3", "-x", "a: b", "a #b", "#c",      "a\nb",
        "tab\tx",   "quote\"s\\", "[x]",  "{x}",   "*x",     "&x", "!x",    "%x", "@x",   "`x",   "++a.b=c", "~a",
        "/path/to", "ünï",        "\x01", " lead", "trail ", "=",  "a=b=c", "++", "a,b",  "y",    "No"}) {
    SCOPED_TRACE(text);
    const std::string scalar = yaml_scalar(text);
    const YAML::Node node = YAML::Load("key: " + scalar + "\n")["key"];
    EXPECT_EQ(node.as<std::string>(), text);
    bool as_bool = false;
    double as_number = 0;
    if (scalar.front() != '"') {
      EXPECT_FALSE(YAML::convert<bool>::decode(node, as_bool));
      EXPECT_FALSE(YAML::convert<double>::decode(node, as_number));
      EXPECT_FALSE(node.IsNull());
    }
  }
}

}  // namespace
}  // namespace stoker::results
