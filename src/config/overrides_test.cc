#include "config/overrides.h"

#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "config/yaml.h"

namespace stoker::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ParseOverride, FormsAndPrefix) {
  struct Case {
    std::string_view text;
    Override::Action action;
  };
  for (const Case& c :
       {Case{"workload.reader.batch_size=4", Override::Action::kReplace},
        Case{"reader.batch_size=4", Override::Action::kReplace}, Case{"+reader.batch_size=4", Override::Action::kAdd},
        Case{"++workload.reader.batch_size=4", Override::Action::kForce},
        Case{"~reader.batch_size=4", Override::Action::kDelete}}) {
    const auto parsed = parse_override(c.text, 3);
    ASSERT_OK(parsed);
    EXPECT_EQ(parsed->action, c.action);
    EXPECT_THAT(parsed->path, ElementsAre("reader", "batch_size"));
    EXPECT_EQ(parsed->value->text, "4");
    EXPECT_EQ(parsed->value->place.precedence, 3);
  }
  const auto deletion = parse_override("~reader.batch_size", 1);
  ASSERT_OK(deletion);
  EXPECT_FALSE(deletion->value.has_value());
}

struct BadOverride {
  std::string text, message;
};

std::string dotted(int parts) {
  return fmt::format("{}", fmt::join(std::vector<std::string>(static_cast<std::size_t>(parts), "a"), "."));
}

class RefusedOverride : public ::testing::TestWithParam<BadOverride> {};

TEST_P(RefusedOverride, ShowsTheText) {
  const auto result = parse_override(GetParam().text, 1);
  EXPECT_ERROR(result, Code::kConfig, GetParam().message);
  EXPECT_EQ(result.error().where->file, fmt::format("override '{}'", GetParam().text));
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedOverride,
    ::testing::Values(
        BadOverride{"reader.batch_size", "'reader.batch_size': bad override syntax: no '='"},
        BadOverride{"=4", "no key before '='"}, BadOverride{"++=4", "no key before '='"},
        BadOverride{"a..b=1", "an empty part in the key"}, BadOverride{"a b=1", "unexpected character in the key"},
        BadOverride{" a=1", "unexpected character in the key"}, BadOverride{"a =1", "unexpected character in the key"},
        BadOverride{"a[0]=1", "unexpected character in the key"},
        BadOverride{"+++a=1", "unexpected character in the key"},
        BadOverride{"-a=1", "unexpected character in the key"}, BadOverride{"1=1", "unexpected character in the key"},
        BadOverride{"a.01=1", "unexpected character in the key"},
        BadOverride{"a.1__0=1", "unexpected character in the key"},
        BadOverride{"a.0x1=1", "unexpected character in the key"},
        BadOverride{"a.+1=1", "unexpected character in the key"},
        BadOverride{"a/1=1", "unexpected character in the key"},
        BadOverride{"a/$b=1", "unexpected character in the key"}, BadOverride{".a=1", "an empty part in the key"},
        BadOverride{"a.=1", "an empty part in the key"},
        BadOverride{"a@b=1", "'@' in the key: packages of Hydra are not known here"},
        BadOverride{"a/b=1", "'/' in the key: groups of Hydra are not known here"},
        BadOverride{dotted(33) + "=1", "more than 32 parts in the key, which is stoker's limit"},
        BadOverride{"workload=unet3d_h100", "chooses a workload"}, BadOverride{"hydra.run.dir=x", "a setting of Hydra"},
        BadOverride{"++hydra.output_subdir=x", "a setting of Hydra"},
        BadOverride{"++train.epochs=[1", "train.epochs: bad value: it ends where ',' or ']'"}));

TEST(ParseOverride, KeysOfHydrasGrammar) {
  for (const std::string& key :
       {std::string("a-b"), std::string("_"), std::string("$a"), std::string("a.0"), std::string("0.a"),
        std::string("a.1_0"), std::string("a.b-"), std::string("aAzZ09.Z.z"), dotted(32)}) {
    const auto parsed = parse_override(key + "=1", 1);
    ASSERT_OK(parsed);
    EXPECT_EQ(fmt::format("{}", fmt::join(parsed->path, ".")), key);
  }
}

