#include "reports/submission/submission.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/did_you_mean.h"
#include "config/node.h"
#include "reports/runs/error_text.h"
#include "reports/submission/package_files_internal.h"
#include "reports/submission/package_systems_internal.h"
#include "results/folder_walk.h"
#include "results/metadata.h"
#include "results/timestamp.h"

namespace stoker::reports {

namespace {

namespace fs = std::filesystem;
using results::BenchmarkType;
using rules::Category;
using Severity = PackageFinding::Severity;

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

std::string name_of(const fs::path& path) {
  return path.filename().string();
}

bool is_division(const std::string& name) {
  const std::string lower = config::lower(name);
  return lower == "closed" || lower == "open";
}

class Walk {
 public:
  Walk(const fs::path& root, const SubmissionOptions& options, Submission& out)
      : root_(root), walk_(root), options_(options), out_(out) {}

  Status run() {
    std::vector<fs::path> divisions;
    const std::optional<std::vector<fs::path>> children = folders(root_, {});
    if (!children) return {};
    for (const fs::path& child : *children) {
      if (is_division(name_of(child))) {
        divisions.push_back(child);
      } else if (std::vector<fs::path> pool = code_pool(child); !pool.empty()) {
        pools_[name_of(child)] = std::move(pool);
      } else {
        warn("package.layout", {}, child, "is neither a division nor a submitter's pool of code",
             "a package has the folders closed and open; move anything else out of it");
      }
    }
    if (divisions.empty()) {
      invalid("package.layout", {}, root_, "has no folder closed or open",
              "name the folder that holds closed/<submitter>/results/...");
    }
    bool any_checked = false;
    bool all_seen = true;
    for (const fs::path& division : divisions) {
      const std::optional<std::vector<fs::path>> submitters = folders(division, {});
      if (!submitters) {
        all_seen = false;
        continue;
      }
      for (const fs::path& child : *submitters) {
        seen_submitters_.push_back(name_of(child));
        if (!options_.submitters.empty() && !contains(options_.submitters, name_of(child))) continue;
        if (contains(options_.exclude_submitters, name_of(child))) continue;
        any_checked = true;
        submitter(child, {.division = config::lower(name_of(division)), .submitter = name_of(child)});
      }
    }
    if (!all_seen) return {};  // told as an error; the names below it may be those that are asked for
    STOKER_TRY(check_names(options_.submitters, seen_submitters_, "--submitters"));
    STOKER_TRY(check_names(options_.exclude_submitters, seen_submitters_, "--exclude-submitters"));
    // What was not looked at is not valid.
    if (!divisions.empty() && seen_submitters_.empty()) {
      invalid("package.layout", {}, divisions.front(), "has no submitter",
              "a division holds one folder for each submitter, with code/, systems/ and results/ in it");
    } else if (!divisions.empty() && !any_checked) {
      return Error{Code::kInvalidArgument, "--submitters and --exclude-submitters leave nothing to validate",
                   "name a submitter in one of them only"};
    }
    STOKER_TRY(check_names(options_.models, seen_models_, "--models"));
    return {};
  }

 private:
  void invalid(const char* check, const Origin& origin, const fs::path& path, std::string message, std::string remedy) {
    add(Severity::kInvalid, check, origin, path, std::move(message), std::move(remedy));
  }
  void warn(const char* check, const Origin& origin, const fs::path& path, std::string message, std::string remedy) {
    add(Severity::kWarning, check, origin, path, std::move(message), std::move(remedy));
  }
  void add(Severity severity, const char* check, const Origin& origin, const fs::path& path, std::string message,
           std::string remedy) {
    if (options_.runs_only) return;
    out_.findings.push_back({severity, check, origin, path, std::move(message), std::move(remedy)});
  }

  // Sub-folders to walk on to; none where there is no folder. Nothing for one that cannot be listed, which is told
  // once: else a package would pass for what nobody could see. For the same reason links that are not followed are
  // INVALID.
  std::optional<std::vector<fs::path>> folders(const fs::path& path, const Origin& origin) {
    results::FolderWalk::Listing listing = walk_.list(path);
    const bool first_time = listed_.insert(path.string()).second;
    if (listing.error && listing.error->code != Code::kNotFound) {
      if (first_time) out_.report.errors.push_back(processing_error(path, *listing.error));
      return std::nullopt;
    }
    if (!first_time) return std::move(listing.folders);
    for (const fs::path& link : listing.repeated) {
      invalid("package.layout", origin, link, "is a link to a folder that is read by another name, and is not followed",
              "put a copy of the folder there, or remove the link");
    }
    for (const fs::path& link : listing.dangling) {
      invalid("package.layout", origin, link, "is a link that leads nowhere",
              "put what it led to there, or remove the link");
    }
    return std::move(listing.folders);
  }
  // The same where nothing depends on whether there could have been any.
  std::vector<fs::path> below(const fs::path& path, const Origin& origin) {
    return folders(path, origin).value_or(std::vector<fs::path>());
  }

