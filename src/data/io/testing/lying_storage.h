// A Storage that now and then answers a read with bytes that are not those of the file, and says that all is well: what
// failing disks, controllers, caches and networks have been seen to do.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "data/io/forwarding_storage.h"

namespace stoker::io::testing {

enum class LieKind : std::uint8_t {
  kFlippedBit,
  kStaleBlock,   // what lay there before the file was last written
  kOtherPlace,   // a block of the same file that lies elsewhere
  kOtherFile,    // the same place of another file
  kZeroedBlock,  // written, but never arrived
  kCutShort,     // less than was asked for, and the rest of the memory as it was
};
inline constexpr std::size_t kLieKinds = 6;

[[nodiscard]] inline std::string_view to_string(LieKind kind) {
  constexpr std::string_view kNames[] = {"flipped bit",           "stale block",  "block of another place",
                                         "block of another file", "zeroed block", "cut short"};
  return kNames[static_cast<std::size_t>(kind)];
}

// One that was told. was == is where the wrong bytes happened to be the right ones.
struct Lie {
  LieKind kind{};
  Path path;
  std::uint64_t offset = 0;  // in the file
  std::vector<std::byte> was, is;
  bool at_end = false;  // the read that was answered so reached the file's end
  [[nodiscard]] bool changes_bytes() const { return was != is; }
};

struct LyingOptions {
  std::uint64_t seed = 1;
  // The ReadOp, counted from 1 over all files, from which on one answer is a lie; 0: none is. With `every`, one in so
  // many from there on.
  std::uint64_t first = 1;
  std::uint64_t every = 0;
  bool spare_ends = false;   // reads that reach a file's end are answered truly
  Storage* stale = nullptr;  // holds earlier content under the same paths
  std::vector<Path> others;  // files to be mistaken for one another
};

// Safe from many threads. The inner storages must outlive it, and it must outlive its files.
class LyingStorage final : public ForwardingStorage {
 public:
  LyingStorage(Storage& truth, LyingOptions options) : ForwardingStorage(truth), options_(std::move(options)) {}

  [[nodiscard]] std::vector<Lie> lies() const {
    const std::lock_guard lock(mutex_);
    return lies_;
  }
  [[nodiscard]] std::uint64_t reads() const { return reads_.load(); }

  Result<std::unique_ptr<ReadableFile>> open(const Path& path, const OpenOptions& options) override {
    STOKER_ASSIGN(std::unique_ptr<ReadableFile> file, inner().open(path, options));
    return std::unique_ptr<ReadableFile>(std::make_unique<Reader>(*this, std::move(file)));
  }

 private:
  class Reader final : public ReadableFile {
   public:
    Reader(LyingStorage& owner, std::unique_ptr<ReadableFile> inner) : owner_(owner), inner_(std::move(inner)) {}
    [[nodiscard]] std::uint64_t size() const override { return inner_->size(); }
    [[nodiscard]] std::uint64_t version() const override { return inner_->version(); }
    [[nodiscard]] std::size_t alignment() const override { return inner_->alignment(); }
    [[nodiscard]] const Path& path() const override { return inner_->path(); }
    Status read_many(std::span<const ReadOp> ops, ReadObserver* observer) override {
      for (const ReadOp& op : ops) {
        const std::uint64_t number = owner_.reads_.fetch_add(1) + 1;
        if (!owner_.lies_now(number, op.offset + op.into.size() >= size())) {
          STOKER_TRY(inner_->read_many({&op, 1}, observer));
          continue;
        }
        const std::vector<std::byte> before(op.into.begin(), op.into.end());
        STOKER_TRY(inner_->read_many({&op, 1}, observer));
        owner_.lie(*inner_, op, before, mix64(owner_.options_.seed ^ mix64(number)));
      }
      return {};
    }

   private:
    LyingStorage& owner_;
    std::unique_ptr<ReadableFile> inner_;
  };

  [[nodiscard]] bool lies_now(std::uint64_t number, bool at_end) {
    if (options_.first == 0 || number < options_.first || (options_.spare_ends && at_end)) return false;
    return options_.every == 0 ? !told_.exchange(true) : (number - options_.first) % options_.every == 0;
  }

  // Bytes [offset, offset + out.size()) of a file, as far as it has them.
  static void read(Storage& storage, const Path& path, std::uint64_t offset, MutBytes out) {
    const auto file = storage.open(path, {});
    if (!file || offset >= (*file)->size()) return;
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), (*file)->size() - offset));
    (void)(*file)->read_many(std::vector{ReadOp{.offset = offset, .into = out.first(n)}}, nullptr);
  }

  void lie(ReadableFile& file, const ReadOp& op, Bytes before, std::uint64_t random) {
    const auto draw = [&random](std::uint64_t below) {
      return (random = mix64(random)) % std::max<std::uint64_t>(below, 1);
    };
    // A direct read may pass the file's end.
    const std::uint64_t there = std::min<std::uint64_t>(op.into.size(), file.size() - std::min(file.size(), op.offset));
    if (there == 0) return;
    Lie lie{.kind = static_cast<LieKind>(draw(kLieKinds)), .path = file.path()};
    // From a few bytes to a page of the file system, anywhere in what was read.
    std::uint64_t length = std::min<std::uint64_t>(there, std::uint64_t{1} << draw(13));
    std::uint64_t at = draw(there - length + 1);
    if (lie.kind == LieKind::kFlippedBit) length = 1;
    if (lie.kind == LieKind::kCutShort) length = there - at;
    const MutBytes block = op.into.subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(length));
    lie.offset = op.offset + at;
    lie.at_end = op.offset + there == file.size();
    lie.was.assign(block.begin(), block.end());
    switch (lie.kind) {
      case LieKind::kFlippedBit: block[0] ^= static_cast<std::byte>(1U << draw(8)); break;
      case LieKind::kStaleBlock:
        if (options_.stale != nullptr) read(*options_.stale, file.path(), lie.offset, block);
        break;
      case LieKind::kOtherPlace: read(inner(), file.path(), draw(file.size() - length + 1), block); break;
      case LieKind::kOtherFile:
        if (!options_.others.empty()) {
          read(inner(), options_.others[static_cast<std::size_t>(draw(options_.others.size()))], lie.offset, block);
        }
        break;
      case LieKind::kZeroedBlock: std::fill(block.begin(), block.end(), std::byte{0}); break;
      case LieKind::kCutShort:
        std::copy_n(before.begin() + static_cast<std::ptrdiff_t>(at), block.size(), block.begin());
        break;
    }
    lie.is.assign(block.begin(), block.end());
    const std::lock_guard lock(mutex_);
    lies_.push_back(std::move(lie));
  }

  const LyingOptions options_;
  std::atomic<std::uint64_t> reads_{0};
  std::atomic<bool> told_{false};
  mutable std::mutex mutex_;
  std::vector<Lie> lies_;
};

}  // namespace stoker::io::testing
