// Verifies many files: those of a data set, or of a folder.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/status.h"
#include "data/audit/expected_files.h"
#include "data/audit/verify_file.h"
#include "data/io/storage.h"

namespace stoker::audit {

// Which files are looked at: a part of all, chosen by chance but always the same ones.
class Sample {
 public:
  // `percent` in (0, 100]; at least one file, if there are any.
  Sample(std::uint64_t files, double percent);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] bool is_all() const { return size_ == order_.size(); }
  // The i-th file of the sample; i < size(). A sample of all files is in their order.
  [[nodiscard]] std::uint64_t file(std::uint64_t i) const { return is_all() ? i : order_(i); }

 private:
  Permutation order_;
  std::uint64_t size_;
};

struct Verified {
  std::uint64_t files = 0, bytes = 0, rows = 0;  // looked at
  std::uint64_t faulty = 0, missing = 0;         // files; a missing one is also faulty
  std::uint64_t faults = 0;                      // of all files, told of or not
  std::vector<std::uint64_t> faulty_files;       // numbers in ExpectedFiles, sorted
  bool is_incomplete = false;                    // the manifest says that datagen did not finish
  [[nodiscard]] bool is_fine() const { return faulty == 0 && !is_incomplete; }
};

struct VerifyRequest {
  io::Storage& storage;
  const ExpectedFiles& files;
  std::vector<std::uint64_t> only{};  // numbers of files, instead of a sample; empty: the sample
  double sample_percent = 100;
  bool values = false;
  bool make_records = false;  // VerifyOptions::make_records
  unsigned ranks = 1;
  // Every file with faults, one at a time.
  std::function<void(const ExpectedFile& file, const FileCheck& check)> faulty = nullptr;
  // Every file without faults, from any thread; an error ends the whole.
  std::function<Status(std::uint64_t number, const ExpectedFile& file, const FileCheck& check)> fine = nullptr;
  // A file is done; from any thread.
  std::function<void(std::uint64_t bytes)> progress = nullptr;
};

// Whether values can be compared: Code::kInvalidArgument without a manifest, Code::kUnsupported for a format without
// values. The path is the caller's to say.
[[nodiscard]] Status check_values_known(const ExpectedFiles& files);

// What lies beside a data set that has a manifest: "3 other files, 1.2 GiB: train/a.csv, ..."; "" when nothing does,
// and without a manifest. Lists all folders of the data set.
[[nodiscard]] std::string others_beside(io::Storage& storage, const ExpectedFiles& files);

// Files that may be missing without a word beside their own; without records there is nothing else that bounds what a
// manifest can claim.
inline constexpr std::uint64_t kMissingMost = 1'000'000;

// Code::kCorrupt when so many files are to be looked at, of which there are no records, that more would be missing.
// Lists all folders of a data set that may be such a one.
[[nodiscard]] Status check_claims(const VerifyRequest& request);

// check_claims first. Code::kInterrupted when a stop was requested; faults are no error.
[[nodiscard]] Result<Verified> verify_files(const VerifyRequest& request, const std::stop_token& stop);

}  // namespace stoker::audit
