#include "app/commands/kvcache.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/console.h"
#include "app/commands/common_options.h"
#include "app/commands/manifest.h"
#include "app/commands/number_option.h"
#include "app/commands/print_error.h"
#include "app/commands/verification.h"
#include "base/clock.h"
#include "base/units.h"
#include "cluster/environment/checks.h"
#include "mlperf/plan/kvcache_sizing.h"
#include "results/metadata.h"
#include "results/run_directory.h"

namespace stoker::app {
namespace {

struct KvCacheOptions {
  CommonOptions common;
  std::string model = "llama3.1-8b";
  int num_users = 100;
  double gpu_mem_gb = 16, cpu_mem_gb = 32;
  std::string cache_dir;
};

int run_once(const KvCacheOptions& o, const mlperf::KvCacheModel& model) {
  constexpr auto kGib = static_cast<double>(kGiB);
  const mlperf::KvCacheSize size = mlperf::size_kvcache(model, o.num_users, o.gpu_mem_gb * kGib, o.cpu_mem_gb * kGib);

  std::optional<environment::Space> space;
  if (!o.cache_dir.empty()) {
    auto found = environment::free_space(o.cache_dir);
    if (!found) return print_error(std::move(found).error().with_context("--cache-dir"));
    space = *found;
  }
  const auto directory = results::create_run_directory(o.common.results_dir, results::BenchmarkType::kKvCache, o.model,
                                                       "datasize", SteadyClock().wall());
  if (!directory) return print_error(directory.error());
  cli::log(cli::Level::kInfo, fmt::format("results: {}", directory->path.string()));
  cli::print("bytes per token: {}\n", model.bytes_per_token());
  cli::print("typical sequence: {:.0f} tokens\n", mlperf::kTypicalTokens);
  cli::print("per user: {:.2f} MB (MiB)\n", size.bytes_per_user / static_cast<double>(kMiB));
  cli::print("in all: {:.2f} GB (GiB) for {} users\n", size.total_bytes / kGib, o.num_users);
  cli::print("advised GPU memory: {:.2f} GB (GiB)\n", size.gpu_bytes / kGib);
  cli::print("advised CPU memory: {:.2f} GB (GiB)\n", size.cpu_bytes / kGib);
  cli::print("advised space on storage: {:.2f} GB (GiB)\n", size.nvme_bytes / kGib);
  if (space) {
    cli::print("free at {}: {:.2f} GB (GiB)\n", o.cache_dir, static_cast<double>(space->free_bytes) / kGib);
    if (size.nvme_bytes > static_cast<double>(space->free_bytes)) {
      cli::print("warning: that is less than advised\n");
    }
  }

  results::RunMetadata metadata;
  metadata.id = directory->id;
  metadata.num_processes = 1;
  metadata.result_dir = directory->path.string();
  for (auto* json : {&metadata.parameters, &metadata.args, &metadata.extra}) {
    (*json)["num_users"] = o.num_users;
    (*json)["gpu_mem_gb"] = o.gpu_mem_gb;
    (*json)["cpu_mem_gb"] = o.cpu_mem_gb;
    (*json)["cache_dir"] = o.cache_dir;
  }
  metadata.args["program"] = "kvcache";
  metadata.args["command"] = "datasize";
  metadata.args["model"] = o.model;
  put_args(metadata.args, o.common);
  metadata.extra["kvcache_model"] = o.model;
  if (const Status written = results::write_metadata(*directory, metadata); !written) {
    return print_error(written.error());
  }
  if (o.common.verbose) fmt::print("{}\n", results::dump(results::to_json(metadata)));
  return 0;
}

int execute(KvCacheOptions& o) {
  complete(o.common);
  if (Status same = verify_lockfile(o.common.verify_lockfile, launcher_of({})); !same) return print_error(same.error());
  note_unjudged(o.common, "datasize");
  note_without_effect("kvcache datasize",
                      {{o.common.quiet, "--quiet"},
                       {o.common.skip_validation, "--skip-validation"},
                       {o.common.what_if, "--what-if"},
                       {!o.common.config_dir.empty(), "--config-dir"}},
                      "it runs no engine and needs no workload file");
  const auto model = mlperf::kvcache_model(o.model);
  if (!model) return print_error(model.error());
  int code = 0;
  for (int loop = 0; loop < o.common.loops && code == 0; ++loop) code = run_once(o, *model);
  return code;
}

}  // namespace

void add_kvcache(CLI::App& app, int& exit_code) {
  CLI::App* kvcache = app.add_subcommand("kvcache", "key/value cache (preview): sizes");
  kvcache->require_subcommand(1);
  kvcache->footer("example:\n  stoker kvcache datasize --model llama3.1-70b-instruct --num-users 70");
  const auto o = std::make_shared<KvCacheOptions>();
  CLI::App* sub = kvcache->add_subcommand("datasize", "how much memory and storage the caches of users take");
  sub->footer("example:\n  stoker kvcache datasize --model llama3.1-70b-instruct --num-users 70");
  std::vector<std::string_view> models;
  for (const auto& model : mlperf::kvcache_models()) models.push_back(model.name);
  sub->add_option("-m,--model", o->model, fmt::format("one of {}", fmt::join(models, ", ")))->capture_default_str();
  sub->add_option("--num-users,--nu", o->num_users, "users at the same time")
      ->capture_default_str()
      ->transform(whole_number(1, 1000000000));
  sub->add_option("--gpu-mem-gb", o->gpu_mem_gb, "memory of the GPU tier in GiB")
      ->capture_default_str()
      ->transform(real_number(0, 1e9));
  sub->add_option("--cpu-mem-gb", o->cpu_mem_gb, "memory of the CPU tier in GiB")
      ->capture_default_str()
      ->transform(real_number(0, 1e9));
  sub->add_option("--cache-dir", o->cache_dir, "folder of the storage tier, to compare its free space");
  add_common_options(*sub, o->common);
  sub->callback([o, &exit_code] { exit_code = execute(*o); });
  add_unavailable(*kvcache, "run", "measure", exit_code);
}

}  // namespace stoker::app
