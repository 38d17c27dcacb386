#include "app/cli/option_file.h"

#include <fstream>

#include "base/error_number.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"

namespace stoker::cli {
namespace {

using Words = std::vector<std::string>;
using Kind = OptionSpec::Kind;

const std::vector<OptionSpec> kOptions{
    {{"--params", "--param", "-p"}, Kind::kList, {}},
    {{"--hosts", "-s"}, Kind::kList, {}},
    {{"--mpi-params"}, Kind::kList, {}},
    {{"--data-dir", "--dd"}, Kind::kValue, {}},
    {{"--num-processes", "--np", "-N"}, Kind::kValue, {}},
    {{"--exec-type", "--et", "-e"}, Kind::kValue, {}},
    {{"--config-file", "-c"}, Kind::kValue, {}},
    {{"--oversubscribe"}, Kind::kFlag, {}},
    {{"--closed"}, Kind::kFlag, {"--open"}},
    {{"--open"}, Kind::kFlag, {"--closed"}},
};
const Words kOthers{"--accelerator-type"};

Result<OptionFile> parse(const std::string& yaml, const Words& typed = {}) {
  auto scanned = scan_words(typed, kOptions);
  if (!scanned) return std::move(scanned).error();
  return parse_option_file(yaml, "site.yaml", kOptions, scanned->given, kOthers);
}

Words words(const std::string& yaml, const Words& typed = {}) {
  auto file = parse(yaml, typed);
  if (!file) return {"error: " + file.error().message};
  return file->words;
}

TEST(OptionFile, SetsOptionsOfEachKind) {
  EXPECT_EQ(words("data_dir: /mnt/data\nnum_processes: 4\n"),
            (Words{"--data-dir", "/mnt/data", "--num-processes", "4"}));
  EXPECT_EQ(words("data-dir: /a b\n"), (Words{"--data-dir", "/a b"}));
  EXPECT_EQ(words("exec_type: mpi\noversubscribe: true\n"), (Words{"--exec-type", "mpi", "--oversubscribe"}));
  EXPECT_EQ(words("oversubscribe: no\nopen: on\n"), (Words{"--open"}));
  EXPECT_EQ(words("data_dir: null\nhosts: ~\n"), Words{});
  EXPECT_ERROR(parse("data_dir: ''\n"), Code::kInvalidArgument, "data_dir: found '', expected a value");
  EXPECT_EQ(words("mpi_params: [--bind-to, core]\n"), (Words{"--mpi-params", "--bind-to", "--mpi-params", "core"}));
}

TEST(OptionFile, SplitsHostsAtCommas) {
  EXPECT_EQ(words("hosts: a, b:4,c\n"), (Words{"--hosts", "a", "--hosts", "b:4", "--hosts", "c"}));
  EXPECT_EQ(words("hosts: [a, b]\n"), (Words{"--hosts", "a", "--hosts", "b"}));
  EXPECT_ERROR(parse("hosts: ','\n"), Code::kInvalidArgument, "hosts: found ,, expected at least one host");
}

TEST(OptionFile, TakesParamsAsMapOrList) {
  EXPECT_EQ(words("params:\n  - reader.read_threads=8\n  - a=b=c\n"),
            (Words{"--params", "reader.read_threads=8", "--params", "a=b=c"}));
  EXPECT_EQ(words("params:\n  reader.read_threads: 8\n  reader: {odirect: True, skipped: null}\n  x: [1, a b]\n"),
            (Words{"--params", "reader.read_threads=8", "--params", "reader.odirect=True", "--params", "x=[1,'a b']"}));
  EXPECT_EQ(words("params: a=1\n"), (Words{"--params", "a=1"}));
  EXPECT_EQ(words("params: {c: [{name: a, size: 2}]}\n"), (Words{"--params", "c=[{name: 'a', size: 2}]"}));
}

TEST(OptionFile, GivesWayToTheCommandLine) {
  const std::string yaml = "data_dir: /file\nnum_processes: 9\nhosts: a,b\nopen: true\n";
  for (const Words& typed : {Words{"--data-dir", "/typed"}, Words{"--dd=/typed"}, Words{"--data", "/typed"}}) {
    EXPECT_EQ(words("data_dir: /file\n", typed), Words{}) << typed.front();
  }
  EXPECT_EQ(words(yaml, {"-N2", "-s", "x", "--dd", "d"}), Words{"--open"});
  // What excludes the file's option wins too.
  EXPECT_EQ(words("open: true\n", {"--closed"}), Words{});
  // params are merged; the command line comes last.
  EXPECT_EQ(words("params: {a: 1}\n", {"--param", "a=2"}), (Words{"--params", "a=1"}));
  const auto file = parse(yaml, {"--clos", "-N", "2"});
  ASSERT_OK(file);
  EXPECT_EQ(file->names, (Words{"--data-dir", "--hosts"}));
  EXPECT_EQ(file->notes, (Words{"site.yaml: 'num_processes' gives way to the command line",
                                "site.yaml: 'open' gives way to --closed on the command line"}));
}

TEST(OptionFile, SkipsWhatItDoesNotKnow) {
  const auto file = parse("data_dirr: /x\naccelerator_type: h100\nconfig_file: y\nnum_processes: 1\n");
  ASSERT_OK(file);
  EXPECT_EQ(file->words, (Words{"--num-processes", "1"}));
  EXPECT_EQ(file->warnings, (Words{"site.yaml: unknown option 'data_dirr' is skipped; did you mean 'data_dir'?",
                                   "site.yaml: 'config_file' has no effect in a file of options"}));
  EXPECT_EQ(file->notes, Words{"site.yaml: 'accelerator_type' is no option of this command: skipped"});
}

TEST(OptionFile, AnEmptyFileIsAWarning) {
  for (const char* text : {"", "# nothing\n", "---\n", "{}\n"}) {
    const auto file = parse(text);
    ASSERT_OK(file);
    EXPECT_EQ(file->warnings, Words{"site.yaml: the file sets no option"}) << text;
    EXPECT_TRUE(file->words.empty());
  }
}

TEST(OptionFile, RefusesValuesThatAnOptionCannotHave) {
  EXPECT_ERROR(parse("oversubscribe: 3\n"), Code::kInvalidArgument, "oversubscribe: found 3, expected true or false");
  EXPECT_ERROR(parse("data_dir: [a]\n"), Code::kInvalidArgument, "data_dir: found [a], expected one value");
  EXPECT_ERROR(parse("hosts: {a: 1}\n"), Code::kInvalidArgument, "expected a text or a list");
  EXPECT_ERROR(parse("hosts: [[a]]\n"), Code::kInvalidArgument, "expected a list of texts");
  EXPECT_ERROR(parse("- data_dir\n"), Code::kInvalidArgument, "expected a map of options");
  EXPECT_EQ(parse("oversubscribe: 3\n").error().where->line, 1);
}

TEST(OptionFile, FilesThatCannotBeReadHaveNumbersOfTheirOwn) {
  const testing::TempDir dir;
  const auto missing = read_option_file(dir.path() / "none.yaml", kOptions, {}, {});
  EXPECT_ERROR(missing, Code::kInvalidArgument, "--config-file: ");
  EXPECT_EQ(number_of(missing.error()), ErrorNumber::kConfigFile);
  std::ofstream(dir.path() / "bad.yaml") << "a: [1\n";
  const auto bad = read_option_file(dir.path() / "bad.yaml", kOptions, {}, {});
  EXPECT_ERROR(bad, Code::kInvalidArgument, "YAML");
  EXPECT_EQ(number_of(bad.error()), ErrorNumber::kParse);
  EXPECT_EQ(exit_code(bad.error()), ExitCode::kBadArguments);
}

}  // namespace
}  // namespace stoker::cli