  // A typing error would otherwise pass as a package without faults.
  static Status check_names(const std::vector<std::string>& wanted, const std::vector<std::string>& seen,
                            std::string_view option) {
    const std::vector<std::string_view> known(seen.begin(), seen.end());
    for (const std::string& name : wanted) {
      if (contains(seen, name)) continue;
      const std::set<std::string_view> distinct(known.begin(), known.end());
      Error error = make_error(Code::kInvalidArgument, "{}: the package has no '{}'{}", option, name,
                               did_you_mean_text(name, known));
      error.hint = fmt::format("it has {}", distinct.empty() ? "none" : fmt::format("{}", fmt::join(distinct, ", ")));
      return error;
    }
    return {};
  }

  // v3.0: <root>/<submitter>/code-<hash>/, shared by both divisions.
  std::vector<fs::path> code_pool(const fs::path& path) {
    std::vector<fs::path> pool = below(path, {});
    std::erase_if(pool, [](const fs::path& p) { return !name_of(p).starts_with("code-"); });
    return pool;
  }

  void submitter(const fs::path& path, const Origin& origin) {
    for (const fs::path& child : below(path, origin)) {
      const std::string name = name_of(child);
      if (name == "code" || name == "systems" || name == "results") continue;
      const bool earlier = name == "generation_logs";
      warn("package.layout", origin, child, earlier ? "is of an earlier layout" : "does not belong here",
           earlier ? "logs of datagen go to results/<system>/training/<model>/datagen/<YYYYMMDD_HHMMSS>/"
                   : "a submitter has code, systems and results; move anything else out of the package");
    }
    code(path, origin);
    const std::optional<std::vector<fs::path>> systems = folders(path / "results", origin);
    if (systems && systems->empty()) {
      invalid("package.layout", origin, path / "results", "has no system",
              "put the runs of each system into results/<system>/");
    }
    const std::vector<fs::path> with_results = systems.value_or(std::vector<fs::path>());
    std::set<std::string> names;
    for (const fs::path& child : with_results) names.insert(name_of(child));
    std::optional<internal::PackageSystems> described = descriptions(path / "systems", std::move(names), origin);
    for (const fs::path& child : with_results) {
      Origin of_system = origin;
      of_system.system = name_of(child);
      out_.systems.push_back(of_system);
      if (described) described->check(of_system, out_);
      system(child, path, of_system);
    }
    if (described && systems) described->check_rest(origin, out_);
  }

  // The source that was used, here or in the pool: some file in it. Its content is not judged.
  void code(const fs::path& path, const Origin& origin) {
    const fs::path own = path / "code";
    const Result<bool> here = internal::holds_a_file(own);
    if (here && *here) return;
    const bool refused = !here && here.error().code != Code::kNotFound;
    const auto pool = pools_.find(origin.submitter);
    if (refused) {
      invalid("package.code", origin, own, internal::reason_at(own, here.error()),
              "make the folder readable for the user who validates");
    } else if (pool != pools_.end()) {
      const bool any = std::ranges::any_of(pool->second, [](const fs::path& folder) {
        const Result<bool> holds = internal::holds_a_file(folder);
        return holds && *holds;
      });
      if (any) return;
      invalid("package.code", origin, pool->second.front(), "is empty, or cannot be read",
              "put the source that was used there");
    } else {
      invalid("package.code", origin, own, here ? "is empty" : "is missing",
              "put the source that was used there, also when it was not changed");
    }
  }

