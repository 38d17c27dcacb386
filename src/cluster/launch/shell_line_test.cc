#include "cluster/launch/shell_line.h"

#include <random>

#include "base/testing/status_matchers.h"

namespace stoker::launch {
namespace {

using Words = std::vector<std::string>;

TEST(ShellLine, QuotesWhatAShellWouldRead) {
  EXPECT_EQ(shell_line(Words{"a", "b c", "", "it's", "k=v", "$HOME", "*", "--x=/p/q.yaml", "++workload.a=1", "~"}),
            R"(a 'b c' '' 'it'\''s' k=v '$HOME' '*' --x=/p/q.yaml ++workload.a=1 '~')");
  EXPECT_EQ(shell_line({}), "");
}

TEST(ShellLine, IsOneLineWhateverTheWordsHold) {
  EXPECT_EQ(shell_line(Words{"a\nb", "tab\there", "it's\r\n", "\x01\x7f", "back\\slash\n"}),
            R"($'a\nb' $'tab\there' $'it\'s\r\n' $'\001\177' $'back\\slash\n')");
}

TEST(SplitShellLine, ReadsWhatPeopleType) {
  const struct {
    std::string line;
    Words words;
  } cases[] = {
      {"", {}},
      {"  \t ", {}},
      {"stoker training  run ", {"stoker", "training", "run"}},
      {"a 'b c' d", {"a", "b c", "d"}},
      {"'' \"\"", {"", ""}},
      {"--x='a b'\"c d\"e", {"--x=a bc de"}},
      {R"("say \"hi\" \$5 \n")", {R"(say "hi" $5 \n)"}},
      {R"(a\ b \'c\' \\)", {"a b", "'c'", "\\"}},
      {"a\\\nb", {"ab"}},
      {R"($'tab\there\x41\101\e')", {"tab\thereAA\x1b"}},
      {R"($HOME * ~ #x a$'b')", {"$HOME", "*", "~", "#x", "ab"}},
      {"cost$ $", {"cost$", "$"}},
      {"'single \"double\"' \"double 'single'\"", {"single \"double\"", "double 'single'"}},
  };
  for (const auto& c : cases) {
    const auto words = split_shell_line(c.line);
    ASSERT_OK(words);
    EXPECT_EQ(*words, c.words) << c.line;
  }
}

TEST(SplitShellLine, SaysWhichQuoteHasNoEnd) {
  EXPECT_ERROR(split_shell_line("a 'b"), Code::kInvalidArgument, "single quote at character 3");
  EXPECT_ERROR(split_shell_line("\"b\\\""), Code::kInvalidArgument, "double quote at character 1");
  EXPECT_ERROR(split_shell_line("ab\\"), Code::kInvalidArgument, "backslash at character 3");
  EXPECT_ERROR(split_shell_line("$'a\\"), Code::kInvalidArgument, "single quote at character 2");
}

TEST(SplitShellLine, IsTheInverseOfShellLine) {
  std::mt19937 random(7);
  const std::string alphabet = "ab Z09'\"\\$`*?~#;&|<>(){}[]!=\n\t\r\x01\x1b\x7f\xc3\xa9%,./-_+@^:";
  for (int round = 0; round < 2000; ++round) {
    Words words(random() % 5);
    for (auto& word : words) {
      word.resize(random() % 12);
      for (char& c : word) c = alphabet[random() % alphabet.size()];
    }
    const std::string line = shell_line(words);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto back = split_shell_line(line);
    ASSERT_OK(back);
    EXPECT_EQ(*back, words) << line;
  }
}

}  // namespace
}  // namespace stoker::launch
