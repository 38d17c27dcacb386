#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "app/cli/console.h"
#include "app/commands/common_options.h"
#include "app/commands/data.h"
#include "app/commands/data_options.h"
#include "app/commands/print_error.h"
#include "base/clock.h"
#include "base/error_number.h"
#include "base/interrupt.h"
#include "base/plural.h"
#include "base/printable.h"
#include "data/audit/repair.h"
#include "data/audit/verify.h"
#include "data/audit/verify_text.h"
#include "data/storages/registry.h"
#include "workloads/training/progress.h"

namespace stoker::app {
namespace {

// Files whose faults are printed; those of the others are counted.
constexpr std::uint64_t kFilesShown = 1000;

struct VerifyOptions {
  CommonOptions standard;
  bool quiet = false;
  std::string path;
  double sample_percent = 100;
  unsigned ranks = cpus();
  bool values = false, repair = false;
};

Error not_possible(std::string_view option, const VerifyOptions& o, Error why) {
  why.message = fmt::format("{}: {} {}", option, printable_line(o.path), why.message);
  if (why.code == Code::kInvalidArgument) {
    why.hint = "name the data folder of a data set that stoker wrote, or leave the option out";
    why.number = ErrorNumber::kIncompatible;
  }
  return why;
}

// What the options ask for must be possible with these files.
Status check_options(const audit::ExpectedFiles& files, const VerifyOptions& o) {
  if (o.values) {
    Status known = audit::check_values_known(files);
    if (!known) return not_possible("--values", o, std::move(known).error());
  }
  if (!o.repair) return {};
  Status repairable = audit::check_repairable(files, STOKER_VERSION);
  if (!repairable) return not_possible("--repair", o, std::move(repairable).error());
  return {};
}

class Verify {
 public:
  Verify(const VerifyOptions& o, io::Storage& storage, const audit::ExpectedFiles& files, std::stop_token stop)
      : o_(o),
        files_(files),
        stop_(std::move(stop)),
        progress_(clock_, training::progress_mode(o.quiet)),
        request_{.storage = storage,
                 .files = files,
                 .sample_percent = o.sample_percent,
                 .values = o.values,
                 .ranks = o.ranks,
                 .faulty = [this](const auto& file, const auto& check) { show(file, check); },
                 .progress = [this](std::uint64_t bytes) { progress_.add(1, bytes); }} {}

  int run() {
    for (const std::string& limit : audit::limits(files_)) cli::log(cli::Level::kInfo, limit);
    std::fputs(audit::set_fault_line(files_).c_str(), stdout);
    tell_others();
    progress_.begin("verify", "files", audit::Sample(files_.size(), o_.sample_percent).size());
    return o_.repair ? repair() : verify();
  }

 private:
  // A look at some files only is not to list all folders.
  void tell_others() {
    if (!audit::Sample(files_.size(), o_.sample_percent).is_all()) return;
    const std::string others = audit::others_beside(request_.storage, files_);
    if (!others.empty()) {
      cli::log(cli::Level::kInfo, fmt::format("beside the data set: {}; no part of it", others));
    }
  }

  int verify() {
    const auto verified = audit::verify_files(request_, stop_);
    progress_.end();
    if (!verified) return print_error(verified.error());
    return end(request_, *verified);
  }

  int repair() {
    const audit::RepairEvents events{
        .writing =
            [this](std::uint64_t files) {
              progress_.end();
              cli::log(cli::Level::kInfo, fmt::format("writing {} anew", counted_long(files, "file")));
              progress_.begin("repair", "files", files);
            },
        .written = [this](std::uint64_t files, std::uint64_t bytes) { progress_.add(files, bytes); }};
    const auto repaired = audit::verify_and_repair(request_, o_.path, events, stop_);
    progress_.end();
    if (!repaired) return print_error(repaired.error());
    if (repaired->before.faulty == 0) return end(request_, repaired->after);
    fmt::print("{}\n", audit::summary_line(request_, repaired->before));
    fmt::print("written anew: {}, {}\n", counted_long(repaired->written.files, "file"),
               format_bytes(static_cast<double>(repaired->written.bytes)));
    return end(request_, repaired->after);
  }

  // The last line, and the exit code.
  int end(const audit::VerifyRequest& request, const audit::Verified& verified) {
    if (shown_ > kFilesShown)
      fmt::print("the faults of {} more are not shown\n", counted_long(shown_ - kFilesShown, "file"));
    fmt::print("{}\n", audit::summary_line(request, verified));
    return static_cast<int>(verified.is_fine() ? ExitCode::kSuccess : exit_code(Code::kCorrupt));
  }

  // Not by fmt::print, which throws where the output is lost: app.cc says so at the end.
  void show(const audit::ExpectedFile& file, const audit::FileCheck& check) {
    if (shown_++ < kFilesShown) std::fputs(audit::fault_lines(file, check).c_str(), stdout);
  }

  const VerifyOptions& o_;
  const audit::ExpectedFiles& files_;
  const std::stop_token stop_;
  const SteadyClock clock_;
  training::Progress progress_;
  std::uint64_t shown_ = 0;
  const audit::VerifyRequest request_;
};

int execute(const VerifyOptions& o) {
  if (const Status fine = check_standard(o.standard, "data verify"); !fine) return print_error(fine.error());
  const InterruptGuard interrupt;
  const auto opened = storages::open_storage_of(o.path);
  if (!opened) return print_error(opened.error());
  io::Storage& storage = **opened;
  const auto files = audit::ExpectedFiles::find(storage, o.path);
  if (!files) return print_error(files.error());
  if (const Status fine = check_options(*files, o); !fine) return print_error(fine.error());
  return Verify(o, storage, *files, interrupt.token()).run();
}

}  // namespace

void add_data_verify(CLI::App& data, int& exit_code) {
  const auto o = std::make_shared<VerifyOptions>();
  CLI::App* sub = data.add_subcommand("verify", "whether files are there, whole, readable and what they should be");
  sub->footer(
      "One line per fault on stdout; exit code 6 when there are any.\n"
      "example:\n  stoker data verify /mnt/data/unet3d --values --sample 5%\n"
      "  stoker data verify /mnt/data/unet3d --repair");
  add_path_option(*sub, o->path, "the data folder of a data set, any folder with data files, or a file");
  sub->add_option("--sample", o->sample_percent, "only so many percent of the files, always the same ones: 5%")
      ->transform(percentage());
  sub->add_flag("--values", o->values, "compare every value with the generator");
  sub->add_flag("--repair", o->repair, "write the files that have faults anew, and no others; then verify those again");
  add_ranks_option(*sub, o->ranks);
  add_quiet_option(*sub, o->quiet);
  add_standard_options(*sub, o->standard);
  sub->callback([o, &exit_code] { exit_code = execute(*o); });
}

}  // namespace stoker::app