// The tree after the overrides, as YAML.
std::string applied(std::string_view yaml, const std::vector<std::string>& overrides) {
  auto root = parse_yaml(yaml, "f.yaml");
  EXPECT_OK(root);
  int precedence = 0;
  for (const std::string& text : overrides) {
    const auto parsed = parse_override(text, ++precedence);
    EXPECT_OK(parsed);
    const Status status = apply_override(*parsed, *root);
    EXPECT_OK(status);
  }
  return emit_yaml(*root);
}

TEST(ApplyOverride, ReplacesAddsAndDeletes) {
  EXPECT_EQ(applied("a:\n  b: 1\n", {"a.b=2"}), "a:\n  b: 2\n");
  EXPECT_EQ(applied("a:\n  b: 1\n", {"+a.c=2"}), "a:\n  b: 1\n  c: 2\n");
  EXPECT_EQ(applied("a:\n  b: 1\n", {"++x.y.z=2"}), "a:\n  b: 1\nx:\n  y:\n    z: 2\n");
  EXPECT_EQ(applied("a:\n  b: 1\n  c: 2\n", {"~a.b"}), "a:\n  c: 2\n");
  EXPECT_EQ(applied("a:\n  b: 1\n  c: 2\n", {"~a.b=1.0"}), "a:\n  c: 2\n");
}

TEST(ApplyOverride, DeletesValuesThatArePythonsEqual) {
  EXPECT_EQ(applied("a: abc\nb: 1\n", {"~a=abc"}), "b: 1\n");
  EXPECT_EQ(applied("a: yes\nb: 1\n", {"~a=true"}), "b: 1\n");
  EXPECT_EQ(applied("a: null\nb: 1\n", {"~a=null"}), "b: 1\n");
  EXPECT_EQ(applied("a: [1, {k: x}]\nb: 1\n", {"~a=[1.0,{k:x}]"}), "b: 1\n");
  for (const std::string text :
       {"~s=ABC", "~n='1'", "~t=1", "~t=false", "~l=[1]", "~l=1", "~m={k:y}", "~m={j:x}", "~n=null"}) {
    auto root = parse_yaml("s: abc\nn: 1\nt: true\nl: [1, 2]\nm: {k: x}\n", "f.yaml");
    ASSERT_OK(root);
    const auto parsed = parse_override(text, 1);
    ASSERT_OK(parsed);
    EXPECT_ERROR(apply_override(*parsed, *root), Code::kConfig, "so it is not deleted");
  }
}

TEST(ApplyOverride, AddsListsMapsAndWhereNullIs) {
  EXPECT_EQ(applied("a: null\n", {"+a=1"}), "a: 1\n");
  EXPECT_EQ(applied("a: [1]\n", {"+a=[2]"}), "a:\n  - 2\n");
  EXPECT_EQ(applied("a: {b: 1}\n", {"+a={c: 2}"}), "a:\n  b: 1\n  c: 2\n");
}

TEST(ApplyOverride, LaterOnesWin) {
  EXPECT_EQ(applied("a: 1\n", {"++a=2", "a=3"}), "a: 3\n");
}

TEST(ApplyOverride, MergesMapsAndReplacesLists) {
  EXPECT_EQ(applied("a:\n  b: 1\n", {"++a={c: 2}"}), "a:\n  b: 1\n  c: 2\n");
  EXPECT_EQ(applied("a: [1, 2]\n", {"++a=[3]"}), "a:\n  - 3\n");
}

TEST(ApplyOverride, AScalarGivesWayToASection) {
  EXPECT_EQ(applied("t: 0.3\n", {"++t.mean=0.5"}), "t:\n  mean: 0.5\n");
}

TEST(ApplyOverride, ReachesItemsOfLists) {
  EXPECT_EQ(applied("c:\n  - {n: 1}\n  - {n: 2}\n", {"c.1.n=5"}), "c:\n  - n: 1\n  - n: 5\n");
  EXPECT_EQ(applied("c:\n  - 1\n  - 2\n", {"c.0=7"}), "c:\n  - 7\n  - 2\n");
}

struct Refusal {
  std::string_view override_text, message, hint;
};

class RefusedChange : public ::testing::TestWithParam<Refusal> {};

