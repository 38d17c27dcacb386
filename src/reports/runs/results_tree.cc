#include "reports/runs/results_tree.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "reports/runs/error_text.h"
#include "results/folder_walk.h"
#include "results/json.h"
#include "results/timestamp.h"

namespace stoker::reports {

namespace {

namespace fs = std::filesystem;
using results::BenchmarkType;
using Kind = TreeIssue::Kind;
using Severity = TreeIssue::Severity;

constexpr std::array<std::string_view, 4> kTypeNames{"training", "checkpointing", "vector_database", "kv_cache"};
constexpr std::array<std::string_view, 4> kCommands{"run", "datagen", "datasize", "configview"};

// Whether a run directory is of a command that leaves a summary: not of a plan (--what-if), and not of datasize, which
// the folders of checkpointing have no level for.
bool leaves_summary(const fs::path& metadata) {
  const auto json = results::read_json(metadata);
  if (!json || !json->is_object()) return true;
  const auto args = json->find("args");
  if (args == json->end() || !args->is_object()) return true;
  const auto is = [&args](const char* key, const results::Json& value) {
    const auto found = args->find(key);
    return found != args->end() && *found == value;
  };
  return !is("what_if", true) && !is("command", "datasize");
}

class Inspector {
 public:
  Inspector(const fs::path& root, ResultsTree& tree) : walk_(root), tree_(tree) {}

  void root(const fs::path& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (error && status.type() == fs::file_type::none) {
      add(Kind::kMalformed, Severity::kInvalid, path, "cannot be looked at: " + error.message(),
          "make the folder readable for the user who reports");
      return;
    }
    if (!fs::exists(status)) {
      add(Kind::kMissing, Severity::kInvalid, path, "does not exist",
          "create it, or name another folder with --results-dir");
      return;
    }
    if (!fs::is_directory(status)) {
      add(Kind::kMalformed, Severity::kInvalid, path, "is a file", "name the folder that holds results");
      return;
    }
    bool any_type = false;
    const std::optional<std::vector<fs::path>> below = folders(path);
    if (!below) {
      tree_.issues.front().severity = Severity::kInvalid;
      return;
    }
    for (const fs::path& child : *below) {
      const std::string name = child.filename().string();
      const auto type = results::parse_benchmark_type(name);
      if (type) {
        any_type = true;
        type_folder(child, *type);
      } else {
        add(Kind::kOdd, Severity::kWarning, child,
            "is none of the benchmarks' folders; runs in it are reported, and their places are not checked",
            fmt::format("results lie below {}", fmt::join(kTypeNames, ", ")));
      }
    }
    if (!any_type) {
      add(Kind::kMalformed, Severity::kInvalid, path, "has no folder of a benchmark",
          fmt::format("expected at least one of {}; name the folder that --results-dir of the runs named",
                      fmt::join(kTypeNames, ", ")));
    }
  }

 private:
  void add(Kind kind, Severity severity, const fs::path& path, std::string message, std::string remedy) {
    tree_.issues.push_back({kind, severity, path, std::move(message), std::move(remedy)});
  }

  // Nothing when the folder cannot be listed to its end, which is then told: it is not taken for empty.
  std::optional<std::vector<fs::path>> folders(const fs::path& path) {
    results::FolderWalk::Listing listing = walk_.list(path);
    if (listing.error) {
      add(Kind::kMalformed, Severity::kError, path, internal::reason_at(path, *listing.error), listing.error->hint);
      return std::nullopt;
    }
    for (const fs::path& link : listing.repeated) {
      add(Kind::kOdd, Severity::kWarning, link, "is a link to a folder that is read by another name, and counts once",
          "remove the link, unless other programs need it");
    }
    for (const fs::path& link : listing.dangling) {
      add(Kind::kOdd, Severity::kWarning, link, "is a link that leads nowhere",
          "bring back what it led to, or remove the link");
    }
    return std::move(listing.folders);
  }

  void type_folder(const fs::path& path, BenchmarkType type) {
    const std::optional<std::vector<fs::path>> below = folders(path);
    if (!below) return;
    if (below->empty()) {
      add(Kind::kOdd, Severity::kWarning, path, "is empty", "run the benchmark, or remove the folder");
      return;
    }
    for (const fs::path& child : *below) {
      // vector_database has commands where others have models.
      if (type == BenchmarkType::kVectorDatabase && is_command(child)) {
        if (command_folder(child, type, child.filename().string()) == 0) no_runs(child);
      } else {
        model_folder(child, type);
      }
    }
  }

