#include "reports/submission.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/did_you_mean.h"
#include "config/node.h"
#include "reports/package_files_internal.h"
#include "reports/system_description.h"
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

bool begins_with_stamp(const std::string& name) {
  return name.size() >= 15 && results::is_run_stamp(std::string_view(name).substr(0, 15));
}

class Walk {
 public:
  Walk(const fs::path& root, const SubmissionOptions& options, Submission& out)
      : root_(root), options_(options), out_(out) {}

  Status run() {
    std::vector<fs::path> divisions;
    for (const fs::path& child : folders(root_)) {
      if (is_division(name_of(child))) {
        divisions.push_back(child);
      } else if (is_code_pool(child)) {
        pools_.insert(name_of(child));
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
    for (const fs::path& division : divisions) {
      for (const fs::path& child : folders(division)) {
        seen_submitters_.push_back(name_of(child));
        if (!options_.submitters.empty() && !contains(options_.submitters, name_of(child))) continue;
        if (contains(options_.exclude_submitters, name_of(child))) continue;
        any_checked = true;
        submitter(child, {.division = config::lower(name_of(division)), .submitter = name_of(child)});
      }
    }
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

  // Sub-folders that are not hidden, sorted; none where there is no folder. One that cannot be listed is told, once:
  // else a package would pass for what nobody could see.
  std::vector<fs::path> folders(const fs::path& path) {
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
      std::error_code ignored;
      if (it->is_directory(ignored) && it->path().filename().string().front() != '.') found.push_back(it->path());
    }
    const bool absent = error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory;
    if (error && !absent && unlisted_.insert(path.string()).second) {
      out_.report.errors.push_back({path, fmt::format("{}: cannot be listed: {}", path.string(), error.message()),
                                    "make the folder readable for the user who validates"});
    }
    std::sort(found.begin(), found.end());
    return found;
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
  bool is_code_pool(const fs::path& path) {
    return std::ranges::any_of(folders(path), [](const fs::path& p) { return name_of(p).starts_with("code-"); });
  }

  void submitter(const fs::path& path, const Origin& origin) {
    std::error_code ignored;
    for (const fs::path& child : folders(path)) {
      const std::string name = name_of(child);
      if (name == "code" || name == "systems" || name == "results") continue;
      const bool earlier = name == "generation_logs";
      warn("package.layout", origin, child, earlier ? "is of an earlier layout" : "does not belong here",
           earlier ? "logs of datagen go to results/<system>/training/<model>/datagen/<YYYYMMDD_HHMMSS>/"
                   : "a submitter has code, systems and results; move anything else out of the package");
    }
    if (!pools_.contains(origin.submitter)) {
      if (!fs::is_directory(path / "code", ignored)) {
        invalid("package.code", origin, path / "code", "is missing",
                "put the source that was used there, also when it was not changed");
      } else if (fs::is_empty(path / "code", ignored)) {
        invalid("package.code", origin, path / "code", "is empty", "put the source that was used there");
      }
    }
    if (!fs::is_directory(path / "systems", ignored)) {
      invalid("package.layout", origin, path / "systems", "is missing",
              "it holds <system>.yaml and <system>.pdf of every system; 'stoker system init' begins the first");
    }
    const std::vector<fs::path> systems = folders(path / "results");
    if (systems.empty()) {
      invalid("package.layout", origin, path / "results", "has no system",
              "put the runs of each system into results/<system>/");
    }
    for (const fs::path& child : systems) {
      Origin below = origin;
      below.system = name_of(child);
      out_.systems.push_back(below);
      system(child, path, below);
    }
    descriptions_without_results(path / "systems", systems, origin);
  }

  void descriptions_without_results(const fs::path& path, const std::vector<fs::path>& systems, const Origin& origin) {
    std::error_code error;
    std::vector<fs::path> files;
    for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
      if (config::lower(it->path().extension().string()) == ".yaml" && name_of(it->path()).front() != '.')
        files.push_back(it->path());
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
      if (used_descriptions_.contains(file.string())) continue;
      warn("package.system", origin, file, "describes a system without results",
           systems.empty() ? "put its runs into results/" + file.stem().string()
                           : "remove it, or name it like the folder below results/ that it describes");
    }
  }

  void system(const fs::path& path, const fs::path& submitter_path, const Origin& origin) {
    description(submitter_path / "systems", origin);
    const std::size_t before = seen();
    for (const fs::path& child : folders(path)) {
      const std::string name = name_of(child);
      const auto type = results::parse_benchmark_type(name);
      if (type == BenchmarkType::kTraining) {
        for (const fs::path& model : models(child)) training(model, submitter_path, origin);
      } else if (type == BenchmarkType::kCheckpointing) {
        for (const fs::path& model : models(child)) checkpointing(model, submitter_path, origin);
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

  // Runs, plans, what could not be read, and what is already found wrong.
  [[nodiscard]] std::size_t seen() const {
    const auto wrong = std::ranges::count(out_.findings, Severity::kInvalid, &PackageFinding::severity);
    return out_.report.runs.size() + out_.report.plans.size() + out_.report.errors.size() +
           static_cast<std::size_t>(wrong);
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

  std::vector<fs::path> models(const fs::path& path) {
    std::vector<fs::path> wanted;
    for (const fs::path& child : folders(path)) {
      if (wanted_model(name_of(child))) wanted.push_back(child);
    }
    return wanted;
  }

  void scan(const fs::path& path, const Origin& origin) {
    const auto found = results::scan_runs(path);
    if (!found) {
      out_.report.errors.push_back({path, found.error().message, found.error().hint});
      return;
    }
    for (const auto& [folder, error] : found->unreadable)
      out_.report.errors.push_back({folder, error.message, error.hint});
    for (const fs::path& run : found->runs) add_run(out_.report, run, origin);
  }

  // One run at its place: its files, then the run itself.
  void run_at(const fs::path& path, BenchmarkType type, const Origin& origin) {
    if (!begins_with_stamp(name_of(path))) {
      invalid("package.layout", origin, path, "is not named like a run",
              "name it YYYYMMDD_HHMMSS, the time when the run began");
    }
    const std::size_t plans = out_.report.plans.size();
    add_run(out_.report, path, origin);
    if (out_.report.plans.size() > plans) {
      warn("package.layout", origin, path, "is a plan of --what-if and no run", "leave it out");
    } else {
      files(path, type, "run", origin);
    }
  }

  void files(const fs::path& path, BenchmarkType type, const std::string& command, const Origin& origin) {
    const std::vector<std::string> missing = internal::missing_files(path, type, command);
    if (missing.empty()) return;
    invalid("package.files", origin, path, fmt::format("lacks {}", fmt::join(missing, ", ")),
            "copy the whole result directory of the run, also hidden folders and empty logs");
  }

  void training(const fs::path& model, const fs::path& submitter_path, const Origin& origin) {
    const fs::path datagen = model / "datagen";
    if (folders(datagen).empty()) {
      invalid("package.layout", origin, datagen, "has no run",
              "copy the result directory of the datagen that made the data set");
    }
    for (const fs::path& run : folders(datagen)) files(run, BenchmarkType::kTraining, "datagen", origin);
    for (const fs::path& child : folders(model)) {
      const std::string name = name_of(child);
      if (name == "datagen" || name == "run" || name == "datasize") continue;
      warn("package.layout", origin, child, "does not belong here", "a model of training has datagen and run");
    }
    const std::size_t first = out_.report.runs.size();
    if (folders(model / "run").empty()) {
      invalid("package.layout", origin, model / "run", "has no run", "copy the result directories of the runs there");
      return;
    }
    for (const fs::path& run : folders(model / "run")) run_at(run, BenchmarkType::kTraining, origin);
    results_file(model / "run", submitter_path, origin, first);
  }

  void checkpointing(const fs::path& model, const fs::path& submitter_path, const Origin& origin) {
    const std::size_t first = out_.report.runs.size();
    std::vector<fs::path> runs = folders(model);
    // Some tools put a command level here as they do for training.
    if (runs.size() == 1 && name_of(runs.front()) == "run") runs = folders(runs.front());
    if (runs.empty()) {
      invalid("package.layout", origin, model, "has no run", "copy the result directories of the runs there");
      return;
    }
    for (const fs::path& run : runs) run_at(run, BenchmarkType::kCheckpointing, origin);
    results_file(model, submitter_path, origin, first);
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
      invalid("package.results", origin, file, "cannot be read: " + ids.error().message,
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

  void description(const fs::path& systems, const Origin& origin) {
    if (options_.runs_only) return;
    const fs::path expected = systems / (origin.system + ".yaml");
    bool exact = true;
    bool exact_pdf = true;
    const fs::path yaml = internal::find_system_file(systems, origin.system, ".yaml", exact);
    const fs::path pdf = internal::find_system_file(systems, origin.system, ".pdf", exact_pdf);
    if (pdf.empty()) {
      invalid("package.system", origin, systems / (origin.system + ".pdf"), "is missing",
              "add the description of the system as a PDF, with power table and topology");
    } else if (!exact_pdf) {
      warn("package.system", origin, pdf, "is taken for the PDF of the system", "name it " + origin.system + ".pdf");
    }
    if (!pdf.empty() && !internal::is_whole_pdf(pdf)) {
      invalid("package.system", origin, pdf, "is not a whole PDF: it must begin with %PDF- and end with %%EOF",
              "export it again, and copy it in binary mode");
    }
    if (yaml.empty()) {
      bool ignored = false;
      const bool json = !internal::find_system_file(systems, origin.system, ".json", ignored).empty();
      invalid("package.system", origin, expected,
              json ? "is missing; there is a JSON file of an earlier form" : "is missing",
              fmt::format("begin it with: stoker system init --hosts-from RUN_DIR --output {}", expected.string()));
      return;
    }
    if (!exact) {
      warn("package.system", origin, yaml, "is taken for the description of the system",
           "name it " + origin.system + ".yaml");
    }
    used_descriptions_.insert(yaml.string());
    const auto description = read_description(yaml);
    if (!description) {
      invalid("package.system", origin, yaml, "cannot be read: " + description.error().message,
              "correct it, or begin a new one with 'stoker system init'");
      return;
    }
    out_.descriptions[origin.submitter + "/" + origin.system] = description->columns;
    for (const DescriptionFinding& finding : description->findings) {
      const std::string line = finding.line > 0 ? fmt::format(" (line {})", finding.line) : "";
      add(finding.is_error() ? Severity::kInvalid : Severity::kWarning, "package.system", origin, yaml,
          fmt::format("{}{} {}", finding.key, line, finding.message), finding.remedy);
    }
  }

  const fs::path root_;
  const SubmissionOptions& options_;
  Submission& out_;
  std::set<std::string> pools_;              // submitters with code-*/
  std::set<std::string> used_descriptions_;  // paths
  std::set<std::string> unlisted_;           // folders already told to be unreadable
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
  // Datagen in odd places was read along with the runs; it is no result.
  std::erase_if(submission.report.runs, [](const JudgedRun& run) { return !run.is_run(); });
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
