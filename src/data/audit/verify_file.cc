#include "data/audit/verify_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "base/aligned_buffer.h"
#include "base/checksum.h"
#include "base/printable.h"
#include "base/units.h"
#include "data/audit/read_rows.h"
#include "data/format/file_info.h"
#include "data/format/value_checker.h"

namespace stoker::audit {
namespace {

// Read at a time for a checksum.
constexpr std::uint64_t kBlockBytes = 4 * kMiB;

Error interrupted() {
  return make_error(Code::kInterrupted, "interrupted");
}

// What says nothing about the file.
bool is_no_fault(const Error& error) {
  return error.code == Code::kInterrupted || error.code == Code::kLimit;
}

class Check {
 public:
  Check(io::Storage& storage, const ExpectedFile& expected, const VerifyOptions& options, const std::stop_token& stop)
      : storage_(storage), expected_(expected), options_(options), stop_(stop), path_(expected.file.path) {}

  Result<FileCheck> run() {
    STOKER_TRY(look());
    return std::move(out_);
  }

 private:
  Status look() {
    if (!expected_.record_fault.empty()) add(expected_.record_fault);
    const auto size = storage_.file_size(path_);
    if (!size) {
      if (is_no_fault(size.error())) return size.error();
      out_.is_missing = size.error().code == Code::kNotFound;
      add(out_.is_missing ? "is missing" : size.error().message);
      return {};
    }
    out_.bytes = *size;
    if (expected_.record && expected_.record->bytes != *size)
      add(fmt::format("is {} bytes long, expected {}", *size, expected_.record->bytes));
    const std::size_t before = out_.faults.size();
    if (expected_.record || options_.make_records) STOKER_TRY(compute_checksum());
    // A file of another size has another checksum, and need not be told so; its structure says where it ends.
    const bool differs = expected_.record && out_.checksum && *out_.checksum != expected_.record->checksum;
    STOKER_TRY(read_structure(options_.values || differs || (options_.make_records && !expected_.record)));
    if (differs && out_.faults.size() == before) {
      add(fmt::format("has checksum {:016x}, expected {:016x}", *out_.checksum, expected_.record->checksum));
    }
    return {};
  }

  Status compute_checksum() {
    const auto file = storage_.open(path_, {});
    if (!file) return take(file.error());
    Checksum sum;
    AlignedBuffer memory(static_cast<std::size_t>(std::min(kBlockBytes, (*file)->size())));
    for (std::uint64_t at = 0; at < (*file)->size(); at += kBlockBytes) {
      if (stop_.stop_requested()) return interrupted();
      const auto block = static_cast<std::size_t>(std::min(kBlockBytes, (*file)->size() - at));
      const MutBytes into(memory.data(), block);
      if (const Status read = io::read_at(**file, at, into); !read) return take(read.error());
      sum.add(into);
    }
    out_.checksum = sum.value();
    return {};
  }

  // A fault is added and not returned.
  Status take(const Error& error) {
    if (is_no_fault(error)) return error;
    add(error.message);
    return {};
  }

  Status read_structure(bool with_values) {
    const format::Format& format = *expected_.file.format;
    // Every header first: it says more about a broken file than what follows it.
    if (auto info = format.inspect(storage_, path_, format::Detail::kStorage); !info) return take(info.error());
    config::Workload workload = reading_workload(format, config::Decode::kArrays);
    if (expected_.spec) workload.dataset.num_samples_per_file = static_cast<std::int64_t>(expected_.spec->rows);
    STOKER_ASSIGN(const auto reader, format.make_reader(workload, storage_));
    auto file = reader->open(path_, nullptr);
    if (!file) return take(file.error());
    out_.rows = (*file)->rows();
    if (expected_.spec && out_.rows != expected_.spec->rows)
      add(fmt::format("has {} rows, expected {}", out_.rows, expected_.spec->rows));
    return read_values(**file, with_values);
  }

  Status read_values(format::FileReader& file, bool with_values) {
    std::unique_ptr<format::ValueChecker> checker;
    if (with_values && options_.workload != nullptr && expected_.file.format->make_checker != nullptr) {
      STOKER_ASSIGN(checker, expected_.file.format->make_checker(*options_.workload));
    }
    RowsToRead what{.stop = stop_};
    what.fault = [&](Error error) -> Status {
      if (is_no_fault(error) || out_.faults.size() >= kFaultsPerFile) return error;
      add(error.message);
      return {};
    };
    const Status read = read_rows(file, what, [&](std::uint64_t first_row, const format::Chunk& chunk) -> Status {
      if (checker == nullptr) return {};
      return checker->check(*expected_.spec, first_row, chunk);
    });
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

  io::Storage& storage_;
  const ExpectedFile& expected_;
  const VerifyOptions& options_;
  const std::stop_token& stop_;
  const io::Path& path_;
  FileCheck out_;
};

}  // namespace

Result<FileCheck> verify_file(io::Storage& storage, const ExpectedFile& expected, const VerifyOptions& options,
                              const std::stop_token& stop) {
  return Check(storage, expected, options, stop).run();
}

}  // namespace stoker::audit
