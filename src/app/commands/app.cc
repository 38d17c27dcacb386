#include "app/commands/app.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/console.h"
#include "app/commands/bench.h"
#include "app/commands/checkpointing.h"
#include "app/commands/command_line.h"
#include "app/commands/common_options.h"
#include "app/commands/data.h"
#include "app/commands/dlio.h"
#include "app/commands/history.h"
#include "app/commands/host_facts.h"
#include "app/commands/kvcache.h"
#include "app/commands/manifest.h"
#include "app/commands/print_error.h"
#include "app/commands/reports.h"
#include "app/commands/rules_command.h"
#include "app/commands/system.h"
#include "app/commands/training.h"
#include "base/exit_code.h"
#include "base/threads.h"
#include "base/variables.h"
#include "cluster/dist/launch_variables.h"

namespace stoker::app {
namespace {

// Of an option that takes one value and stands twice, as argparse has it: a script appends what it wants to change.
void let_the_last_win(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->nonpositional() && option->get_items_expected_max() == 1) option->take_last();
  }
  for (CLI::App* sub : app.get_subcommands({})) let_the_last_win(*sub);
}

// `name` decides between the two command lines; `program` is the first word that the user typed, for the history.
int run_command(const std::string& name, const std::vector<std::string>& args, const std::string& program);

// Commands that start ranks, here or through a launcher.
bool starts_ranks(std::string_view command) {
  constexpr std::array kCommands{"training datagen", "training run", "checkpointing run"};
  return std::ranges::find(kCommands, command) != kCommands.end();
}

int run_cli(const std::string& program, const std::vector<std::string>& args) {
  int exit_code = 0;
  CommandLine line;
  CLI::App app("stoker: a storage benchmark for deep learning", "stoker");
  app.set_version_flag("--version", "stoker " STOKER_VERSION);
  app.footer(
      "example:\n  stoker training datagen --model unet3d --num-processes 2 --data-dir /mnt/data --results-dir "
      "results\n"
      "  stoker dlio workload=dlrm_b200 --ranks 2      (as dlio_benchmark; see 'stoker dlio --help')");
  app.require_subcommand(1);
  app.add_subcommand("dlio", "run one workload with dlio_benchmark's command line");
  app.add_subcommand("host-facts", "what the hosts are, as JSON; with mpirun, all of them");
  add_training(app, exit_code, line.from_file);
  add_checkpointing(app, exit_code);
  add_kvcache(app, exit_code);
  add_data(app, exit_code);
  add_bench(app, exit_code);
  add_rules(app, exit_code);
  add_reports(app, exit_code);
  add_system(app, exit_code);
  add_unavailable(app, "vectordb", "vector database (preview)", exit_code);
  add_history(app, exit_code,
              [&program](const std::vector<std::string>& words) { return run_command("stoker", words, program); });
  add_manifest(app, exit_code);
  let_the_last_win(app);

  auto read = read_command_line(app, args);
  if (!read) return print_error(read.error());
  line = std::move(*read);
  set_option_places(line.places);
  if (!line.complete) {
    std::fputs(help_text(app, line.command).c_str(), stderr);
    return static_cast<int>(ExitCode::kGeneral);
  }
  cli::init_console(line.console);
  // Between the last check of the options and the command itself.
  std::optional<Error> refused;
  app.parse_complete_callback([&] {
    if (starts_ranks(line.command)) {
      if (const Status left = dist::leave_launcher(line.command); !left) {
        refused = left.error();
        throw CLI::RuntimeError();
      }
    }
    for (const auto& sentence : misunderstood_variables()) cli::log(cli::Level::kWarning, sentence);
    for (const auto& warning : line.warnings) cli::log(cli::Level::kWarning, warning);
    for (const auto& note : line.notes) cli::log(cli::Level::kVerbose, note);
    if (line.command.starts_with("history")) return;
    std::vector<std::string> typed = args;
    typed.insert(typed.begin(), program);
    record_in_history(typed);
  });
  std::vector<std::string> words = line.words;
  std::reverse(words.begin(), words.end());  // CLI11 takes them last first
  try {
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    if (refused) return print_error(*refused);
    if (error.get_exit_code() == 0) {  // help or version
      const bool version = error.get_name() == "CallForVersion";
      cli::print("{}", version ? error.what() + std::string("\n") : help_text(app, line.command));
      return 0;
    }
    return print_error(parse_error(error, line.command));
  }
  return exit_code;
}

// A program that is started with a standard stream closed gets its number for the next file that it opens: what is
// printed would go into a result. A stream that was closed stays one that cannot be written.
void occupy_standard_streams() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) == -1 && errno == EBADF) (void)::open("/dev/null", fd == 2 ? O_WRONLY : O_RDONLY);
  }
}

Error stdout_error(int reason) {
  return make_error(reason == ENOSPC ? Code::kNoSpace : Code::kIo, "stdout: the output could not be written{}",
                    reason == 0 ? std::string() : fmt::format(": {}", std::strerror(reason)));
}

// An answer that did not arrive is no success.
int finish(int exit_code) {
  const int reason = std::fflush(stdout) == 0 ? 0 : errno;
  if (cli::stdout_reader_has_gone()) return exit_code;  // what was not wanted is not lost
  if (reason == 0 && std::ferror(stdout) == 0) return exit_code;
  const int lost = print_error(stdout_error(reason));
  return exit_code == 0 ? lost : exit_code;
}

int run_command(const std::string& name, const std::vector<std::string>& args, const std::string& program) {
  if (const Status enough = check_stack_limit(); !enough) return print_error(enough.error());
  if (name == "dlio_benchmark") return run_dlio(args);
  if (!args.empty() && args.front() == "dlio") return run_dlio({args.begin() + 1, args.end()});
  if (!args.empty() && args.front() == "host-facts") return run_host_facts({args.begin() + 1, args.end()});
  return run_cli(program, args);
}

}  // namespace

int run(int argc, char** argv) {
  occupy_standard_streams();
  ::signal(SIGCHLD, SIG_DFL);  // whoever started us may ignore it, and then no child's exit code could be learned
  std::vector<std::string> args(argv + 1, argv + argc);
  const std::string name = argc > 0 ? std::filesystem::path(argv[0]).filename().string() : "stoker";
  try {
    return finish(run_command(name, args, argc > 0 ? argv[0] : "stoker"));
  } catch (const std::exception& error) {
    // fmt::print throws when stdout cannot take it.
    if (std::ferror(stdout) != 0) return print_error(stdout_error(errno));
    // Nothing below throws by design; what gets here (memory exhausted, say) still ends with one clear line.
    return print_error(error_of_exception());
  }
}

}  // namespace stoker::app
