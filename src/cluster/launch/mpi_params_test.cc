#include "cluster/launch/mpi_params.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error_number.h"
#include "base/testing/status_matchers.h"

namespace stoker::launch {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Words = std::vector<std::string>;

// "map-by+1 x+1": each parameter's first word and how many belong to it.
std::string shown(const Words& words) {
  const auto params = parse_mpi_params(words);
  if (!params) return params.error().message;
  std::string text;
  for (const Param& param : *params) {
    text += fmt::format("{}{}+{}", text.empty() ? "" : " ", words[param.begin], param.count - 1);
  }
  return text;
}

void expect_error(const Words& words, ErrorNumber number, const std::string& message, const std::string& hint) {
  const auto params = parse_mpi_params(words);
  EXPECT_ERROR(params, Code::kInvalidArgument, message);
  EXPECT_EQ(number_of(params.error()), number) << message;
  EXPECT_THAT(params.error().hint, HasSubstr(hint));
}

TEST(MpiParams, OptionsHaveTheirValues) {
  EXPECT_EQ(shown({}), "");
  EXPECT_EQ(shown({"--mca", "btl", "tcp,self", "-x", "PATH"}), "--mca+2 -x+1");
  EXPECT_EQ(shown({"--map-by", "ppr:2:node", "--tag-output", "-bind-to", "core"}),
            "--map-by+1 --tag-output+0 -bind-to+1");
  EXPECT_EQ(shown({"--map-by=node", "--output=tag"}), "--map-by=node+0 --output=tag+0");
  EXPECT_EQ(shown({"-x", "-n"}), "-x+1") << "a value, not an option";
  EXPECT_EQ(shown({"--unknown", "a", "b", "--other"}), "--unknown+2 --other+0") << "they may be its values";
}

// What would decide the number of ranks twice; the launcher takes the last and says nothing.
TEST(MpiParams, TheNumberOfRanksIsNotTheirs) {
  for (const char* name :
       {"-n", "--n", "-np", "--np", "-c", "-N", "--npernode", "-npersocket", "--ppr", "-ppn", "--app", "-configfile"}) {
    expect_error({"-x", "PATH", name, "1"}, ErrorNumber::kIncompatible,
                 fmt::format("--mpi-params: '{}' says which", name), "use --num-accelerators");
    expect_error({std::string(name) + "=1"}, ErrorNumber::kIncompatible, "says which ranks are started",
                 "--hosts NAME:N");
  }
  expect_error({"-pernode"}, ErrorNumber::kIncompatible, "'-pernode' says which", "--hosts NAME:N");
  expect_error({"-x", "A", ":", "-n", "1", "sh"}, ErrorNumber::kIncompatible, "':' says which", "--num-accelerators");
  expect_error({"--unknown", "A", ":", "sh"}, ErrorNumber::kIncompatible, "':' says which", "--num-accelerators");
  EXPECT_OK(parse_mpi_params(Words{"--map-by", "ppr:2:node"}));
}

TEST(MpiParams, HostsAreNotTheirs) {
  for (const char* name : {"-H", "--host", "-hosts", "--hostfile", "-hostfile", "--machinefile", "--default-hostfile",
                           "--add-host", "--add-hostfile", "-f"}) {
    expect_error({name, "file"}, ErrorNumber::kIncompatible, fmt::format("--mpi-params: '{}' names hosts", name),
                 "use --hosts");
  }
  expect_error({"--mca", "orte_default_hostfile", "f"}, ErrorNumber::kIncompatible, "'--mca' names hosts",
               "use --hosts");
  expect_error({"--prtemca", "prte_default_hostfile", "f"}, ErrorNumber::kIncompatible, "names hosts", "use --hosts");
}

TEST(MpiParams, EmptyWordsAreRefused) {
  for (const Words& words : {Words{""}, Words{" \t"}, Words{"-x", ""}, Words{"--mca", "btl", ""}}) {
    expect_error(words, ErrorNumber::kMissing, "option '--mpi-params' has an empty value", "leave the option out");
  }
}

// The launcher would take the program's name for the value, or the word for the program.
TEST(MpiParams, WhatWouldSwallowTheProgramOrReplaceIt) {
  expect_error({"--map-by"}, ErrorNumber::kMissing, "--mpi-params: '--map-by' needs a value", "write the value");
  expect_error({"--tag-output", "-x"}, ErrorNumber::kMissing, "'-x' needs a value", "write the value");
  expect_error({"--mca", "btl"}, ErrorNumber::kMissing, "'--mca' needs two values", "write the value");
  expect_error({"--mca"}, ErrorNumber::kMissing, "'--mca' needs two values", "write the value");
  expect_error({"sh"}, ErrorNumber::kBadValue, "--mpi-params: 'sh' belongs to no option", "with a dash");
  expect_error({"--tag-output", "sh"}, ErrorNumber::kBadValue, "'sh' belongs to no option", "with a dash");
  expect_error({"-x", "A", "B"}, ErrorNumber::kBadValue, "'B' belongs to no option", "with a dash");
  expect_error({"--map-by=node", "x"}, ErrorNumber::kBadValue, "'x' belongs to no option", "with a dash");
  expect_error({"-"}, ErrorNumber::kBadValue, "'-' belongs to no option", "with a dash");
}

TEST(MpiParams, RolesAreFoundByOptionAndByVariable) {
  for (const Words& words : {Words{"--map-by", "node"}, Words{"--rankfile", "f"}, Words{"-rf", "f"}, Words{"-bynode"},
                             Words{"--cpus-per-proc", "2"}, Words{"--mca", "rmaps_base_mapping_policy", "node"},
                             Words{"--prtemca", "rmaps_default_mapping_policy", "node"}, Words{"--map-by=node"}}) {
    EXPECT_TRUE(has_role(words, ParamRole::kMapping)) << words.front();
    EXPECT_FALSE(has_role(words, ParamRole::kBinding)) << words.front();
  }
  for (const Words& words :
       {Words{"--bind-to", "core"}, Words{"-bind-to-core"}, Words{"--mca", "hwloc_base_binding_policy", "core"}}) {
    EXPECT_TRUE(has_role(words, ParamRole::kBinding)) << words.front();
    EXPECT_FALSE(has_role(words, ParamRole::kMapping)) << words.front();
  }
  EXPECT_TRUE(has_role(Words{"--rank-by", "core"}, ParamRole::kRanking));
  EXPECT_TRUE(has_role(Words{"--tag-output"}, ParamRole::kOutput));
  EXPECT_FALSE(has_role(Words{"-x", "--map-by"}, ParamRole::kMapping)) << "a value";
  EXPECT_FALSE(has_role(Words{"--mca", "btl", "rmaps_base_mapping_policy"}, ParamRole::kMapping)) << "a value";
  EXPECT_FALSE(has_role({}, ParamRole::kOther));
}

TEST(SplitMpiParams, AQuotedValueIsSeveralWords) {
  const auto words = split_mpi_params(Words{"--mca btl 'tcp,self'", "-x", "A=b c", "--map-by", "node"});
  ASSERT_OK(words);
  EXPECT_THAT(*words, ElementsAre("--mca", "btl", "tcp,self", "-x", "A=b c", "--map-by", "node"));
  EXPECT_THAT(*split_mpi_params({}), IsEmpty());
  EXPECT_ERROR(split_mpi_params(Words{"-n 1"}), Code::kInvalidArgument, "'-n' says which ranks are started");
  EXPECT_ERROR(split_mpi_params(Words{""}), Code::kInvalidArgument, "has an empty value");
  EXPECT_ERROR(split_mpi_params(Words{"--mca btl 'tcp"}), Code::kInvalidArgument, "--mpi-params: ");
}

}  // namespace
}  // namespace stoker::launch
