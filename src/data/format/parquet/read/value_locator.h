// From a value of a chunk back to the page of the file that holds it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "data/format/format.h"
#include "data/format/parquet/read/file_index.h"
#include "data/format/parquet/read/pages.h"
#include "data/format/read_plan.h"

namespace stoker::format::parquet {

// Walks the page headers of the fetched bytes once more, when it is asked: reading keeps nothing for it.
class PageLocator final : public ValueLocator {
 public:
  // The chunk at hand. All must stay until the next one.
  void point_at(const FileIndex& index, std::uint32_t group, RowRange wanted, const Fetched& fetched) {
    index_ = &index;
    group_ = group;
    wanted_ = wanted;
    fetched_.emplace(fetched);
  }

  // Counts on each row having as many elements as the first, as files of this project do; a column with nulls has its
  // place told as if they were values.
  [[nodiscard]] std::optional<std::uint64_t> offset_of(std::string_view column, std::uint64_t row,
                                                       std::uint64_t element) const override;

 private:
  const FileIndex* index_ = nullptr;
  std::uint32_t group_ = 0;
  RowRange wanted_;
  std::optional<Fetched> fetched_;
};

}  // namespace stoker::format::parquet
