#include "audit/repair.h"

#include <fmt/format.h>

#include <utility>

#include "base/printable.h"
#include "datagen/generate.h"
#include "datagen/kept_files.h"
#include "results/dataset_manifest.h"

namespace stoker::audit {

Status check_repairable(const ExpectedFiles& files, std::string_view version) {
  if (!files.is_described()) {
    return make_error(Code::kInvalidArgument,
                      "has no manifest (stoker_dataset.json), so nothing is known of what its "
                      "files should hold");
  }
  if (files.manifest().generator_version == version) return {};
  return Error{.code = Code::kUnsupported,
               .message = fmt::format("was written by stoker {}, and this is {}, which writes other bytes",
                                      printable_line(files.manifest().generator_version), version),
               .hint = "repair it with that version, or generate the data set again"};
}

Result<format::WriteStats> repair_files(const RepairRequest& request, const std::stop_token& stop) {
  const datagen::Request files{.workload = request.files.workload(),
                               .format = request.files.format(),
                               .layout = request.files.layout(),
                               .storage = request.storage,
                               .threads = request.ranks};
  STOKER_TRY(datagen::make_folders(files));
  datagen::KeptFiles kept(request.files.size());
  auto faulty = request.faulty.begin();
  for (std::uint64_t g = 0; g < request.files.size(); ++g) {
    if (faulty != request.faulty.end() && *faulty == g) {
      ++faulty;
    } else {
      kept.add(g);
    }
  }
  const auto progress = [&](std::uint64_t n, std::uint64_t bytes) {
    if (request.progress) request.progress(n, bytes);
  };
  return datagen::write_share(files, kept, request.journal, progress, stop);
}

namespace {

// The journal becomes part of the table. A data set all of whose files have records is complete.
Status finish_records(io::Storage& storage, const ExpectedFiles& files) {
  const io::Path& root = files.layout().root();
  STOKER_ASSIGN(const dataset::MergedRecords merged, dataset::merge_records(storage, root, files.records_key()));
  if (files.manifest().complete || merged.files < files.size()) return {};
  results::DatasetManifest manifest = files.manifest();
  manifest.complete = true;
  return results::write_manifest(root, manifest);
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

}  // namespace

Result<Repaired> verify_and_repair(const VerifyRequest& request, const io::Path& path, const RepairEvents& events,
                                   const std::stop_token& stop) {
  io::Storage& storage = request.storage;
  const io::Path& root = request.files.layout().root();
  const dataset::RecordsKey key = request.files.records_key();
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
  STOKER_TRY(finish_records(storage, files));
  STOKER_ASSIGN(const ExpectedFiles repaired, ExpectedFiles::find(storage, path));
  if (out.before.faulty == 0) {
    out.after = out.before;
    out.after.is_incomplete = !repaired.manifest().complete;
    return out;
  }
  VerifyRequest again = of_files(request, repaired);
  again.only = out.before.faulty_files;
  again.progress = nullptr;
  STOKER_ASSIGN(out.after, verify_files(again, stop));
  return out;
}

}  // namespace stoker::audit
