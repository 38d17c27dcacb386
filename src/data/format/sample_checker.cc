#include "data/format/sample_checker.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "data/format/value_text.h"

namespace stoker::format {
namespace {

constexpr std::size_t kBlock = std::size_t{16} << 10;  // stays in the first level cache

struct Difference {
  std::uint64_t row = 0;      // of the file
  std::uint64_t element = 0;  // of the sample
  Bytes found, expected;
};

class SampleChecker final : public ValueChecker {
 public:
  SampleChecker(const config::Dataset& dataset, const CheckedSamples& checked)
      : dataset_(dataset), checked_(checked), block_(kBlock) {}

  Status check(const dataset::FileSpec& spec, std::uint64_t first_row, const Chunk& chunk) override {
    const std::string path = spec.path.string();
    if (first_row > spec.rows || chunk.rows > spec.rows - first_row) {
      return wrong_value(
          fmt::format("{}: found rows up to {}, expected {} rows", path, first_row + chunk.rows, spec.rows));
    }
    const std::vector<SampleValues> columns = checked_.columns == nullptr
                                                  ? std::vector<SampleValues>{SampleValues(dataset_, spec)}
                                                  : checked_.columns(dataset_, spec);
    if (chunk.columns.size() != columns.size()) {
      return wrong_value(
          fmt::format("{}: found {} arrays of samples, expected {}", path, chunk.columns.size(), columns.size()));
    }
    for (std::size_t i = 0; i < columns.size(); ++i)
      STOKER_TRY(check_column(path, columns[i], first_row, chunk, chunk.columns[i]));
    return {};
  }

 private:
  Status check_column(const std::string& path, const SampleValues& values, std::uint64_t first_row, const Chunk& chunk,
                      const ColumnView& view) {
    const std::uint64_t width = values.element_bytes();
    std::uint64_t bytes = 0;
    for (const Segment& segment : view.segments) bytes += segment.values.size();
    const bool same_shape = checked_.is_typed ? view.width == width && view.list_size == values.elements_per_sample()
                                              : view.width * view.list_size == values.sample_bytes();
    if (!same_shape || bytes != chunk.rows * values.sample_bytes()) {
      return wrong_value(
          fmt::format("{}: {} '{}': found {} bytes of samples of {} elements of {} bytes, expected {} "
                      "samples of {} of {}",
                      path, checked_.what, view.name, bytes, view.list_size, view.width, chunk.rows,
                      values.elements_per_sample(), width));
    }
    const auto difference = checked_.axis == SampleAxis::kLast && values.samples() > 1
                                ? find_across(values, first_row, chunk.rows, view.segments.front().values)
                                : find_along(values, first_row, view);
    return difference ? differ(path, values, first_row, chunk, view, *difference) : Status{};
  }

  // The stream goes over all samples before the next element comes; `found` has each sample whole.
  std::optional<Difference> find_across(const SampleValues& values, std::uint64_t first_row, std::uint64_t rows,
                                        Bytes found) {
    const auto width = static_cast<std::size_t>(values.element_bytes());
    const std::uint64_t samples = values.samples(), elements = values.elements_per_sample();
    for (std::uint64_t element = 0; element < elements; ++element) {
      for (std::uint64_t row = 0; row < rows;) {
        const auto n = std::min<std::uint64_t>(rows - row, block_.size() / width);
        const MutBytes block = MutBytes(block_).first(static_cast<std::size_t>(n) * width);
        values.fill((element * samples + first_row + row) * width, block);
        for (std::uint64_t i = 0; i < n; ++i) {
          const Bytes there = found.subspan(static_cast<std::size_t>((row + i) * elements + element) * width, width);
          const Bytes wanted = block.subspan(static_cast<std::size_t>(i) * width, width);
          if (std::memcmp(there.data(), wanted.data(), width) != 0)
            return Difference{first_row + row + i, element, there, wanted};
        }
        row += n;
      }
    }
    return std::nullopt;
  }

  // Both have the same order.
  std::optional<Difference> find_along(const SampleValues& values, std::uint64_t first_row, const ColumnView& view) {
    const auto width = static_cast<std::size_t>(values.element_bytes());
    std::uint64_t at = first_row * values.sample_bytes();
    for (const Segment& segment : view.segments) {
      for (Bytes rest = segment.values; !rest.empty();) {
        const std::size_t n = std::min(rest.size(), block_.size() / width * width);
        const MutBytes block = MutBytes(block_).first(n);
        values.fill(at, block);
        if (std::memcmp(block.data(), rest.data(), n) != 0) {
          const auto wrong = std::ranges::mismatch(block, rest.first(n)).in1;
          const std::size_t element = static_cast<std::size_t>(wrong - block.begin()) / width;
          const std::uint64_t number = at / width + element;
          return Difference{number / values.elements_per_sample(), number % values.elements_per_sample(),
                            rest.subspan(element * width, width), block.subspan(element * width, width)};
        }
        at += n;
        rest = rest.subspan(n);
      }
    }
    return std::nullopt;
  }

  Error differ(const std::string& path, const SampleValues& values, std::uint64_t first_row, const Chunk& chunk,
               const ColumnView& view, const Difference& difference) const {
    const std::uint64_t number = checked_.axis == SampleAxis::kLast
                                     ? difference.element * values.samples() + difference.row
                                     : difference.row * values.elements_per_sample() + difference.element;
    std::string place;
    if (checked_.place != nullptr) {
      place = fmt::format(" ({})", checked_.place(values, number));
    } else if (chunk.locator != nullptr) {
      const auto offset = chunk.locator->offset_of(view.name, difference.row - first_row, difference.element);
      if (offset) place = fmt::format(" (byte {} of the file)", *offset);
    }
    return wrong_value(fmt::format("{}: {} '{}', row {}, element {}: found {}, expected {}{}", path, checked_.what,
                                   view.name, difference.row, difference.element,
                                   number_text(values.dtype(), difference.found),
                                   number_text(values.dtype(), difference.expected), place));
  }

  const config::Dataset dataset_;
  const CheckedSamples checked_;
  std::vector<std::byte> block_;
};

}  // namespace

std::unique_ptr<ValueChecker> make_sample_checker(const config::Dataset& dataset, const CheckedSamples& checked) {
  return std::make_unique<SampleChecker>(dataset, checked);
}

}  // namespace stoker::format
