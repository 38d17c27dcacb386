// Samples that were read against the generator.
#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "data/format/numpy/numpy_internal.h"
#include "data/format/numpy/sample_array.h"
#include "data/format/value_text.h"

namespace stoker::format::numpy {
namespace {

constexpr std::size_t kBlock = std::size_t{16} << 10;  // stays in the first level cache

class Checker final : public ValueChecker {
 public:
  explicit Checker(const config::Dataset& dataset) : dataset_(dataset), block_(kBlock) {}

  Status check(const dataset::FileSpec& spec, std::uint64_t first_row, const Chunk& chunk) override {
    const std::string path = spec.path.string();
    if (first_row > spec.rows || chunk.rows > spec.rows - first_row)
      return wrong_value(
          fmt::format("{}: found rows up to {}, expected {} rows", path, first_row + chunk.rows, spec.rows));
    const SampleArray array(dataset_, spec);
    const std::uint64_t width = config::element_bytes(array.dtype());
    if (chunk.columns.size() != 1)
      return wrong_value(fmt::format("{}: found {} arrays of samples, expected 1", path, chunk.columns.size()));
    const ColumnView& view = chunk.columns.front();
    if (view.width != width || view.list_size != array.elements_per_sample() || view.segments.size() != 1 ||
        view.segments.front().values.size() != chunk.rows * view.list_size * width) {
      return wrong_value(fmt::format("{}: found samples of {} elements of {} bytes, expected {} of {}", path,
                                     view.list_size, view.width, array.elements_per_sample(), width));
    }
    const auto difference = find_difference(array, first_row, chunk.rows, view.segments.front().values);
    return difference ? differ(path, array, *difference) : Status{};
  }

 private:
  struct Difference {
    std::uint64_t row = 0;      // of the file
    std::uint64_t element = 0;  // of the sample
    Bytes found, expected;
  };

  // The stream goes over all samples before the next element comes; `found` has each sample whole.
  std::optional<Difference> find_difference(const SampleArray& array, std::uint64_t first_row, std::uint64_t rows,
                                            Bytes found) {
    const auto width = static_cast<std::size_t>(config::element_bytes(array.dtype()));
    const std::uint64_t samples = array.samples(), elements = array.elements_per_sample();
    if (samples == 1) return find_in_stream(array, width, found);
    for (std::uint64_t element = 0; element < elements; ++element) {
      for (std::uint64_t row = 0; row < rows;) {
        const auto n = std::min<std::uint64_t>(rows - row, block_.size() / width);
        const MutBytes block = MutBytes(block_).first(static_cast<std::size_t>(n) * width);
        array.fill((element * samples + first_row + row) * width, block);
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

  // Of one sample both have the same order.
  std::optional<Difference> find_in_stream(const SampleArray& array, std::size_t width, Bytes found) {
    for (std::size_t at = 0; at < found.size();) {
      const std::size_t n = std::min(found.size() - at, block_.size() / width * width);
      const MutBytes block = MutBytes(block_).first(n);
      array.fill(at, block);
      if (std::memcmp(block.data(), found.data() + at, n) != 0) {
        const auto wrong = std::ranges::mismatch(block, found.subspan(at, n)).in1;
        const std::size_t element = static_cast<std::size_t>(wrong - block.begin()) / width;
        return Difference{0, at / width + element, found.subspan(at + element * width, width),
                          block.subspan(element * width, width)};
      }
      at += n;
    }
    return std::nullopt;
  }

  static Error differ(const std::string& path, const SampleArray& array, const Difference& difference) {
    const std::uint64_t number = difference.element * array.samples() + difference.row;
    return wrong_value(fmt::format("{}: array 'x', row {}, element {}: found {}, expected {} (byte {} of x.npy)", path,
                                   difference.row, difference.element, number_text(array.dtype(), difference.found),
                                   number_text(array.dtype(), difference.expected),
                                   array.header().size() + number * difference.found.size()));
  }

  const config::Dataset dataset_;
  std::vector<std::byte> block_;
};

}  // namespace

Result<std::unique_ptr<ValueChecker>> make_checker(const config::Workload& workload) {
  STOKER_TRY(validate(workload));
  return std::unique_ptr<ValueChecker>(std::make_unique<Checker>(workload.dataset));
}

}  // namespace stoker::format::numpy
