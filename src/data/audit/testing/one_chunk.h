// A file of a format of its own: one column, or several that are alike, in one chunk, as a test gives it.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "data/audit/data_files.h"
#include "data/format/file_info.h"
#include "data/format/format.h"

namespace stoker::audit::testing {

class OneChunk {
 public:
  OneChunk(std::vector<format::LevelInfo> levels, format::ColumnView view, std::uint64_t rows,
           std::size_t columns = 1) {
    current() = {std::move(view), rows, columns};
    info_.rows = rows;
    info_.columns = {{.name = "c",
                      .values = format::ValueType::kSigned,
                      .width = current().view.width,
                      .levels = std::move(levels)}};
    info_.columns.resize(columns, info_.columns.front());
    format_.make_reader = [](const config::Workload&, io::Storage&) {
      return Result<std::unique_ptr<format::FormatReader>>(std::make_unique<Reader>());
    };
  }

  [[nodiscard]] DataFile file() const { return {.path = "file", .name = "file", .format = &format_}; }
  [[nodiscard]] const format::FileInfo& info() const { return info_; }
  [[nodiscard]] format::FileInfo& info() { return info_; }

 private:
  struct Content {
    format::ColumnView view;
    std::uint64_t rows = 0;
    std::size_t columns = 1;
  };
  // A format's functions have no state: one file at a time.
  static Content& current() {
    static Content content;
    return content;
  }

  struct File final : format::FileReader {
    [[nodiscard]] std::uint64_t rows() const override { return current().rows; }
    [[nodiscard]] std::span<const format::Unit> units() const override { return {&unit, 1}; }
    [[nodiscard]] std::unique_ptr<format::Scratch> make_scratch() const override {
      return std::make_unique<format::Scratch>();
    }
    Status plan(const format::ChunkRows& rows, format::ReadPlan& plan) const override {
      plan.begin(rows);
      return plan.finish(1);
    }
    Status decompress(const format::Fetched&, format::Scratch&) const override { return {}; }
    Status decode(const format::Fetched&, format::Scratch&, format::Chunk& chunk) const override {
      chunk.rows = current().rows;
      chunk.columns.assign(current().columns, current().view);
      return {};
    }
    format::Unit unit{.first_row = 0, .rows = current().rows};
  };
  struct Reader final : format::FormatReader {
    Result<std::unique_ptr<format::FileReader>> open(const io::Path&, io::ReadObserver*) override {
      return std::unique_ptr<format::FileReader>(std::make_unique<File>());
    }
    Result<format::Outline> outline(const io::Path&) override { return format::Outline{.rows = current().rows}; }
  };

  format::FileInfo info_;
  format::Format format_{};
};

}  // namespace stoker::audit::testing
