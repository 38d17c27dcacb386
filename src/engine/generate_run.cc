#include "engine/generate_run.h"

#include <fmt/format.h>

#include <array>

#include "base/plural.h"
#include "base/units.h"
#include "datagen/generate.h"
#include "datagen/sizes.h"
#include "dataset/layout.h"
#include "dataset/other_files.h"
#include "engine/data_space.h"
#include "results/dataset_manifest.h"

namespace stoker::engine {
namespace {

// Runs take the files of this data set only, so what lies beside them takes space and is read by nobody.
Status tell_others(Context& c, const dataset::Layout& layout) {
  STOKER_ASSIGN(const dataset::OtherFiles others, dataset::other_files(c.environment.storage, layout));
  if (others.count == 0) return {};
  c.reporter.warning(fmt::format("{}: beside the data set there are {}; they are not read, and stay",
                                 layout.root().string(), dataset::to_text(others)));
  return {};
}

}  // namespace

Result<metrics::GenerationMetrics> generate(Context& c) {
  const dataset::Layout layout(c.workload);
  const datagen::Request request{c.workload,    c.format,      layout,         c.environment.storage,
                                 c.comm.rank(), c.comm.size(), c.write_threads};
  results::DatasetManifest manifest = results::manifest_of(c.workload, STOKER_VERSION);

  Status ready;
  format::SizeRange size;
  const auto prepare = [&]() -> Status {
    STOKER_TRY(tell_others(c, layout));
    STOKER_TRY(check_space(request, manifest, {}));
    STOKER_ASSIGN(size, datagen::total_bytes(request));
    STOKER_TRY(datagen::make_folders(request));
    return results::write_manifest(layout.root(), manifest);
  };
  if (c.root()) ready = prepare();
  STOKER_TRY(dist::agree_on_root(c.comm, ready));
  c.reporter.output(
      fmt::format("generating {} ({} train, {} eval) of {} in {}: {}, compression {}, {}",
                  counted_long(layout.total_files(), "file"), format_count(layout.files(dataset::Split::kTrain)),
                  format_count(layout.files(dataset::Split::kEval)), counted_long(layout.samples_per_file(), "sample"),
                  layout.root().string(), config::to_string(c.workload.dataset.format),
                  config::to_string(c.workload.dataset.compression), size_text(size)));

  // The live line counts what the ranks of this process write.
  Progress& progress = c.environment.progress;
  if (c.root()) {
    progress.begin("generating", "files",
                   layout.total_files() * static_cast<std::uint64_t>(c.environment.ranks_in_process) /
                       static_cast<std::uint64_t>(c.comm.size()));
  }
  STOKER_TRY(c.comm.barrier());
  const Instant begin = c.clock().now();
  auto written = datagen::write_share(
      request, [&](std::uint64_t files, std::uint64_t bytes) { progress.add(files, bytes); }, c.environment.stop);
  const Status mine = written ? Status{} : Status{written.error()};
  const Status all = dist::agree(c.comm, mine);
  const Nanos took = c.clock().now() - begin;
  if (c.root()) progress.end();
  STOKER_TRY(all);

  std::array<double, 2> sums{static_cast<double>(written->files), static_cast<double>(written->bytes)};
  STOKER_TRY(c.comm.all_reduce(sums, dist::Op::kSum));
  Status finished;
  if (c.root()) {
    manifest.complete = true;
    finished = results::write_manifest(layout.root(), manifest);
  }
  STOKER_TRY(dist::agree_on_root(c.comm, finished));
  const auto metrics =
      metrics::generation_metrics(static_cast<std::uint64_t>(sums[0]), static_cast<std::uint64_t>(sums[1]), took);
  c.reporter.output(fmt::format("generated {}, {}, in {} ({:.1f} MiB/s)", counted_long(metrics.files, "file"),
                                format_bytes(static_cast<double>(metrics.bytes)), format_duration(metrics.seconds),
                                metrics.mib_per_second));
  return metrics;
}

}  // namespace stoker::engine
