#include "data/audit/repair.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/plural.h"
#include "base/printable.h"
#include "base/units.h"
#include "data/datagen/generate.h"
#include "data/datagen/kept_files.h"
#include "data/dataset/folder_lock.h"
#include "data/format/codec_library.h"
#include "data/io/whole_file.h"
#include "results/dataset_manifest.h"

namespace stoker::audit {

Status check_repairable(const ExpectedFiles& files, std::string_view version) {
  if (!files.is_described()) {
    return make_error(Code::kInvalidArgument,
                      "has no manifest (stoker_dataset.json), so nothing is known of what its "
                      "files should hold");
  }
  const auto another = [](std::string_view did, std::string_view found, std::string_view here) {
    return Error{
        .code = Code::kUnsupported,
        .message = fmt::format("was {} {}, and this is {}, which writes other bytes", did, printable_line(found), here),
        .hint = "repair it with that version, or generate the data set again"};
  };
  const results::DatasetManifest& manifest = files.manifest();
  if (manifest.generator_version != version) {
    return another("written by stoker", manifest.generator_version, version);
  }
  const auto library = format::codec_library(files.workload());
  if (manifest.codec_library != library) {
    return another("compressed by", manifest.codec_library.value_or("a library that its manifest does not name"),
                   library.value_or("none"));
  }
  return {};
}

namespace {

// Of file g and the files beside it.
std::vector<io::Path> paths_of(const dataset::Layout& layout, std::uint64_t g) {
  const dataset::FileSpec spec = layout.file(g);
  std::vector<io::Path> paths{spec.path};
  for (std::size_t side = 0; side < layout.side_files(); ++side) paths.push_back(layout.side_path(spec, side));
  return paths;
}

// What is no file cannot be replaced by one: the others are written, and this fault is told again.
bool can_be_written(io::Storage& storage, const dataset::Layout& layout, std::uint64_t g) {
  return std::ranges::none_of(paths_of(layout, g), [&](const io::Path& path) {
    const auto size = storage.file_size(path);
    return !size && size.error().code == Code::kCorrupt;
  });
}

}  // namespace

Result<format::WriteStats> repair_files(const RepairRequest& request, const std::stop_token& stop) {
  const datagen::Request files{.workload = request.files.workload(),
                               .format = request.files.format(),
                               .layout = request.files.layout(),
                               .storage = request.storage,
                               .threads = request.ranks};
  datagen::KeptFiles kept(request.files.size());
  auto faulty = request.faulty.begin();
  for (std::uint64_t g = 0; g < request.files.size(); ++g) {
    if (faulty != request.faulty.end() && *faulty == g) {
      ++faulty;
      if (can_be_written(request.storage, files.layout, g)) {
        for (const io::Path& path : paths_of(files.layout, g))
          STOKER_TRY(request.storage.make_directories(path.parent_path()));
        continue;
      }
    }
    kept.add(g);
    ++kept.files;
  }
  const auto progress = [&](std::uint64_t n, std::uint64_t bytes) {
    if (request.progress) request.progress(n, bytes);
  };
  return datagen::write_share(files, kept, request.journal, progress, stop);
}

namespace {

// Of a data set all of whose files were looked at and have a record.
Status make_complete(io::Storage& storage, const ExpectedFiles& files) {
  results::DatasetManifest manifest = files.manifest();
  manifest.complete = true;
  return io::replace_whole(storage, files.layout().root() / dataset::kManifestName, results::manifest_text(manifest));
}

// The same of the files as they are now.
VerifyRequest of_files(const VerifyRequest& request, const ExpectedFiles& files) {
  return {.storage = request.storage,
          .files = files,
          .only = request.only,
          .sample_percent = request.sample_percent,
          .values = request.values,
          .ranks = request.ranks,
          .faulty = request.faulty,
          .progress = request.progress};
}

// Files whose record is missing or damaged get one, which takes a comparison by value first: nothing else is known of
// them.
VerifyRequest with_records(VerifyRequest request, dataset::FileJournal& journal) {
  request.make_records = true;
  request.fine = [&journal](std::uint64_t number, const ExpectedFile& file, const FileCheck& check) -> Status {
    if (file.record || !check.checksum) return {};
    return journal.add(number, {.rows = check.rows, .bytes = check.bytes, .checksum = *check.checksum});
  };
  return request;
}

// A manifest of unknown origin may name any number of files.
Status check_room(io::Storage& storage, const ExpectedFiles& files) {
  const io::Path& root = files.layout().root();
  STOKER_ASSIGN(const std::optional<io::SpaceInfo> space, storage.space(root));
  if (!space) return {};
  const std::uint64_t bytes = dataset::records_bytes(files.size(), 0, 1, space->block_bytes);
  if (bytes <= space->free_bytes) return {};
  return make_error(Code::kNoSpace, "{}: the records of the {} that the manifest names need {}, but only {} are free",
                    root.string(), counted_long(files.size(), "file"), format_bytes(static_cast<double>(bytes)),
                    format_bytes(static_cast<double>(space->free_bytes)));
}

}  // namespace

Result<Repaired> verify_and_repair(const VerifyRequest& request, const io::Path& path, const RepairEvents& events,
                                   const std::stop_token& stop) {
  io::Storage& storage = request.storage;
  const io::Path& root = request.files.layout().root();
  const dataset::RecordsKey key = request.files.records_key();
  STOKER_TRY(check_claims(request));
  STOKER_TRY(check_room(storage, request.files));
  STOKER_ASSIGN(const auto lock, dataset::FolderLock::take(storage, root, dataset::kDataLockName,
                                                           dataset::this_process("repair of the data set")));
  // What an interrupted datagen knew of its files first: the journal of this run takes the name of one of its own.
  STOKER_TRY(dataset::merge_records(storage, root, key));
  STOKER_ASSIGN(const ExpectedFiles files, ExpectedFiles::find(storage, path));
  STOKER_ASSIGN(const auto journal, dataset::FileJournal::create(storage, root, 0, key));
  Repaired out;
  STOKER_ASSIGN(out.before, verify_files(with_records(of_files(request, files), *journal), stop));
  if (out.before.faulty > 0) {
    if (events.writing) events.writing(out.before.faulty);
    STOKER_ASSIGN(out.written, repair_files({.storage = storage,
                                             .files = files,
                                             .faulty = out.before.faulty_files,
                                             .journal = *journal,
                                             .ranks = request.ranks,
                                             .progress = events.written},
                                            stop));
  }
  STOKER_TRY(journal->close());
  STOKER_ASSIGN(const dataset::MergedRecords merged, dataset::merge_records(storage, root, key));
  out.after = out.before;
  if (out.before.faulty > 0) {
    STOKER_ASSIGN(const ExpectedFiles repaired, ExpectedFiles::find(storage, path));
    VerifyRequest again = of_files(request, repaired);
    again.only = out.before.faulty_files;
    again.progress = nullptr;
    STOKER_ASSIGN(out.after, verify_files(again, stop));
  }
  const bool all_are_well = out.after.faulty == 0 && out.before.files == files.size() && merged.files == files.size();
  if (all_are_well && !files.manifest().complete) STOKER_TRY(make_complete(storage, files));
  out.after.is_incomplete = !files.manifest().complete && !all_are_well;
  return out;
}

}  // namespace stoker::audit