  // What there is in systems/; nothing where it cannot be seen, which is told, or is not asked for.
  std::optional<internal::PackageSystems> descriptions(const fs::path& path, std::set<std::string> systems,
                                                       const Origin& origin) {
    if (options_.runs_only) return std::nullopt;
    Result<std::vector<std::string>> names = internal::names_in(path);
    if (!names && names.error().code != Code::kNotFound) {
      invalid("package.system", origin, path, internal::reason_at(path, names.error()),
              "make the folder readable for the user who validates");
      return std::nullopt;
    }
    if (!names) {
      invalid("package.layout", origin, path, "is missing",
              "it holds <system>.yaml and <system>.pdf of every system; 'stoker system init' begins the first");
    }
    return internal::PackageSystems(path, names ? std::move(*names) : std::vector<std::string>(), std::move(systems));
  }

  void system(const fs::path& path, const fs::path& submitter_path, const Origin& origin) {
    const std::size_t before = seen();
    for (const fs::path& child : below(path, origin)) {
      const std::string name = name_of(child);
      const auto type = results::parse_benchmark_type(name);
      if (type == BenchmarkType::kTraining) {
        for (const fs::path& model : models(child, origin)) training(model, submitter_path, origin);
      } else if (type == BenchmarkType::kCheckpointing) {
        for (const fs::path& model : models(child, origin)) checkpointing(model, submitter_path, origin);
      } else if (type) {
        scan(child, origin);  // previews: the rules ask for no files
      } else {
        stranger(child, origin);
      }
    }
    if (seen() == before && options_.models.empty()) {
      invalid("package.layout", origin, path, "has no run",
              "put the result directories there as training/<model>/run/<YYYYMMDD_HHMMSS>/ or "
              "checkpointing/<model>/<YYYYMMDD_HHMMSS>/, or remove the system");
    }
  }

  // Runs, what could not be read, and what is already found wrong. Plans and data sets are nothing to hand in.
  [[nodiscard]] std::size_t seen() const {
    const auto wrong = std::ranges::count(out_.findings, Severity::kInvalid, &PackageFinding::severity);
    return out_.report.runs.size() + out_.report.errors.size() + static_cast<std::size_t>(wrong);
  }

  // A folder that the layout does not have: still read, since runs in the wrong place are better judged than lost.
  void stranger(const fs::path& path, const Origin& origin) {
    const auto dash = name_of(path).rfind('-');
    const std::string model = name_of(path).substr(0, dash);
    if (!wanted_model(model)) return;
    const std::size_t before = out_.report.runs.size() + out_.report.errors.size();
    scan(path, origin);
    if (out_.report.runs.size() + out_.report.errors.size() > before) {
      invalid("package.layout", origin, path, "holds runs in an earlier layout",
              "move them to training/<model>/run/<YYYYMMDD_HHMMSS>/ or checkpointing/<model>/<YYYYMMDD_HHMMSS>/");
    } else {
      warn("package.layout", origin, path, "does not belong here", "a system has training and checkpointing");
    }
  }

  bool wanted_model(const std::string& model) {
    seen_models_.push_back(model);
    return options_.models.empty() || contains(options_.models, model);
  }

  std::vector<fs::path> models(const fs::path& path, const Origin& origin) {
    std::vector<fs::path> wanted;
    for (const fs::path& child : below(path, origin)) {
      if (wanted_model(name_of(child))) wanted.push_back(child);
    }
    return wanted;
  }

  // Runs wherever they lie. Data sets and sizes among them are no results and are left alone.
  void scan(const fs::path& path, const Origin& origin) {
    const auto found = results::scan_runs(path, walk_);
    if (!found) {
      out_.report.errors.push_back(processing_error(path, found.error()));
      return;
    }
    for (const auto& [folder, error] : found->unreadable) out_.report.errors.push_back(processing_error(folder, error));
    for (const fs::path& run : found->runs) (void)judge_at(run, origin);
  }

  // Reads and judges what a folder holds, and tells what contradicts. Only a run stays in the report; else the command
  // that it is of is returned, "" for a plan, a copy and for what cannot be read, which are told.
  std::optional<std::string> judge_at(const fs::path& path, const Origin& origin) {
    const std::size_t plans = out_.report.plans.size();
    const std::size_t errors = out_.report.errors.size();
    const std::size_t copies = out_.report.copies.size();
    add_run(out_.report, path, origin);
    if (out_.report.copies.size() > copies) {
      out_.findings.push_back(
          {Severity::kInvalid, "package.contradiction", origin, path,
           fmt::format("is a copy of {}: the same id and the same start", out_.report.copies.back().of.string()),
           "hand in each run once, below the system that it measured"});
      return "";
    }
    if (out_.report.plans.size() > plans) {
      invalid("package.layout", origin, path, "is a plan of --what-if: nothing was run", "take it out of the package");
      return "";
    }
    if (out_.report.errors.size() > errors) return "";
    if (const JudgedRun& judged = out_.report.runs.back(); !judged.is_run()) {
      std::string command = judged.record.run.id.command;
      out_.report.runs.pop_back();
      return command.empty() ? "unknown" : command;
    }
    for (const Contradiction& contradiction : out_.report.runs.back().record.contradictions)
      contradicts(path, origin, contradiction);
    return std::nullopt;
  }