  static bool is_command(const fs::path& path) {
    return std::find(kCommands.begin(), kCommands.end(), path.filename().string()) != kCommands.end();
  }

  void no_runs(const fs::path& path) {
    add(Kind::kOdd, Severity::kWarning, path, "holds no run", "run the benchmark, or remove the folder");
  }

  void model_folder(const fs::path& path, BenchmarkType type) {
    const std::optional<std::vector<fs::path>> below = folders(path);
    if (!below) return;
    std::size_t found = 0;
    std::vector<fs::path> strangers;
    for (const fs::path& child : *below) {
      if (results::begins_with_run_stamp(child.filename().string())) {
        // Without a command level it is the benchmark's only one that runs.
        run_folder(child, type, "run");
        ++found;
      } else if (is_command(child)) {
        found += command_folder(child, type, child.filename().string());
      } else {
        strangers.push_back(child);
      }
    }
    for (const fs::path& stranger : strangers) not_a_run(stranger);
    if (found == 0) no_runs(path);
  }

  // How many runs it holds. One that cannot be listed counts as one that does: nobody knows.
  std::size_t command_folder(const fs::path& path, BenchmarkType type, const std::string& command) {
    const std::optional<std::vector<fs::path>> below = folders(path);
    if (!below) return 1;
    std::size_t found = 0;
    for (const fs::path& child : *below) {
      if (results::begins_with_run_stamp(child.filename().string())) {
        run_folder(child, type, command);
        ++found;
      } else {
        not_a_run(child);
      }
    }
    return found;
  }

  void not_a_run(const fs::path& path) {
    add(Kind::kOdd, Severity::kWarning, path, "is not named like a run (YYYYMMDD_HHMMSS)",
        "rename it to the time when the run began, or move it out of the results");
  }

  void run_folder(const fs::path& path, BenchmarkType type, const std::string& command) {
    std::error_code error;
    fs::path metadata;
    for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
      if (it->path().filename().string().ends_with("_metadata.json")) metadata = it->path();
    }
    if (error) {
      add(Kind::kMalformed, Severity::kError, path, "cannot be listed: " + error.message(),
          "make the folder readable for the user who reports");
      return;
    }
    const bool summary = fs::exists(path / "summary.json", error);
    if (metadata.empty()) {
      add(Kind::kMalformed, Severity::kError, path, "has no *_metadata.json",
          summary ? "runs of mlpstorage v2.0 have none: the report takes them from summary.json and dlio_config/"
                  : "the run was killed or is still going: run it again, or remove the folder");
    }
    // Only runs leave a summary in every engine; datasize measures nothing, and DLIO's datagen writes none.
    const bool measures = type == BenchmarkType::kTraining || type == BenchmarkType::kCheckpointing;
    if (measures && command == "run" && !summary && (metadata.empty() || leaves_summary(metadata))) {
      add(Kind::kOdd, Severity::kWarning, path, "has no summary.json; the run may be incomplete",
          "look into its *.stderr.log, and run it again");
    }
  }

  results::FolderWalk walk_;
  ResultsTree& tree_;
};

}  // namespace

bool ResultsTree::valid() const {
  return std::none_of(issues.begin(), issues.end(),
                      [](const TreeIssue& issue) { return issue.severity == Severity::kInvalid; });
}

ResultsTree inspect_results(const fs::path& results) {
  ResultsTree tree;
  Inspector(results, tree).root(results);
  return tree;
}

std::string_view example_tree() {
  return "a results folder looks like this:\n"
         "  results/\n"
         "    training/\n"
         "      unet3d/\n"
         "        datagen/\n"
         "          20250601_095000/\n"
         "        run/\n"
         "          20250601_100000/\n"
         "            training_20250601_100000_metadata.json\n"
         "            summary.json\n"
         "            dlio_config/\n"
         "    checkpointing/\n"
         "      llama3-8b/\n"
         "        20250601_110000/\n"
         "            checkpointing_20250601_110000_metadata.json\n"
         "            summary.json\n";
}

std::string to_text(const TreeIssue& issue) {
  return fmt::format("{}: {}; {}", issue.path.string(), issue.message, issue.remedy);
}

}  // namespace stoker::reports
