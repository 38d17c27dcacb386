#include "workloads/ceilings/write_rate.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <unordered_set>
#include <utility>

#include "base/hash.h"
#include "workloads/ceilings/at_once.h"

namespace stoker::ceilings {
namespace {

constexpr std::size_t kBlock = 4096;

// Of one thread.
class MinimalWriter {
 public:
  MinimalWriter(io::Storage& storage, const Clock& clock, const WriteSettings& settings, unsigned number)
      : storage_(storage), clock_(clock), settings_(settings), number_(number) {}

  Status run(std::atomic<std::uint64_t>& written, Instant deadline, const std::stop_token& stop) {
    const Nanos before = clock_.thread_times().cpu;
    const auto more = [&] {
      return clock_.now() < deadline && written.load(std::memory_order_relaxed) < settings_.bytes_most &&
             !stop.stop_requested();
    };
    Status status;
    while (status && more()) status = write_file(written, more);
    measured_.cpu = clock_.thread_times().cpu - before;
    return status;
  }
  Status remove() {
    Status first;
    for (const io::Path& path : made_) {
      const Status removed = storage_.remove(path);
      if (first) first = removed;
    }
    return first;
  }
  [[nodiscard]] const WriteMeasured& measured() const { return measured_; }

 private:
  template <class More>
  Status write_file(std::atomic<std::uint64_t>& written, const More& more) {
    const io::Path path = settings_.folder / fmt::format("write_{}_{}", number_, made_.size());
    made_.push_back(path);
    STOKER_ASSIGN(const auto file,
                  storage_.create(path, {.direct = settings_.direct ? io::DirectWrites::kYes : io::DirectWrites::kNo,
                                         .bytes_least = 0,
                                         .bytes_most = settings_.file_bytes}));
    for (std::uint64_t left = settings_.file_bytes; left > 0 && more();) {
      STOKER_ASSIGN(const MutBytes piece, file->lend());
      const auto bytes = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), left));
      fill(piece);
      STOKER_TRY(file->give_back(bytes));
      written.fetch_add(bytes, std::memory_order_relaxed);
      measured_.bytes += bytes;
      ++measured_.pieces;
      left -= bytes;
    }
    STOKER_TRY(file->commit());
    measured_.direct_bytes += file->direct_bytes();
    return {};
  }

  // Pieces come back: filled once, they only need to become other ones.
  void fill(MutBytes piece) {
    if (filled_.insert(piece.data()).second) {
      for (std::size_t at = 0; at + sizeof(std::uint64_t) <= piece.size(); at += sizeof(std::uint64_t)) {
        const std::uint64_t word = mix64(++words_ * 2 + number_);
        std::memcpy(piece.data() + at, &word, sizeof word);
      }
    }
    for (std::size_t at = 0; at + sizeof(std::uint64_t) <= piece.size(); at += kBlock) {
      const std::uint64_t word = mix64((++words_ << 16U) + number_);
      std::memcpy(piece.data() + at, &word, sizeof word);
    }
  }

  io::Storage& storage_;
  const Clock& clock_;
  const WriteSettings& settings_;
  const unsigned number_;
  WriteMeasured measured_;
  std::vector<io::Path> made_;
  std::unordered_set<const std::byte*> filled_;
  std::uint64_t words_ = 0;
};

}  // namespace

Result<WriteMeasured> measure_writes(io::Storage& storage, const Clock& clock, const WriteSettings& settings,
                                     const std::stop_token& stop) {
  std::vector<std::unique_ptr<MinimalWriter>> writers;
  for (unsigned i = 0; i < settings.threads; ++i)
    writers.push_back(std::make_unique<MinimalWriter>(storage, clock, settings, i));
  std::atomic<std::uint64_t> written{0};
  WriteMeasured all;
  const Instant begin = clock.now();
  const Instant deadline = begin + from_seconds(settings.seconds);
  Status status =
      at_once("writer", writers, [&](MinimalWriter& writer) { return writer.run(written, deadline, stop); });
  const Instant closed = clock.now();
  if (status) status = storage.flush(settings.folder);
  all.wall = clock.now() - begin;
  all.flush = clock.now() - closed;
  for (const auto& writer : writers) {
    const Status removed = writer->remove();
    if (status) status = removed;
    all.bytes += writer->measured().bytes;
    all.pieces += writer->measured().pieces;
    all.cpu += writer->measured().cpu;
    all.direct_bytes += writer->measured().direct_bytes;
  }
  if (status && stop.stop_requested())
    status = make_error(Code::kInterrupted, "interrupted while the storage was measured");
  STOKER_TRY(status);
  return all;
}

}  // namespace stoker::ceilings
