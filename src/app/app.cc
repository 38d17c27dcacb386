#include "app/app.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "app/common_options.h"
#include "app/dlio.h"
#include "app/print_error.h"
#include "app/training.h"
#include "base/exit_code.h"

namespace stoker::app {
namespace {

// mlpstorage's two-letter options with one dash ("-np 4"), which CLI11 would take for a bundle of flags, become their
// long forms. Values are left alone: only words that are exactly such an option are changed.
std::vector<std::string> with_long_names(std::vector<std::string> args) {
  static const std::vector<std::pair<std::string, std::string>> kShort{{"-np", "--num-processes"},
                                                                       {"-na", "--num-accelerators"},
                                                                       {"-ma", "--max-accelerators"},
                                                                       {"-nc", "--num-client-hosts"},
                                                                       {"-cm", "--client-host-memory-in-gb"},
                                                                       {"-dd", "--data-dir"},
                                                                       {"-rd", "--results-dir"},
                                                                       {"-et", "--exec-type"},
                                                                       {"-dp", "--dlio-bin-path"},
                                                                       {"-aip", "--allow-invalid-params"}};
  for (auto& arg : args) {
    for (const auto& [from, to] : kShort) {
      if (arg == from) arg = to;
    }
  }
  return args;
}

int run_cli(std::vector<std::string> args) {
  int exit_code = 0;
  CLI::App app("stoker: a storage benchmark for deep learning", "stoker");
  app.set_version_flag("--version", "stoker " STOKER_VERSION);
  app.footer(
      "example:\n  stoker training datagen --model unet3d --num-processes 2 --data-dir /mnt/data --results-dir "
      "results\n"
      "  stoker dlio workload=dlrm_b200 --ranks 2      (as dlio_benchmark; see 'stoker dlio --help')");
  app.require_subcommand(1);
  app.add_subcommand("dlio", "run one workload with dlio_benchmark's command line");
  add_training(app, exit_code);
  for (const auto& [name, description] :
       {std::pair("checkpointing", "model checkpoints: size, run"), std::pair("vectordb", "vector database (preview)"),
        std::pair("kvcache", "key/value cache (preview)"), std::pair("reports", "reports over results"),
        std::pair("history", "earlier command lines"), std::pair("lockfile", "build manifests")}) {
    add_unavailable(app, name, description, exit_code);
  }
  if (args.empty()) {
    std::fputs(app.help().c_str(), stderr);
    return 1;
  }
  if (args.size() == 1 && args.front() == "training") {
    std::fputs(app.get_subcommand("training")->help().c_str(), stderr);
    return 1;
  }
  auto all = with_config_file(with_long_names(std::move(args)));
  if (!all) return print_error(all.error());
  std::reverse(all->begin(), all->end());  // CLI11 takes them last first
  try {
    app.parse(*all);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : static_cast<int>(ExitCode::kBadArguments);
  }
  return exit_code;
}

}  // namespace

int run(int argc, char** argv) {
  std::vector<std::string> args(argv + 1, argv + argc);
  const std::string name = argc > 0 ? std::filesystem::path(argv[0]).filename().string() : "stoker";
  try {
    if (name == "dlio_benchmark") return run_dlio(args);
    if (!args.empty() && args.front() == "dlio") return run_dlio({args.begin() + 1, args.end()});
    return run_cli(std::move(args));
  } catch (const std::exception& error) {
    // Nothing below throws by design; what gets here (memory exhausted, say) still ends with one clear line.
    return print_error(make_error(Code::kInternal, "{}", error.what()));
  }
}

}  // namespace stoker::app
