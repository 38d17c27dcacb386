// A storage that holds one file in memory, whatever its name, and keeps no record of who reads it: for those who count
// allocations or time.
#pragma once

#include <cstring>
#include <memory>
#include <vector>

#include "data/io/storage.h"

namespace stoker::format::parquet::testing {

class OneFile final : public io::ReadableFile {
 public:
  explicit OneFile(const std::vector<std::byte>& content) : content_(content) {}
  [[nodiscard]] std::uint64_t size() const override { return content_.size(); }
  [[nodiscard]] std::size_t alignment() const override { return 1; }
  Status read_many(std::span<const io::ReadOp> ops, io::ReadObserver*) override {
    for (const io::ReadOp& op : ops) std::memcpy(op.into.data(), content_.data() + op.offset, op.into.size());
    return {};
  }
  [[nodiscard]] const io::Path& path() const override { return path_; }

 private:
  const std::vector<std::byte>& content_;
  io::Path path_ = "f.parquet";
};

class OneFileStorage final : public io::Storage {
 public:
  explicit OneFileStorage(const std::vector<std::byte>& content) : content_(content) {}
  Result<std::unique_ptr<io::ReadableFile>> open(const io::Path&, const io::OpenOptions&) override {
    return std::unique_ptr<io::ReadableFile>(std::make_unique<OneFile>(content_));
  }
  Result<std::unique_ptr<io::WritableFile>> create(const io::Path&, const io::WriteOptions&) override {
    return unused();
  }
  Result<std::unique_ptr<io::LogFile>> create_log(const io::Path&) override { return unused(); }
  Result<bool> create_if_absent(const io::Path&, std::string_view) override { return unused(); }
  Result<std::uint64_t> file_size(const io::Path&) override { return unused(); }
  Result<bool> exists(const io::Path&) override { return unused(); }
  Result<std::vector<io::DirEntry>> list(const io::Path&, io::Sizes) override { return unused(); }
  Status make_directories(const io::Path&) override { return unused(); }
  Status remove(const io::Path&) override { return unused(); }
  Result<bool> remove_empty_directory(const io::Path&) override { return unused(); }
  Result<std::optional<io::SpaceInfo>> space(const io::Path&) override { return unused(); }
  Status flush(const io::Path&) override { return unused(); }
  std::string describe_reads(const io::OpenOptions&) const override { return "one file"; }
  std::string describe_writes(bool) const override { return "none"; }

 private:
  static Error unused() { return make_error(Code::kUnsupported, "only for reading"); }
  const std::vector<std::byte>& content_;
};

}  // namespace stoker::format::parquet::testing
