#include "data/audit/verify_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/checksum.h"
#include "base/printable.h"
#include "base/units.h"
#include "data/format/file_info.h"
#include "data/io/whole_file.h"

namespace stoker::audit {
namespace {

// Read at a time for a checksum.
constexpr std::uint64_t kBlockBytes = 4 * kMiB;

// What says nothing about the file.
bool is_no_fault(const Error& error) {
  return error.code == Code::kInterrupted || error.code == Code::kLimit;
}

}  // namespace

// One file.
class FileVerifier::Check {
 public:
  Check(FileVerifier& owner, const ExpectedFile& expected, const std::stop_token& stop)
      : owner_(owner), options_(owner.options_), expected_(expected), stop_(stop), path_(expected.file.path) {}

  Result<FileCheck> run() {
    STOKER_TRY(look());
    return std::move(out_);
  }

 private:
  Status look() {
    if (!expected_.record_fault.empty()) add(expected_.record_fault);
    if (const Status taken = owner_.storage_.take(path_); !taken) return not_taken(taken.error());
    out_.bytes = owner_.storage_.file().size();
    if (expected_.record && expected_.record->bytes != out_.bytes)
      add(fmt::format("is {} bytes long, expected {}", out_.bytes, expected_.record->bytes));
    const std::size_t before = out_.faults.size();
    if (expected_.record || options_.make_records) STOKER_TRY(compute_checksum());
    // A file of another size has another checksum, and need not be told so; its structure says where it ends.
    const bool differs = expected_.record && out_.checksum && *out_.checksum != expected_.record->checksum;
    STOKER_TRY(read_structure(options_.values || differs || (options_.make_records && !expected_.record)));
    STOKER_TRY(check_side_files());
    if (differs && out_.faults.size() == before) {
      add(fmt::format("has checksum {:016x}, expected {:016x}", *out_.checksum, expected_.record->checksum));
    }
    return {};
  }

  // What lies there instead says more than that it cannot be opened.
  Status not_taken(const Error& error) {
    if (is_no_fault(error)) return error;
    const auto size = owner_.storage_.file_size(path_);
    if (!size) {
      if (is_no_fault(size.error())) return size.error();
      out_.is_missing = size.error().code == Code::kNotFound;
      add(out_.is_missing ? "is missing" : size.error().message);
      return {};
    }
    out_.bytes = *size;
    if (expected_.record && expected_.record->bytes != *size)
      add(fmt::format("is {} bytes long, expected {}", *size, expected_.record->bytes));
    add(error.message);
    out_.has_more = true;
    return {};
  }

  Status compute_checksum() {
    if (const auto bytes = owner_.storage_.bytes()) {
      out_.checksum = checksum(*bytes);
      return {};
    }
    const auto sum = io::content_checksum(owner_.storage_.file(), owner_.block_, kBlockBytes, stop_);
    if (!sum) return take(sum.error());
    out_.checksum = *sum;
    return {};
  }

  // A fault is added and not returned.
  Status take(const Error& error) {
    if (is_no_fault(error)) return error;
    add(error.message);
    return {};
  }

  Status read_structure(bool with_values) {
    // Every header first: it says more about a broken file than what follows it.
    const auto info = inspect_file(owner_.storage_, expected_.file, format::Detail::kStorage);
    if (!info) return take(info.error());
    const auto file = owner_.reader_.open(expected_.file, *info);
    if (!file) return take(file.error());
    out_.rows = (*file)->rows();
    if (expected_.spec && out_.rows != expected_.spec->rows)
      add(fmt::format("has {} rows, expected {}", out_.rows, expected_.spec->rows));
    return read_values(**file, with_values);
  }

  Status check_side_files() {
    if (!expected_.spec || options_.workload == nullptr) return {};
    if (!owner_.sides_) owner_.sides_.emplace(*options_.workload, *expected_.file.format);
    const Status checked = owner_.sides_->check(owner_.storage_, *expected_.spec, stop_);
    return checked ? Status{} : take(checked.error());
  }

  Status read_values(format::FileReader& file, bool with_values) {
    format::ValueChecker* checker = nullptr;
    if (with_values && options_.workload != nullptr && expected_.file.format->make_checker != nullptr) {
      if (owner_.checker_ == nullptr) {
        STOKER_ASSIGN(owner_.checker_, expected_.file.format->make_checker(*options_.workload));
      }
      checker = owner_.checker_.get();
    }
    RowsToRead what{.stop = stop_};
    what.fault = [&](Error error) -> Status {
      if (is_no_fault(error) || out_.faults.size() >= kFaultsPerFile) return error;
      add(error.message);
      return {};
    };
    const auto check = [&](std::uint64_t first_row, const format::Chunk& chunk) -> Status {
      return checker != nullptr ? checker->check(*expected_.spec, first_row, chunk) : Status();
    };
    const Status read = owner_.reader_.read(file, what, check);
    if (read.has_value()) return {};
    if (is_no_fault(read.error())) return read;
    out_.has_more = true;
    return {};
  }

  // Messages of the layers below begin with the path; here it stands in front of every fault anyway.
  void add(std::string_view message) {
    const std::string path = path_.string();
    for (const std::string& own : {path, printable_line(path)}) {
      if (!message.starts_with(own + ": ")) continue;
      message.remove_prefix(own.size() + 2);
      break;
    }
    out_.faults.push_back(printable_line(message));
  }

  FileVerifier& owner_;
  const VerifyOptions& options_;
  const ExpectedFile& expected_;
  const std::stop_token& stop_;
  const io::Path& path_;
  FileCheck out_;
};

FileVerifier::FileVerifier(io::Storage& storage, const VerifyOptions& options)
    : options_(options), storage_(storage), reader_(storage_, config::Decode::kArrays, options.workload) {}

Result<FileCheck> FileVerifier::verify(const ExpectedFile& expected, const std::stop_token& stop) {
  return Check(*this, expected, stop).run();
}

}  // namespace stoker::audit
