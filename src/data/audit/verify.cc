#include "data/audit/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>

#include "base/plural.h"
#include "base/printable.h"
#include "data/audit/parallel.h"
#include "data/dataset/other_files.h"
#include "data/format/value_checker.h"

namespace stoker::audit {
namespace {

// Samples of one size are always the same files.
constexpr std::uint64_t kSampleSeed = 1;

std::uint64_t sample_size(std::uint64_t files, double percent) {
  const auto part = static_cast<std::uint64_t>(std::ceil(static_cast<double>(files) * percent / 100));
  return std::min(files, std::max<std::uint64_t>(part, 1));
}

// Files that are to be looked at.
std::uint64_t count_of(const VerifyRequest& request) {
  return request.only.empty() ? Sample(request.files.size(), request.sample_percent).size() : request.only.size();
}

}  // namespace

Sample::Sample(std::uint64_t files, double percent) : order_(files, kSampleSeed), size_(sample_size(files, percent)) {}

Status check_values_known(const ExpectedFiles& files) {
  if (!files.is_described()) {
    return make_error(Code::kInvalidArgument,
                      "has no manifest (stoker_dataset.json), so nothing is known of the values of its files");
  }
  STOKER_TRY(format::make_checker(files.workload()));
  return {};
}

std::string others_beside(io::Storage& storage, const ExpectedFiles& files) {
  return files.is_described() ? dataset::to_text(dataset::other_files(storage, files.layout())) : std::string();
}

Status check_claims(const VerifyRequest& request) {
  const ExpectedFiles& files = request.files;
  const std::uint64_t count = count_of(request);
  if (!files.is_described() || files.has_records() || count <= kMissingMost) return {};
  const std::uint64_t there = dataset::other_files(request.storage, files.layout()).own;
  if (count - kMissingMost <= there) return {};
  return Error{
      .code = Code::kCorrupt,
      .message = fmt::format("{}: names {}, of which {} lie there, and there are no records of the others",
                             printable_line((files.layout().root() / results::kManifestName).string()),
                             counted_long(files.size(), "file"), format_count(there)),
      .hint = fmt::format("name the folder that this manifest belongs to, or write what is missing with datagen; "
                          "without the manifest the files that are there are verified by themselves; up to {} may be "
                          "missing",
                          format_count(kMissingMost))};
}

Result<Verified> verify_files(const VerifyRequest& request, const std::stop_token& stop) {
  STOKER_TRY(check_claims(request));
  const Sample sample(request.files.size(), request.sample_percent);
  const VerifyOptions options{.values = request.values,
                              .make_records = request.make_records,
                              .workload = request.files.is_described() ? &request.files.workload() : nullptr};
  std::mutex mutex;
  Verified out;
  out.is_incomplete = request.files.is_described() && !request.files.manifest().complete;
  const auto look = [&](FileVerifier& verifier, std::uint64_t i, const std::stop_token& token) -> Status {
    const std::uint64_t number = request.only.empty() ? sample.file(i) : request.only[i];
    const ExpectedFile expected = request.files.file(number);
    STOKER_ASSIGN(const FileCheck check, verifier.verify(expected, token));
    if (request.progress) request.progress(check.bytes);
    if (check.is_fine() && request.fine) STOKER_TRY(request.fine(number, expected, check));
    const std::lock_guard lock(mutex);
    ++out.files;
    out.bytes += check.bytes;
    out.rows += check.rows;
    if (check.is_fine()) return {};
    ++out.faulty;
    out.missing += check.is_missing ? 1 : 0;
    out.faults += check.faults.size();
    out.faulty_files.push_back(number);
    if (request.faulty) request.faulty(expected, check);
    return {};
  };
  STOKER_TRY(for_each(count_of(request), request.ranks, stop, [&]() -> WorkFunction {
    const auto verifier = std::make_shared<FileVerifier>(request.storage, options);
    return [&look, verifier](std::uint64_t i, const std::stop_token& token) { return look(*verifier, i, token); };
  }));
  std::ranges::sort(out.faulty_files);
  return out;
}

}  // namespace stoker::audit
