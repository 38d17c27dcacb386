#include "app/commands/manifest.h"

#include <fmt/format.h>

#include <memory>
#include <vector>

#include "app/build_manifest/compare.h"
#include "app/build_manifest/manifest.h"
#include "app/cli/console.h"
#include "app/commands/common_options.h"
#include "app/commands/print_error.h"
#include "cluster/host/proc.h"
#include "cluster/launch/mpirun_command.h"
#include "cluster/launch/process.h"

namespace stoker::app {
namespace {

namespace bm = build_manifest;

constexpr const char* kLockfileName = "stoker_manifest.json";
constexpr const char* kThisProgram = "this program";

std::string default_mpirun() {
  return launch::launcher_program(launch::MpiBin::kMpirun);
}

int write(const std::string& file) {
  const results::Json manifest = own_manifest(default_mpirun());
  if (file.empty()) {
    fmt::print("{}\n", results::dump(manifest));
    return 0;
  }
  if (const Status written = bm::write_manifest(file, manifest); !written) return print_error(written.error());
  cli::log(cli::Level::kResult, fmt::format("build manifest written to {}", file));
  return 0;
}

int compare_files(const std::string& recorded, const std::string& other, bm::CompareOptions options) {
  const auto a = bm::read_manifest(recorded);
  if (!a) return print_error(a.error());
  results::Json here;
  if (other.empty()) {
    here = own_manifest(default_mpirun());
  } else {
    auto b = bm::read_manifest(other);
    if (!b) return print_error(b.error());
    here = std::move(*b);
  }
  const bm::Comparison comparison = bm::compare(*a, here, std::move(options));
  cli::print("{}", bm::report(comparison, recorded, other.empty() ? kThisProgram : other));
  const Status verdict = bm::verdict(comparison, recorded);
  return verdict ? 0 : print_error(verdict.error());
}

// Options of mlpstorage that speak of Python packages.
void refuse_option(CLI::App& sub, const std::string& name, bool takes_value) {
  const auto refuse = [](const std::string&) -> std::string {
    return "speaks of Python packages; a build manifest has none";
  };
  if (takes_value) {
    sub.add_option_function<std::string>(
           name, [](const std::string&) {}, "refused: Python packages only")
        ->check(refuse);
  } else {
    sub.add_flag_callback(
        name, [name, refuse] { throw CLI::ValidationError(name, refuse("")); }, "refused: Python packages only");
  }
}

struct Options {
  CommonOptions standard;
  std::string output;
  std::vector<std::string> compared;
  std::string lockfile = kLockfileName;
  bm::CompareOptions compare;
};

void add_lockfile(CLI::App& app, int& exit_code) {
  CLI::App* lockfile = app.add_subcommand("lockfile", "the build manifest, under the name that mlpstorage uses");
  lockfile->require_subcommand(1);
  lockfile->footer("example:\n  stoker lockfile generate\n  stoker lockfile verify");
  const auto o = std::make_shared<Options>();
  o->output = kLockfileName;

  CLI::App* generate = lockfile->add_subcommand("generate", "write this program's build manifest");
  generate->add_option("-o,--output", o->output, "file to write")->capture_default_str();
  generate->footer("example:\n  stoker lockfile generate --output stoker_manifest.json");
  for (const char* name : {"--extra", "--python-version", "--pyproject"}) refuse_option(*generate, name, true);
  for (const char* name : {"--hashes", "--all"}) refuse_option(*generate, name, false);
  add_standard_options(*generate, o->standard);
  generate->callback([o, &exit_code] {
    const Status fine = check_standard(o->standard, "lockfile generate");
    exit_code = fine ? write(o->output) : print_error(fine.error());
  });

  CLI::App* verify = lockfile->add_subcommand("verify", "compare a build manifest with this program");
  verify->add_option("-l,--lockfile", o->lockfile, "a manifest, or a run directory that holds one")
      ->capture_default_str();
  verify
      ->add_option("--skip", o->compare.skip, "an entry (build.flags) or a group (libraries) to leave out; repeatable")
      ->take_all();
  verify->footer("example:\n  stoker lockfile verify --lockfile stoker_manifest.json --skip build.flags");
  verify->add_flag("--allow-missing", o->compare.allow_missing, "entries that this program lacks are no failure");
  verify->add_flag("--strict", o->compare.strict, "differences of MPI and the host fail as well");
  add_standard_options(*verify, o->standard);
  verify->callback([o, &exit_code] {
    const Status fine = check_standard(o->standard, "lockfile verify");
    exit_code = fine ? compare_files(o->lockfile, "", o->compare) : print_error(fine.error());
  });
}

}  // namespace

results::Json own_manifest(const std::string& mpirun) {
  launch::ProcessLauncher launcher;
  return bm::manifest(host::Proc(), bm::ask_mpi(launcher, {launch::current_executable().string(), "dlio"}, mpirun));
}

Status verify_lockfile(const std::filesystem::path& file, const std::string& mpirun) {
  if (file.empty()) return {};
  auto recorded = bm::read_manifest(file);
  if (!recorded) return std::move(recorded).error().with_context("--verify-lockfile");
  const bm::Comparison comparison = bm::compare(*recorded, own_manifest(mpirun), {.allow_missing = true});
  for (const auto& d : comparison.around) {
    cli::log(cli::Level::kWarning,
             fmt::format("{}: {}: recorded {}, here {}", file.string(), d.key, d.recorded, d.here));
  }
  if (comparison.both_dirty) cli::log(cli::Level::kWarning, fmt::format("{}: {}", file.string(), bm::kBothDirty));
  if (Status verdict = bm::verdict(comparison, file.string()); !verdict) {
    return std::move(verdict).error().with_context("--verify-lockfile");
  }
  cli::log(cli::Level::kInfo, fmt::format("{}: this is the build that it tells of", file.string()));
  return {};
}

void add_manifest(CLI::App& app, int& exit_code) {
  CLI::App* manifest =
      app.add_subcommand("manifest", "what this program was built from and with, and what it runs on, as JSON");
  const auto o = std::make_shared<Options>();
  auto* output = manifest->add_option("-o,--output", o->output, "write it to FILE instead of stdout");
  manifest
      ->add_option("--compare", o->compared,
                   "compare manifest A with this program, or with manifest B; a run directory stands for its manifest")
      ->expected(1, 2)
      ->excludes(output);
  manifest->footer(
      "exit code 6 when the two tell of different builds; other hosts are only named\n"
      "example:\n  stoker manifest --output before.json\n  stoker manifest --compare before.json");
  manifest->callback([o, &exit_code] {
    exit_code = o->compared.empty()
                    ? write(o->output)
                    : compare_files(o->compared.front(), o->compared.size() > 1 ? o->compared.back() : "", {});
  });
  add_lockfile(app, exit_code);
}

}  // namespace stoker::app
