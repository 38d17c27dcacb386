// A reader of files that are only numbers: file "f<i>" has rows[i] rows and columns of number column_numbers[i] (1
// where none is given). Opens files without content, fails where it is told to, and remembers how often each file was
// looked at.
#pragma once

#include <charconv>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "data/format/format.h"

namespace stoker::training::testing {

class OutlineFile final : public format::FileReader {
 public:
  OutlineFile(format::Outline outline, std::uint64_t version) : outline_(outline), version_(version) {}
  [[nodiscard]] std::uint64_t rows() const override { return outline_.rows; }
  [[nodiscard]] std::uint64_t columns() const override { return outline_.columns; }
  [[nodiscard]] std::uint64_t version() const override { return version_; }
  [[nodiscard]] std::span<const format::Unit> units() const override { return {}; }
  [[nodiscard]] std::unique_ptr<format::Scratch> make_scratch() const override { return nullptr; }
  Status plan(const format::ChunkRows&, format::ReadPlan&) const override { return {}; }
  Status decompress(const format::Fetched&, format::Scratch&) const override { return {}; }
  Status decode(const format::Fetched&, format::Scratch&, format::Chunk&) const override { return {}; }

 private:
  format::Outline outline_;
  std::uint64_t version_;
};

class OutlineReader : public format::FormatReader {
 public:
  std::vector<std::uint64_t> rows;
  std::map<std::uint64_t, std::uint64_t> column_numbers, versions;
  std::optional<std::uint64_t> fails, fails_open;  // file numbers
  std::map<std::uint64_t, int> looked_at;

  Result<format::Outline> outline(const io::Path& path) override {
    const std::uint64_t file = number(path);
    {
      const std::lock_guard lock(mutex_);
      ++looked_at[file];
    }
    if (fails == file) return make_error(Code::kCorrupt, "{}: fails on purpose", path.string());
    return outline_of(file);
  }
  Result<std::vector<format::NamedColumn>> columns(const io::Path& path) override {
    return std::vector<format::NamedColumn>{{"x", fmt::format("type {}", outline_of(number(path)).columns)}};
  }
  Result<std::unique_ptr<format::FileReader>> open(const io::Path& path, io::ReadObserver*) override {
    const std::uint64_t file = number(path);
    if (fails_open == file) return make_error(Code::kCorrupt, "{}: opening fails on purpose", path.string());
    return std::unique_ptr<format::FileReader>(std::make_unique<OutlineFile>(outline_of(file), versions[file]));
  }

 private:
  static std::uint64_t number(const io::Path& path) {
    const std::string name = path.filename().string();
    std::uint64_t file = 0;
    std::from_chars(name.data() + 1, name.data() + name.size(), file);
    return file;
  }
  [[nodiscard]] format::Outline outline_of(std::uint64_t file) const {
    const auto at = column_numbers.find(file);
    return {rows.at(file), at == column_numbers.end() ? 1 : at->second};
  }

  std::mutex mutex_;
};

}  // namespace stoker::training::testing
