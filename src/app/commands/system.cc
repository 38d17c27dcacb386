#include "app/commands/system.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "app/cli/console.h"
#include "app/commands/print_error.h"
#include "base/clock.h"
#include "cluster/host/proc.h"
#include "reports/runs/read_run.h"
#include "reports/submission/system_template.h"
#include "results/json.h"

namespace stoker::app {
namespace {

namespace fs = std::filesystem;

struct InitOptions {
  std::string hosts_from, output, name;
  bool force = false;
};

Result<results::SystemInfo> hosts_of(const InitOptions& o) {
  if (!o.hosts_from.empty()) return reports::read_hosts(o.hosts_from);
  results::SystemInfo system;
  system.collection_method = "local";
  system.hosts.push_back(host::Proc().host_info(SteadyClock().wall()));
  return system;
}

int init(const InitOptions& o) {
  std::error_code ignored;
  if (!o.output.empty() && !o.force && fs::exists(o.output, ignored)) {
    Error error = make_error(Code::kInvalidArgument, "--output: {} exists", o.output);
    error.hint = "what was filled in there would be lost; name another file, or add --force";
    return print_error(error);
  }
  const auto hosts = hosts_of(o);
  if (!hosts) return print_error(hosts.error());
  const std::string text = reports::system_template(
      *hosts, {.system_name = o.name, .facts_from = o.hosts_from.empty() ? "this host" : "the run " + o.hosts_from});
  if (o.output.empty()) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return 0;
  }
  if (const Status written = results::write_file(o.output, text); !written) return print_error(written.error());
  cli::log(cli::Level::kResult, fmt::format("wrote {}; fill in the lines that say FILL IN", o.output));
  return 0;
}

}  // namespace

void add_system(CLI::App& app, int& exit_code) {
  CLI::App* system = app.add_subcommand("system", "the description of a system under test, for a submission");
  system->require_subcommand(1);
  system->footer("example:\n  stoker system init --name 'Acme A1' --output acme-a1.yaml");
  const auto o = std::make_shared<InitOptions>();
  CLI::App* sub = system->add_subcommand("init", "write a template with what is known of the client hosts");
  sub->footer(
      "example:\n  stoker system init --name 'Acme A1' --hosts-from results/training/unet3d/run/20250601_100000 \\\n"
      "      --output package/closed/Acme/systems/acme-a1.yaml");
  sub->add_option("--hosts-from", o->hosts_from, "directory of a run: describe its hosts (default: this host)");
  sub->add_option("-o,--output", o->output, "file to write (default: print it)");
  sub->add_option("--name", o->name, "System.name");
  sub->add_flag("--force", o->force, "replace the file");
  sub->callback([o, &exit_code] { exit_code = init(*o); });
}

}  // namespace stoker::app
