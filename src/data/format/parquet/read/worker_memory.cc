#include "data/format/parquet/read/worker_memory.h"

#include <algorithm>

#include "base/units.h"

namespace stoker::format::parquet {
namespace {

// Requests are widened to blocks and joined over small gaps.
constexpr std::uint64_t kSlackBytes = 2 * kMiB;
constexpr double kMost = 0x1p62;

// The copies of a row group's selected columns that are in memory at a time. Doubles, since a footer may claim
// anything.
struct Copies {
  double stored = 0;  // as they lie in the file
  double plain = 0;   // decompressed, of those that are compressed
  double values = 0;  // decoded, as far as they are no views
  double levels = 0;

  [[nodiscard]] double total(config::Decode depth) const {
    switch (depth) {
      case config::Decode::kNone: return stored;
      case config::Decode::kDecompress: return stored + plain;
      case config::Decode::kArrays: return stored + plain + values + levels;
      // Arrow decompresses page by page; its builders grow by doubling, and keep the levels of the whole row group.
      case config::Decode::kArrow: return stored + 2 * (values + levels);
    }
    return stored;
  }
};

Copies copies_of(const FileIndex& index, std::size_t group, config::Decode depth) {
  Copies sum;
  for (std::size_t i = 0; i < index.leaves.size(); ++i) {
    const ChunkIndex& chunk = index.chunk(group, i);
    const Leaf& leaf = index.leaves[i];
    const auto values = static_cast<double>(chunk.values);
    const auto plain = static_cast<double>(chunk.plain_bytes);
    sum.stored += static_cast<double>(chunk.bytes);
    if (chunk.codec != Codec::kUncompressed) sum.plain += plain;
    // Byte arrays come with a length each, and those that a dictionary repeats are longer than they are stored.
    sum.values += leaf.is_bytes() ? plain + values * sizeof(std::uint32_t) : std::max(values * leaf.width, plain);
    // Levels are kept by Arrow always, by us where there are nulls or lists of many lengths.
    const bool one_length =
        leaf.max_repetition == 0 || chunk.values % std::max<std::uint64_t>(index.groups[group].rows, 1) == 0;
    if (depth == config::Decode::kArrow || !one_length) {
      sum.levels +=
          values * sizeof(std::int16_t) * ((leaf.max_definition > 0 ? 1 : 0) + (leaf.max_repetition > 0 ? 1 : 0));
    }
  }
  return sum;
}

std::uint64_t with_slack(double bytes) {
  return static_cast<std::uint64_t>(std::min(bytes, kMost)) + kSlackBytes;
}

}  // namespace

std::uint64_t worker_bytes(const FileIndex& index, config::Decode depth) {
  double most = 0;
  std::size_t last_group = index.groups.size();
  Copies copies;
  for (std::size_t u = 0; u < index.units.size(); ++u) {
    const std::size_t group = index.unit_group[u];
    if (group != last_group) copies = copies_of(index, group, depth);
    last_group = group;
    // A part of a row group takes of each copy what it has of the stored bytes.
    const double share = index.cut.contains(index.unit_group[u]) && copies.stored > 0
                             ? static_cast<double>(index.units[u].storage_bytes) / copies.stored
                             : 1;
    most = std::max(most, share * copies.total(depth));
  }
  return with_slack(most);
}

}  // namespace stoker::format::parquet