TEST_P(RefusedChange, HasARemedy) {
  auto root = parse_yaml("reader:\n  batch_size: 4\n  list: [1]\n", "f.yaml");
  ASSERT_OK(root);
  const auto parsed = parse_override(GetParam().override_text, 1);
  ASSERT_OK(parsed);
  const Status status = apply_override(*parsed, *root);
  EXPECT_ERROR(status, Code::kConfig, std::string(GetParam().message));
  EXPECT_THAT(status.error().hint, HasSubstr(std::string(GetParam().hint)));
  EXPECT_THAT(status.error().where->file, HasSubstr(std::string(GetParam().override_text)));
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedChange,
    ::testing::Values(Refusal{"reader.batchsize=8",
                              "reader.batchsize: not in the workload file; did you mean 'batch_size'?",
                              "++workload.reader.batchsize=8"},
                      Refusal{"reader.batchsize='8'", "reader.batchsize: not in the workload file",
                              "++workload.reader.batchsize='8'"},
                      Refusal{"train.epochs=8", "train.epochs: not in the workload file", "++workload.train.epochs=8"},
                      Refusal{"+reader.batch_size=8", "reader.batch_size: already in the workload file, with value 4",
                              "++workload.reader.batch_size=8"},
                      Refusal{"~reader.epochs", "reader.epochs: not there", "remove the override"},
                      Refusal{"~reader.batch_size=5", "reader.batch_size: found 4, expected 5", "~reader.batch_size"},
                      Refusal{"~reader.list.0", "an item of a list cannot be deleted", "whole list"},
                      Refusal{"++reader.list.7=1", "no such item of a list", "whole list"}));

TEST(SplitCommandLine, SortsWhatIsGiven) {
  const std::vector<std::string> args = {"workload=unet3d_h100",       "++hydra.run.dir=/tmp/run",
                                         "++hydra.output_subdir=conf", "++workload.reader.batch_size=4",
                                         "hydra/job_logging=disabled", "~workload.reader.odirect"};
  const auto line = split_command_line(args);
  ASSERT_OK(line);
  EXPECT_EQ(line->workload, "unet3d_h100");
  EXPECT_EQ(line->hydra_run_dir, "/tmp/run");
  EXPECT_EQ(line->hydra_output_subdir, "conf");
  EXPECT_THAT(line->overrides, ElementsAre("++workload.reader.batch_size=4", "~workload.reader.odirect"));
  EXPECT_THAT(line->other_hydra, ElementsAre("hydra/job_logging=disabled"));
}

TEST(SplitCommandLine, NothingGiven) {
  const auto line = split_command_line({});
  ASSERT_OK(line);
  EXPECT_EQ(line->workload, std::nullopt);
  EXPECT_EQ(line->hydra_run_dir, std::nullopt);
  EXPECT_EQ(line->hydra_output_subdir, std::nullopt);
}

TEST(SplitCommandLine, NullMeansNoFolder) {
  const auto line = split_command_line(std::vector<std::string>{"hydra.output_subdir=null"});
  ASSERT_OK(line);
  EXPECT_EQ(line->hydra_output_subdir, "");
}

TEST(SplitCommandLine, RefusesWhatIsNoOverride) {
  EXPECT_ERROR(split_command_line(std::vector<std::string>{"train"}), Code::kInvalidArgument,
               "'train': bad override syntax");
  EXPECT_ERROR(split_command_line(std::vector<std::string>{"workload="}), Code::kInvalidArgument,
               "the name of a workload");
  EXPECT_ERROR(split_command_line(std::vector<std::string>{"~workload"}), Code::kInvalidArgument, "cannot be deleted");
  EXPECT_ERROR(split_command_line(std::vector<std::string>{"hydra.run.dir=[a]"}), Code::kInvalidArgument,
               "expected a folder");
}

TEST(ParamToOverride, SplitsAtTheFirstEqualsSign) {
  EXPECT_EQ(*param_to_override("reader.read_threads=8"), "++workload.reader.read_threads=8");
  EXPECT_EQ(*param_to_override("storage.storage_root=/a=b"), "++workload.storage.storage_root=/a=b");
  EXPECT_EQ(*param_to_override("++workload.train.epochs=1"), "++workload.train.epochs=1");
  EXPECT_ERROR(param_to_override("reader.read_threads"), Code::kInvalidArgument, "expected KEY=VALUE");
  EXPECT_ERROR(param_to_override("=8"), Code::kInvalidArgument, "expected KEY=VALUE");
}

}  // namespace
}  // namespace stoker::config
