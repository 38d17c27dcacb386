#include <fmt/format.h>

#include <memory>
#include <string>

#include "app/commands/common_options.h"
#include "app/commands/data.h"
#include "app/commands/data_options.h"
#include "app/commands/number_option.h"
#include "app/commands/print_error.h"
#include "base/clock.h"
#include "base/interrupt.h"
#include "data/audit/inspect.h"
#include "data/audit/inspect_json.h"
#include "data/audit/inspect_text.h"
#include "data/storages/registry.h"
#include "workloads/training/progress.h"

namespace stoker::app {
namespace {

struct InspectOptions {
  CommonOptions standard;
  bool quiet = false;
  std::string path;
  std::uint64_t rows = 0;
  unsigned ranks = cpus();
  bool json = false;
};

int inspect_file(const InspectOptions& o, io::Storage& storage, const audit::DataFile& file,
                 const std::stop_token& stop) {
  const auto view = audit::view_file(storage, file, o.rows, stop);
  if (!view) return print_error(view.error());
  fmt::print("{}", o.json ? results::dump(audit::file_json(*view)) + "\n" : audit::file_text(*view));
  return 0;
}

int inspect_folder(const InspectOptions& o, io::Storage& storage, const audit::DataFiles& files,
                   const std::stop_token& stop) {
  const SteadyClock clock;
  training::Progress progress(clock, training::progress_mode(o.quiet));
  progress.begin("inspect", "files", files.files.size());
  const auto view = audit::view_folder({.storage = storage,
                                        .folder = o.path,
                                        .files = files,
                                        .rows = o.rows,
                                        .ranks = o.ranks,
                                        .progress = [&](std::uint64_t bytes) { progress.add(1, bytes); }},
                                       stop);
  progress.end();
  if (!view) return print_error(view.error());
  fmt::print("{}",
             o.json ? results::dump(audit::folder_json(*view, o.path)) + "\n" : audit::folder_text(*view, o.path));
  return 0;
}

int execute(const InspectOptions& o) {
  if (const Status fine = check_standard(o.standard, "data inspect"); !fine) return print_error(fine.error());
  const InterruptGuard interrupt;
  const auto opened = storages::open_storage_of(o.path);
  if (!opened) return print_error(opened.error());
  io::Storage& storage = **opened;
  const auto files = audit::find_data_files(storage, o.path);
  if (!files) return print_error(files.error());
  if (files->is_folder) return inspect_folder(o, storage, *files, interrupt.token());
  return inspect_file(o, storage, files->files.front(), interrupt.token());
}

}  // namespace

void add_data_inspect(CLI::App& data, int& exit_code) {
  constexpr std::int64_t kMostRows = 1'000'000;
  const auto o = std::make_shared<InspectOptions>();
  CLI::App* sub = data.add_subcommand("inspect", "schema, row groups, pages, codecs, encodings and statistics");
  sub->footer("example:\n  stoker data inspect /mnt/data/unet3d/train/img_000_of_168.parquet --rows 2");
  add_path_option(*sub, o->path, "a data file, or a folder: what its files have in common, and the first of them");
  sub->add_option("--rows", o->rows, "show so many rows of the (first) file, from its first one on")
      ->transform(whole_number(0, kMostRows))
      ->capture_default_str();
  add_ranks_option(*sub, o->ranks);
  sub->add_flag("--json", o->json, "for programs, every column chunk for itself");
  add_quiet_option(*sub, o->quiet);
  add_standard_options(*sub, o->standard);
  sub->callback([o, &exit_code] { exit_code = execute(*o); });
}

}  // namespace stoker::app