  void contradicts(const fs::path& path, const Origin& origin, const Contradiction& contradiction) {
    if (contradiction.kind == Contradiction::Kind::kPlace) {
      invalid("package.layout", origin, path, contradiction.text,
              "move it to the folder that its files name, or take it out of the package");
      return;
    }
    // Of the run itself, and so said with --runs-only as well.
    out_.findings.push_back({Severity::kInvalid, "package.contradiction", origin, path, contradiction.text,
                             "hand in the files as the run has left them, or repeat the run"});
  }

  void check_name(const fs::path& run, const Origin& origin) {
    if (results::begins_with_run_stamp(name_of(run))) return;
    invalid("package.layout", origin, run, "is not named like a run",
            "name it YYYYMMDD_HHMMSS, the time when the run began");
  }

  // One run at its place: its files, then the run itself.
  void run_at(const fs::path& path, BenchmarkType type, const Origin& origin) {
    check_name(path, origin);
    const std::size_t errors = out_.report.errors.size();
    const std::optional<std::string> other = judge_at(path, origin);
    const bool unread = out_.report.errors.size() > errors;
    if (other && !unread) {
      if (other->empty()) return;  // a plan or a copy
      const bool datagen = type == BenchmarkType::kTraining && *other == "datagen";
      invalid("package.layout", origin, path, fmt::format("is of the command '{}' and no run", *other),
              datagen ? "move it to datagen/ of its model, and put the runs here" : "take it out of the package");
      return;
    }
    files(path, type, "run", origin, unread ? out_.report.errors.back().reason : "");
  }

  // `told`: the reason why the run cannot be read, whose file is not named again.
  void files(const fs::path& path, BenchmarkType type, const std::string& command, const Origin& origin,
             const std::string& told = "") {
    if (options_.runs_only) return;
    for (const internal::FileFault& fault : internal::check_files(path, type, command)) {
      const bool is_told = told.starts_with(fault.path.string() + ": ") && !fault.message.starts_with("lacks");
      if (!is_told) invalid("package.files", origin, fault.path, fault.message, fault.remedy);
    }
  }

  void datagen(const fs::path& folder, const Origin& origin) {
    const std::optional<std::vector<fs::path>> runs = folders(folder, origin);
    if (!runs || options_.runs_only) return;
    if (runs->empty()) {
      invalid("package.layout", origin, folder, "has no run",
              "copy the result directory of the datagen that made the data set");
    }
    for (const fs::path& run : *runs) {
      check_name(run, origin);
      datagen_metadata(run, origin);
      files(run, BenchmarkType::kTraining, "datagen", origin);
    }
  }

  // v2.0 and DLIO write none.
  void datagen_metadata(const fs::path& run, const Origin& origin) {
    const Result<results::RunMetadata> metadata = results::read_metadata(run);
    if (!metadata) {
      // That the folder cannot be listed is said of its files.
      if (metadata.error().code == Code::kCorrupt)
        out_.report.errors.push_back(processing_error(run, metadata.error()));
      return;
    }
    const auto what_if = metadata->args.find("what_if");
    if (what_if != metadata->args.end() && *what_if == results::Json(true)) {
      invalid("package.layout", origin, run, "is a plan of --what-if: nothing was written",
              "copy the result directory of the datagen that made the data set");
    } else if (const auto misplaced = misplacement(run, metadata->id)) {
      contradicts(run, origin, *misplaced);
    }
  }

  void training(const fs::path& model, const fs::path& submitter_path, const Origin& origin) {
    datagen(model / "datagen", origin);
    for (const fs::path& child : below(model, origin)) {
      const std::string name = name_of(child);
      if (name == "datagen" || name == "run" || name == "datasize") continue;
      warn("package.layout", origin, child, "does not belong here", "a model of training has datagen and run");
    }
    runs_in(model / "run", BenchmarkType::kTraining, submitter_path, origin);
  }

