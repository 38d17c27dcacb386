#include <fmt/format.h>

#include <memory>
#include <string>

#include "app/cli/console.h"
#include "app/commands/common_options.h"
#include "app/commands/data.h"
#include "app/commands/data_options.h"
#include "app/commands/print_error.h"
#include "base/clock.h"
#include "base/interrupt.h"
#include "config/enum_names.h"
#include "data/audit/digest_text.h"
#include "data/audit/file_digest.h"
#include "data/storages/registry.h"
#include "workloads/training/progress.h"

namespace stoker::app {
namespace {

struct DigestOptions {
  CommonOptions standard;
  bool quiet = false;
  std::string path;
  std::string decode = "arrays";
  unsigned ranks = cpus();
  bool each_file = false, json = false;
};

int execute(const DigestOptions& o) {
  if (const Status fine = check_standard(o.standard, "data digest"); !fine) return print_error(fine.error());
  const InterruptGuard interrupt;
  const auto opened = storages::open_storage_of(o.path);
  if (!opened) return print_error(opened.error());
  io::Storage& storage = **opened;
  const auto files = audit::find_data_files(storage, o.path);
  if (!files) return print_error(files.error());
  const SteadyClock clock;
  training::Progress progress(clock, training::progress_mode(o.quiet));
  progress.begin("digest", "files", files->files.size());
  const audit::DigestRequest request{
      .storage = storage,
      .files = *files,
      .decode = o.decode == "arrow" ? config::Decode::kArrow : config::Decode::kArrays,
      .ranks = o.ranks,
      .progress = [&](std::uint64_t bytes) { progress.add(1, bytes); },
  };
  const auto digests = audit::digest_files(request, interrupt.token());
  progress.end();
  if (!digests) return print_error(digests.error());
  if (o.json) {
    fmt::print("{}\n", results::dump(audit::digest_json(*digests, o.path, o.each_file)));
  } else {
    fmt::print("{}", audit::digest_text(*digests, o.path, o.each_file));
  }
  return 0;
}

}  // namespace

void add_data_digest(CLI::App& data, int& exit_code) {
  const auto o = std::make_shared<DigestOptions>();
  CLI::App* sub = data.add_subcommand("digest", "a digest of the decoded values of each column");
  sub->footer(
      "Row groups, pages, codecs, encodings and page versions have no influence: equal digests are equal values.\n"
      "How a digest is computed is in docs/formats.md.\n"
      "example:\n  stoker data digest /mnt/data/unet3d --files");
  add_path_option(*sub, o->path, "a data file, or a folder with data files");
  sub->add_flag("--files", o->each_file, "the digests of each file, too");
  sub->add_option("--decode", o->decode, "the way to the values, which makes no difference to them")
      ->check(CLI::IsMember({"arrays", "arrow"}))
      ->capture_default_str();
  add_ranks_option(*sub, o->ranks);
  sub->add_flag("--json", o->json, "for programs");
  add_quiet_option(*sub, o->quiet);
  add_standard_options(*sub, o->standard);
  sub->callback([o, &exit_code] { exit_code = execute(*o); });
}

}  // namespace stoker::app
