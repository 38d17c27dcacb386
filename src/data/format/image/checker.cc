// The bytes of image files compared with the generator's, whatever was made of them.
#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "data/format/image/image_bytes.h"
#include "data/format/image/image_internal.h"

namespace stoker::format::image {
namespace {

// Compares what is made with what was read, in the order of the file.
class ComparingTarget final : public ByteTarget {
 public:
  explicit ComparingTarget(Bytes found) : found_(found) {}
  Result<MutBytes> reserve(std::size_t /*bytes*/) override { return MutBytes(block_); }
  void commit(std::size_t bytes) override {
    if (!difference_) compare(Bytes(block_).first(bytes));
    at_ += bytes;
  }
  // The first byte that is another one, and what is expected there.
  [[nodiscard]] std::optional<std::pair<std::uint64_t, std::byte>> difference() const { return difference_; }

 private:
  void compare(Bytes expected) {
    const Bytes there = found_.subspan(static_cast<std::size_t>(at_), expected.size());
    if (std::memcmp(there.data(), expected.data(), expected.size()) == 0) return;
    const auto wrong = std::ranges::mismatch(expected, there).in1;
    difference_ = {at_ + static_cast<std::uint64_t>(wrong - expected.begin()), *wrong};
  }

  const Bytes found_;
  std::array<std::byte, kMaxReserve> block_{};
  std::uint64_t at_ = 0;
  std::optional<std::pair<std::uint64_t, std::byte>> difference_;
};

class ImageChecker final : public ValueChecker {
 public:
  ImageChecker(Kind kind, const config::Dataset& dataset) : kind_(kind), dataset_(dataset) {}
  Status check(const dataset::FileSpec& spec, std::uint64_t first_row, const Chunk& chunk) override {
    const std::string path = spec.path.string();
    if (first_row > spec.rows || chunk.rows > spec.rows - first_row)
      return wrong_value(
          fmt::format("{}: found rows up to {}, expected {} rows", path, first_row + chunk.rows, spec.rows));
    if (chunk.rows == 0) return {};
    const Bytes found = chunk.stored;
    const ImageBytes image(kind_, dataset_, spec);
    if (found.size() != image.size())
      return wrong_value(fmt::format("{}: found {} bytes, expected {}", path, found.size(), image.size()));
    ComparingTarget target(found);
    STOKER_TRY(image.put(target, {}));
    const auto difference = target.difference();
    if (!difference) return {};
    return wrong_value(fmt::format("{}: byte {}: found 0x{:02x}, expected 0x{:02x}", path, difference->first,
                                   static_cast<unsigned>(found[static_cast<std::size_t>(difference->first)]),
                                   static_cast<unsigned>(difference->second)));
  }

 private:
  const Kind kind_;
  const config::Dataset dataset_;
};

}  // namespace

Result<std::unique_ptr<ValueChecker>> make_checker(const config::Workload& workload) {
  return std::unique_ptr<ValueChecker>(std::make_unique<ImageChecker>(kind_of(workload), workload.dataset));
}

}  // namespace stoker::format::image
