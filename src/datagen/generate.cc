#include "datagen/generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/plural.h"

namespace stoker::datagen {
namespace {

// Tells how many bytes went by, so that a file of many GiB shows progress before it is complete.
class ObservedFile final : public io::WritableFile {
 public:
  ObservedFile(io::WritableFile& file, const ProgressFunction& added) : file_(file), added_(added) {}

  Status append(Bytes data) override {
    STOKER_TRY(file_.append(data));
    added_(0, data.size());
    return {};
  }
  [[nodiscard]] std::uint64_t position() const override { return file_.position(); }
  Status sync() override { return file_.sync(); }
  Status close() override { return file_.close(); }

 private:
  io::WritableFile& file_;
  const ProgressFunction& added_;
};

// Writes one file under its temporary name and renames it. Leaves nothing behind when it fails.
Result<std::uint64_t> write_file(io::Storage& storage, format::FileWriter& writer, const dataset::FileSpec& spec,
                                 const ProgressFunction& added, const std::stop_token& stop) {
  io::Path temporary = spec.path;
  temporary += ".tmp";
  const auto write = [&]() -> Result<std::uint64_t> {
    STOKER_ASSIGN(auto file, storage.create(temporary));
    ObservedFile observed(*file, added);
    STOKER_TRY(writer.write(spec, observed, stop));
    const std::uint64_t bytes = file->position();
    STOKER_TRY(file->close());
    STOKER_TRY(storage.rename(temporary, spec.path));
    return bytes;
  };
  auto bytes = write();
  // The error that counts is the first one; that a half file could not be removed either adds nothing.
  if (!bytes) static_cast<void>(storage.remove(temporary));
  return bytes;
}

}  // namespace

Status make_folders(const Request& request) {
  for (const auto split : {dataset::Split::kTrain, dataset::Split::kEval}) {
    const io::Path folder = request.layout.split_folder(split);
    STOKER_TRY(request.storage.make_directories(folder));
    const std::uint64_t folders = std::min(request.layout.folders(split), request.layout.files(split));
    for (std::uint64_t i = 0; folders > 1 && i < folders; ++i) {
      STOKER_TRY(request.storage.make_directories(folder / request.layout.subfolder(split, i)));
    }
  }
  return {};
}

Result<format::WriteStats> write_share(const Request& request, const ProgressFunction& added,
                                       const std::stop_token& stop) {
  const auto rank = static_cast<std::uint64_t>(request.rank);
  const auto ranks = static_cast<std::uint64_t>(request.ranks);
  const std::uint64_t total = request.layout.total_files();
  const std::uint64_t share = total > rank ? (total - rank + ranks - 1) / ranks : 0;

  std::mutex mutex;
  format::WriteStats stats;
  std::optional<Error> first_error;
  std::atomic<std::uint64_t> next{0};
  std::stop_source inner;
  const std::stop_callback forward(stop, [&] { inner.request_stop(); });

  const auto fail = [&](Error error) {
    const std::lock_guard lock(mutex);
    // Writers that end because another one failed report an interruption; the cause came first.
    if (!first_error) first_error = std::move(error);
    inner.request_stop();
  };
  const auto work = [&] {
    auto writer = request.format.make_writer(request.workload);
    if (!writer) return fail(std::move(writer).error());
    while (!inner.stop_requested()) {
      const std::uint64_t i = next.fetch_add(1);
      if (i >= share) return;
      const dataset::FileSpec spec = request.layout.file(rank + i * ranks);
      auto bytes = write_file(request.storage, **writer, spec, added, inner.get_token());
      if (!bytes) return fail(std::move(bytes).error());
      {
        const std::lock_guard lock(mutex);
        ++stats.files;
        stats.rows += spec.rows;
        stats.bytes += *bytes;
      }
      added(1, 0);
    }
  };

  const auto threads = static_cast<std::size_t>(std::min<std::uint64_t>(std::max(request.threads, 1U), share));
  {
    std::vector<std::jthread> others;
    for (std::size_t t = 1; t < threads; ++t) others.emplace_back(work);
    if (share > 0) work();
  }
  // Writers stopped in the middle of a file say so of that file; the run was interrupted.
  if (first_error && !(stop.stop_requested() && first_error->code == Code::kInterrupted))
    return std::move(*first_error);
  if (stop.stop_requested()) {
    return make_error(Code::kInterrupted, "interrupted after {} of {} of this rank", stats.files,
                      counted(share, "file"));
  }
  return stats;
}

}  // namespace stoker::datagen
