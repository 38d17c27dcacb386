#include "app/commands/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "app/cli/console.h"
#include "app/cli/history.h"
#include "app/commands/common_options.h"
#include "app/commands/number_option.h"
#include "app/commands/print_error.h"
#include "base/plural.h"
#include "cluster/launch/shell_line.h"
#include "results/timestamp.h"

namespace stoker::app {
namespace {

struct HistoryOptions {
  CommonOptions standard;
  int limit = 0;
  std::int64_t id = 0;
  bool has_id = false;
};

Result<cli::History> load() {
  const auto file = cli::history_file();
  if (!file) return make_error(Code::kInvalidArgument, "history: this user has no home directory, so there is none");
  STOKER_ASSIGN(cli::History history, cli::read_history(*file));
  if (history.broken_lines > 0) {
    cli::log(cli::Level::kVerbose, fmt::format("{}: {} skipped: not of the form id,time,command", file->string(),
                                               counted(history.broken_lines, "line")));
  }
  return history;
}

Error no_entry(std::int64_t id, const cli::History& history) {
  Error error = make_error(Code::kInvalidArgument, "history: there is no entry {}", id);
  error.hint = history.entries.empty()
                   ? "it is empty: the first command of the benchmark will be entry 1"
                   : fmt::format("the last one is {}; see 'stoker history show'", history.entries.back().id);
  return error;
}

int show(const HistoryOptions& o) {
  const auto history = load();
  if (!history) return print_error(history.error());
  if (o.has_id) {
    const cli::HistoryEntry* entry = cli::find_entry(*history, o.id);
    if (entry == nullptr) return print_error(no_entry(o.id, *history));
    cli::print("{}: {}\n", entry->id, entry->command);
    return 0;
  }
  if (history->entries.empty()) {
    return print_error(make_error(Code::kInvalidArgument, "history: there are no entries yet"));
  }
  const std::size_t count = history->entries.size();
  const std::size_t first = o.limit > 0 ? count - std::min(count, static_cast<std::size_t>(o.limit)) : 0;
  for (std::size_t i = first; i < count; ++i) {
    const cli::HistoryEntry& entry = history->entries[i];
    cli::print("{} : {} : {}\n", entry.id, entry.time, entry.command);
  }
  return 0;
}

}  // namespace

void add_history(CLI::App& app, int& exit_code, const std::function<int(const std::vector<std::string>&)>& run_again) {
  CLI::App* history = app.add_subcommand("history", "earlier command lines: show them, run one again");
  history->require_subcommand(1);
  history->footer("example:\n  stoker history show --limit 5");
  const auto o = std::make_shared<HistoryOptions>();

  CLI::App* shown =
      history->add_subcommand("show", "list earlier command lines (file mlps_history in the home folder)");
  shown->footer("example:\n  stoker history show --limit 5");
  auto* limit = shown->add_option("-n,--limit", o->limit, "only the last N")->transform(whole_number(1, 1000000000));
  auto* id = shown->add_option("-i,--id", o->id, "only this one")
                 ->transform(whole_number(0, cli::kLastHistoryId))
                 ->excludes(limit);
  add_standard_options(*shown, o->standard);
  shown->callback([o, id, &exit_code] {
    if (const Status fine = check_standard(o->standard, "history show"); !fine) {
      exit_code = print_error(fine.error());
      return;
    }
    o->has_id = id->count() > 0;
    exit_code = show(*o);
  });

  CLI::App* again = history->add_subcommand("rerun", "run an earlier command line again, as a new one");
  again->footer("example:\n  stoker history show --limit 5\n  stoker history rerun 12");
  again->add_option("id", o->id, "number of the command line")
      ->required()
      ->transform(whole_number(0, cli::kLastHistoryId));
  add_standard_options(*again, o->standard);
  again->callback([o, run_again, &exit_code] {
    if (const Status fine = check_standard(o->standard, "history rerun"); !fine) {
      exit_code = print_error(fine.error());
      return;
    }
    const auto loaded = load();
    if (!loaded) {
      exit_code = print_error(loaded.error());
      return;
    }
    const cli::HistoryEntry* entry = cli::find_entry(*loaded, o->id);
    if (entry == nullptr) {
      exit_code = print_error(no_entry(o->id, *loaded));
      return;
    }
    const auto words = cli::words_to_rerun(*entry);
    if (!words) {
      exit_code = print_error(words.error());
      return;
    }
    if (words->front() == "history") {
      exit_code = print_error(make_error(Code::kInvalidArgument, "history: entry {} is a command of history itself: {}",
                                         entry->id, entry->command));
      return;
    }
    cli::log(cli::Level::kInfo, fmt::format("running again: stoker {}", launch::shell_line(*words)));
    exit_code = run_again(*words);
  });
}

void record_in_history(const std::vector<std::string>& command_line) {
  const auto file = cli::history_file();
  if (!file) {
    cli::log(cli::Level::kWarning, "this command is not in the history: the user has no home directory");
    return;
  }
  const auto id = cli::append_history(*file, results::run_stamp(std::chrono::system_clock::now()),
                                      launch::shell_line(command_line));
  if (!id) {
    cli::log(cli::Level::kWarning, fmt::format("this command is not in the history: {}", id.error().message));
    return;
  }
  cli::log(cli::Level::kVerboser, fmt::format("entry {} of the history", *id));
}

}  // namespace stoker::app
