#include "app/cli/option_words.h"

#include "base/testing/status_matchers.h"

namespace stoker::cli {
namespace {

using Words = std::vector<std::string>;
using Kind = OptionSpec::Kind;

const std::vector<OptionSpec> kOptions{
    {{"--params", "--param", "-p"}, Kind::kList, {}},
    {{"--num-processes", "--np", "-np", "-N"}, Kind::kValue, {}},
    {{"--num-client-hosts"}, Kind::kValue, {}},
    {{"--config-file", "-c"}, Kind::kValue, {}},
    {{"--config-dir"}, Kind::kValue, {}},
    {{"--closed"}, Kind::kFlag, {"--open"}},
    {{"--open"}, Kind::kFlag, {"--closed"}},
    {{"--quiet", "-q"}, Kind::kFlag, {}},
    {{"--mpi-params"}, Kind::kList, {}},
    {{"--help", "-h"}, Kind::kFlag, {}},
    {{"--hosts", "-s"}, Kind::kList, {}},
};

Words scan(const Words& words) {
  auto scanned = scan_words(words, kOptions);
  if (!scanned) return {"error: " + scanned.error().message};
  return scanned->words;
}

TEST(ScanWords, WritesPrefixesOut) {
  const struct {
    Words typed, meant;
  } cases[] = {
      {{"--pa", "a=1", "b=2"}, {"--params", "a=1", "b=2"}},
      {{"--param", "a=1"}, {"--param", "a=1"}},
      {{"--num-p=4"}, {"--num-processes=4"}},
      {{"--num-c", "2", "--op"}, {"--num-client-hosts", "2", "--open"}},
      {{"--config-f", "--config-d"}, {"--config-file", "--config-d"}},
      {{"--quiet", "--q"}, {"--quiet", "--quiet"}},
      {{"--he"}, {"--help"}},
      {{"run", "-1", "--", "--num"}, {"run", "-1", "--", "--num"}},
      {{"-np", "4", "-np=4", "--qu"}, {"--np", "4", "--np=4", "--quiet"}},
      {{"-p", "-np", "-np", "-np"}, {"-p", "-np", "--np", "-np"}},
      // The word after an option that takes a value is a value.
      {{"--mpi-p", "--pa", "--qu"}, {"--mpi-params", "--pa", "--quiet"}},
      {{"-p", "--qu"}, {"-p", "--qu"}},
      {{"-pa=1", "--qu"}, {"-pa=1", "--quiet"}},
      {{"-p=a=1", "--qu"}, {"-pa=1", "--quiet"}},
      {{"-c=f.yaml"}, {"-cf.yaml"}},
      {{"-q=x"}, {"-q=x"}},
  };
  for (const auto& c : cases) EXPECT_EQ(scan(c.typed), c.meant) << c.typed.front();
}

TEST(ScanWords, RefusesAmbiguousPrefixesAndUnknownNames) {
  EXPECT_ERROR(scan_words(Words{"--num", "4"}, kOptions), Code::kInvalidArgument,
               "option '--num' is ambiguous: it could be --num-processes, --num-client-hosts");
  EXPECT_ERROR(scan_words(Words{"--config=x"}, kOptions), Code::kInvalidArgument,
               "ambiguous: it could be --config-file, --config-dir");
  EXPECT_ERROR(scan_words(Words{"--h"}, kOptions), Code::kInvalidArgument, "--help, --hosts");
  EXPECT_ERROR(scan_words(Words{"--parms", "a=1"}, kOptions), Code::kInvalidArgument,
               "unknown option '--parms'; did you mean '--params'?");
  EXPECT_ERROR(scan_words(Words{"--zzzzzzzz"}, kOptions), Code::kInvalidArgument, "unknown option '--zzzzzzzz'");
}

// Neither may pass in silence: "--debug=false" is not --debug, and --data-dir "$UNSET" is not the default.
TEST(ScanWords, RefusesFlagsWithValuesAndEmptyValues) {
  EXPECT_ERROR(scan_words(Words{"--quiet=false"}, kOptions), Code::kInvalidArgument,
               "option '--quiet' takes no value, found 'false'");
  EXPECT_ERROR(scan_words(Words{"--config-dir", ""}, kOptions), Code::kInvalidArgument,
               "option '--config-dir' has an empty value");
  EXPECT_ERROR(scan_words(Words{"-np="}, kOptions), Code::kInvalidArgument, "'--num-processes' has an empty value");
  EXPECT_ERROR(scan_words(Words{"--config-dir="}, kOptions), Code::kInvalidArgument, "has an empty value");
}

TEST(ScanWords, TellsWhichOptionsWereGivenUnderAnyName) {
  const auto scanned =
      scan_words(Words{"-c", "a.yaml", "--np=3", "-qcb.yaml", "--pa", "x=1", "--config-fi", "c.yaml", "-z"}, kOptions);
  ASSERT_OK(scanned);
  std::string text;
  for (const auto& g : scanned->given) text += g.option->names.front() + "=" + g.value.value_or("-") + " ";
  EXPECT_EQ(text,
            "--config-file=a.yaml --num-processes=3 --quiet=- --config-file=b.yaml --params=x=1 --config-file=c.yaml ");
}

}  // namespace
}  // namespace stoker::cli
