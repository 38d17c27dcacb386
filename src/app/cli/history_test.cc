#include "app/cli/history.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <thread>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "cluster/launch/shell_line.h"
#include "results/json.h"

namespace stoker::cli {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

void write(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

TEST(History, CountsFromOne) {
  const testing::TempDir dir;
  const fs::path file = dir.path() / "mlps_history";
  const auto none = read_history(file);
  ASSERT_OK(none);
  EXPECT_TRUE(none->entries.empty());
  for (std::int64_t id = 1; id <= 3; ++id) {
    const auto added = append_history(file, "20260501_100000", fmt::format("stoker training run --loops {}", id));
    ASSERT_OK(added);
    EXPECT_EQ(*added, id);
  }
  const auto text = results::read_file(file);
  ASSERT_OK(text);
  EXPECT_EQ(*text,
            "1,20260501_100000,stoker training run --loops 1\n"
            "2,20260501_100000,stoker training run --loops 2\n"
            "3,20260501_100000,stoker training run --loops 3\n");
}

TEST(History, ToleratesAndKeepsBrokenLines) {
  const testing::TempDir dir;
  const fs::path file = dir.path() / "mlps_history";
  const std::string before =
      "1,20250111_143022,/usr/bin/mlpstorage training run --model unet3d\n"
      "\n"
      "no line of ours\n"
      "x,20250111_143022,stoker\n"
      "9,yesterday,stoker\n"
      "9223372036854775807,20250111_143022,stoker\n"
      "7,20250111_143023,mlpstorage reports, with a comma\r\n"
      "8,20250111_1430";
  write(file, before);
  const auto history = read_history(file);
  ASSERT_OK(history);
  ASSERT_EQ(history->entries.size(), 2U);
  EXPECT_EQ(history->broken_lines, 5);
  EXPECT_EQ(history->entries[1], (HistoryEntry{7, "20250111_143023", "mlpstorage reports, with a comma"}));
  const auto added = append_history(file, "20260501_100000", "stoker x");
  ASSERT_OK(added);
  EXPECT_EQ(*added, 8);
  EXPECT_EQ(*results::read_file(file), before + "\n8,20260501_100000,stoker x\n");
}

TEST(History, ManyProcessesAppendAtOnce) {
  const testing::TempDir dir;
  const fs::path file = dir.path() / "mlps_history";
  constexpr int kProcesses = 6;
  constexpr int kLines = 25;
  std::vector<pid_t> children;
  for (int p = 0; p < kProcesses; ++p) {
    const pid_t pid = ::fork();
    ASSERT_GE(pid, 0);
    if (pid == 0) {
      bool good = true;
      for (int i = 0; i < kLines; ++i) {
        good = good && append_history(file, "20260501_100000", fmt::format("stoker {} {}", p, i)).has_value();
      }
      ::_exit(good ? 0 : 1);
    }
    children.push_back(pid);
  }
  for (const pid_t pid : children) {
    int state = -1;
    ASSERT_EQ(::waitpid(pid, &state, 0), pid);
    EXPECT_EQ(state, 0);
  }
  const auto history = read_history(file);
  ASSERT_OK(history);
  EXPECT_EQ(history->broken_lines, 0);
  std::set<std::int64_t> ids;
  std::set<std::string> commands;
  for (const auto& entry : history->entries) {
    ids.insert(entry.id);
    commands.insert(entry.command);
  }
  EXPECT_EQ(ids.size(), static_cast<std::size_t>(kProcesses * kLines));
  EXPECT_EQ(*ids.rbegin(), kProcesses * kLines);
  EXPECT_EQ(commands.size(), ids.size());
}

TEST(History, SaysWhyItCannotBeWritten) {
  const testing::TempDir dir;
  EXPECT_ERROR(append_history(dir.path() / "none" / "mlps_history", "20260501_100000", "x"), Code::kNotFound,
               "mlps_history: cannot open it");
  EXPECT_FALSE(append_history(dir.path(), "20260501_100000", "x").has_value());
}

TEST(History, LiesInTheHomeDirectory) {
  const char* home = std::getenv("HOME");
  const std::string old = home == nullptr ? "" : home;
  ::setenv("HOME", "/some/home", 1);
  EXPECT_EQ(history_file(), fs::path("/some/home/mlps_history"));
  ::setenv("HOME", old.c_str(), 1);
}

TEST(History, FindsTheNewestOfAnId) {
  const History history = parse_history("1,20260501_100000,a\n2,20260501_100000,b\n1,20260501_100001,c\n");
  ASSERT_NE(find_entry(history, 1), nullptr);
  EXPECT_EQ(find_entry(history, 1)->command, "c");
  EXPECT_EQ(find_entry(history, 3), nullptr);
}

TEST(WordsToRerun, KeepQuotingAndDropTheProgram) {
  const Words typed{"./build/stoker", "training", "run", "--params", "a=b c", "x='y'", "", "--data-dir", "/a,b\nc"};
  const auto words = words_to_rerun({4, "20260501_100000", launch::shell_line(typed)});
  ASSERT_OK(words);
  EXPECT_EQ(*words, Words(typed.begin() + 1, typed.end()));
  EXPECT_EQ(*words_to_rerun({4, "", "training run"}), (Words{"training", "run"}));
  EXPECT_EQ(*words_to_rerun({4, "", "'/opt/my tools/stoker' training"}), (Words{"training"}));
}

TEST(WordsToRerun, TakeMlpstoragesLinesAsTheyAre) {
  // Its lines hold the words with blanks between them, whatever was quoted.
  const auto words =
      words_to_rerun({4, "", "/home/u/.venv/bin/mlpstorage training  run --params it's=\"1\" --data-dir /a\\b"});
  ASSERT_OK(words);
  EXPECT_EQ(*words, (Words{"training", "run", "--params", "it's=\"1\"", "--data-dir", "/a\\b"}));
}

TEST(WordsToRerun, RefuseWhatIsNoCommand) {
  EXPECT_ERROR(words_to_rerun({4, "", "stoker"}), Code::kInvalidArgument, "entry 4 holds no command");
  EXPECT_ERROR(words_to_rerun({4, "", "stoker 'a"}), Code::kInvalidArgument, "single quote");
}

}  // namespace
}  // namespace stoker::cli