  void checkpointing(const fs::path& model, const fs::path& submitter_path, const Origin& origin) {
    const std::vector<fs::path> runs = below(model, origin);
    // Some tools put a command level here as they do for training.
    const bool command_level = runs.size() == 1 && name_of(runs.front()) == "run";
    runs_in(command_level ? runs.front() : model, BenchmarkType::kCheckpointing, submitter_path, origin);
  }

  void runs_in(const fs::path& folder, BenchmarkType type, const fs::path& submitter_path, const Origin& origin) {
    const std::size_t first = out_.report.runs.size();
    const std::optional<std::vector<fs::path>> runs = folders(folder, origin);
    if (!runs) return;
    if (runs->empty()) {
      invalid("package.layout", origin, folder, "has no run", "copy the result directories of the runs there");
      return;
    }
    for (const fs::path& run : *runs) run_at(run, type, origin);
    results_file(folder, submitter_path, origin, first);
  }

  // `first`: index of the first run that the file must list.
  void results_file(const fs::path& folder, const fs::path& submitter_path, const Origin& origin, std::size_t first) {
    if (options_.runs_only) return;
    const fs::path file = internal::find_results_json(folder, submitter_path);
    if (file.empty()) {
      invalid("package.results", origin, folder / "results.json", "is missing",
              fmt::format("write it: stoker reports reportgen --results-dir RESULTS --output-dir {}", folder.string()));
      return;
    }
    const auto ids = internal::run_ids_in(file);
    if (!ids) {
      invalid("package.results", origin, file, "cannot be read: " + internal::reason_at(file, ids.error()),
              "write it again with 'stoker reports reportgen'");
      return;
    }
    for (std::size_t i = first; i < out_.report.runs.size(); ++i) {
      const std::string id = results::to_string(out_.report.runs[i].record.run.id);
      if (!ids->contains(id)) {
        warn("package.results", origin, file, fmt::format("does not list {}", id),
             "write it again with 'stoker reports reportgen'");
      }
    }
  }

  const fs::path root_;
  results::FolderWalk walk_;
  const SubmissionOptions& options_;
  Submission& out_;
  std::map<std::string, std::vector<fs::path>> pools_;  // of submitters, their code-*/
  std::set<std::string> listed_;                        // folders of which everything has been told
  std::vector<std::string> seen_submitters_, seen_models_;
};

// A workload must be fit for the division that it is submitted to.
void check_divisions(Submission& submission) {
  for (const Workload& workload : submission.report.workloads) {
    if (workload.origin.division != "closed" || workload.judgement.category() != Category::kOpen) continue;
    submission.findings.push_back(
        {Severity::kInvalid, "package.division", workload.origin,
         submission.report.root / workload.origin.division / workload.origin.submitter / "results" /
             workload.origin.system,
         title(workload) + " is OPEN and was submitted to the closed division",
         "move it to open/" + workload.origin.submitter + "/, or run it again within the rules of CLOSED"});
  }
}

}  // namespace

bool Submission::valid() const {
  return report.errors.empty() &&
         std::ranges::none_of(findings, [](const PackageFinding& f) { return f.severity == Severity::kInvalid; }) &&
         std::ranges::none_of(report.runs,
                              [](const JudgedRun& r) { return r.judgement.category() == Category::kInvalid; }) &&
         std::ranges::none_of(report.workloads,
                              [](const Workload& w) { return w.judgement.category() == Category::kInvalid; });
}

Result<Submission> check_submission(const fs::path& root, const SubmissionOptions& options) {
  std::error_code ignored;
  if (!fs::is_directory(root, ignored)) {
    Error error = make_error(Code::kNotFound, "{}: is not a folder", root.string());
    error.hint = "name the folder that holds closed/ and open/";
    return error;
  }
  Submission submission;
  submission.report.root = root;
  STOKER_TRY(Walk(root, options, submission).run());
  if (options.runs_only && submission.report.runs.empty() && submission.report.errors.empty()) {
    return Error{Code::kNotFound, fmt::format("{}: --runs-only: there is no run to judge", root.string()),
                 "name the folder that holds closed/<submitter>/results/..."};
  }
  if (!options.runs_only) {
    group_runs(submission.report);
    check_divisions(submission);
  }
  return submission;
}

}  // namespace stoker::reports
