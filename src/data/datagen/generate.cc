#include "data/datagen/generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "base/checksum.h"
#include "base/plural.h"
#include "data/datagen/kept_files.h"
#include "data/datagen/sizes.h"
#include "data/format/side_files.h"

namespace stoker::datagen {
namespace {

// Sees the bytes on their way: how many, so that a file of many GiB shows progress before it is complete, and which,
// for the file's checksum. They are hashed while they are still in the cache from being made.
class ObservedSink final : public io::Sink {
 public:
  ObservedSink(io::Sink& file, const ProgressFunction& added) : file_(file), added_(added) {}

  Status append(Bytes data) override {
    checksum_.add(data);
    STOKER_TRY(file_.append(data));
    added_(0, data.size());
    return {};
  }
  Result<MutBytes> lend() override {
    STOKER_ASSIGN(lent_, file_.lend());
    return lent_;
  }
  Status give_back(std::size_t bytes) override {
    checksum_.add(lent_.first(bytes));
    STOKER_TRY(file_.give_back(bytes));
    added_(0, bytes);
    return {};
  }
  [[nodiscard]] std::uint64_t position() const override { return file_.position(); }
  [[nodiscard]] std::uint64_t checksum() const { return checksum_.value(); }

 private:
  io::Sink& file_;
  const ProgressFunction& added_;
  Checksum checksum_;
  MutBytes lent_;
};

io::DirectWrites direct_writes(config::WriteDirect wanted) {
  switch (wanted) {
    case config::WriteDirect::kAuto: return io::DirectWrites::kWherePossible;
    case config::WriteDirect::kAlways: return io::DirectWrites::kYes;
    case config::WriteDirect::kNever: break;
  }
  return io::DirectWrites::kNo;
}

struct Written {
  dataset::FileRecord record;
  std::uint64_t direct_bytes = 0;
  std::uint64_t side_bytes = 0;
};

// What a thread writes with.
struct Tools {
  std::unique_ptr<format::FileWriter> writer;
  FileSizes sizes;
  format::SideFiles sides;
};

// Side files first: a file that lies under its name has them.
Result<Written> write_file(const Request& request, Tools& tools, const dataset::FileSpec& spec,
                           const ProgressFunction& added, const std::stop_token& stop) {
  STOKER_ASSIGN(const std::uint64_t side_bytes, tools.sides.write(request.storage, spec, stop));
  if (side_bytes > 0) added(0, side_bytes);
  STOKER_ASSIGN(const format::SizeRange size, tools.sizes.of(spec));
  const io::WriteOptions options{.direct = direct_writes(request.workload.dataset.write_direct),
                                 .bytes_least = size.least,
                                 .bytes_most = size.most};
  STOKER_ASSIGN(const auto file, request.storage.create(spec.path, options));
  ObservedSink observed(*file, added);
  STOKER_TRY(tools.writer->write(spec, observed, stop));
  const Written written{.record = {.rows = spec.rows, .bytes = file->position(), .checksum = observed.checksum()},
                        .direct_bytes = file->direct_bytes(),
                        .side_bytes = side_bytes};
  STOKER_TRY(file->commit());
  return written;
}

}  // namespace

Share share_of(const Request& request) {
  return {.rank = static_cast<std::uint64_t>(request.rank),
          .ranks = static_cast<std::uint64_t>(request.ranks),
          .files = request.layout.total_files()};
}

Status make_folders(const Request& request) {
  for (const auto split : {dataset::Split::kTrain, dataset::Split::kEval}) {
    const io::Path folder = request.layout.split_folder(split);
    STOKER_TRY(request.storage.make_directories(folder));
    const std::uint64_t folders = std::min(request.layout.folders(split), request.layout.files(split));
    for (std::uint64_t i = 0; i < folders; ++i) {
      const io::Path below = request.layout.subfolder(split, i);
      if (below.empty()) break;  // all files lie in the split's folder
      STOKER_TRY(request.storage.make_directories(folder / below));
    }
    for (const std::string& side : request.layout.side_folders())
      STOKER_TRY(request.storage.make_directories(request.layout.root() / side / dataset::folder_name(split)));
  }
  return {};
}

Result<format::WriteStats> write_share(const Request& request, const KeptFiles& kept, dataset::FileJournal& journal,
                                       const ProgressFunction& added, const std::stop_token& stop) {
  const Share share = share_of(request);
  std::mutex mutex;
  format::WriteStats stats;
  const auto make_worker = [&]() -> Result<Worker> {
    STOKER_ASSIGN(auto made, request.format.make_writer(request.workload));
    // A std::function is copied.
    const auto tools = std::make_shared<Tools>(Tools{std::move(made), FileSizes(request.workload, request.format),
                                                     format::SideFiles(request.workload, request.format)});
    return Worker([&, tools](std::uint64_t i, std::uint64_t, const std::stop_token& inner) -> Status {
      if (kept.contains(i)) return {};
      const dataset::FileSpec spec = request.layout.file(share.file(i));
      STOKER_ASSIGN(const Written written, write_file(request, *tools, spec, added, inner));
      STOKER_TRY(journal.add(spec.index, written.record));
      {
        const std::lock_guard lock(mutex);
        ++stats.files;
        stats.rows += written.record.rows;
        stats.bytes += written.record.bytes + written.side_bytes;
        stats.direct_bytes += written.direct_bytes;
      }
      added(1, 0);
      return {};
    });
  };
  STOKER_TRY(for_share(share.size(), 1, request.threads, make_worker, stop));
  if (stop.stop_requested()) {
    return make_error(Code::kInterrupted, "interrupted after {} of {} of this rank", stats.files,
                      counted(share.size() - kept.files, "file"));
  }
  return stats;
}

}  // namespace stoker::datagen
