#include <algorithm>
#include <atomic>
#include <utility>

#include "base/check.h"
#include "data/io/posix/ask_ahead_internal.h"
#include "data/io/posix/direct_reads_internal.h"
#include "data/io/posix/read_queue_internal.h"
#include "data/io/request_bytes.h"

namespace stoker::io {
namespace {

std::uint64_t requests_of(const ReadTarget& file, std::span<const ReadOp> ops) {
  std::uint64_t requests = 0;
  for (const ReadOp& op : ops) requests += (op.into.size() + file.transfer_bytes - 1) / file.transfer_bytes;
  return requests;
}

// Of the calling thread and of no other before or after: std::thread::id is given again to later ones.
std::uint64_t number_of_this_thread() {
  static std::atomic<std::uint64_t> last{0};
  thread_local const std::uint64_t number = last.fetch_add(1, std::memory_order_relaxed) + 1;
  return number;
}

class PosixReadQueue final : public ReadQueue {
 public:
  PosixReadQueue(const ReadQueueOptions& options, ReadObserver* observer)
      : observer_(observer), most_(options.depth), cached_(observer) {}

  void submit(Ticket ticket, ReadableFile& file, const Lease& memory, std::span<const ReadOp> ops) override {
    const auto* posix = dynamic_cast<const PosixFile*>(&file);
    if (posix == nullptr) {  // a mapped one
      waiting_.push_back({.ticket = ticket, .mapped = &file, .ops = {ops.begin(), ops.end()}});
      return;
    }
    const ReadTarget& target = posix->target();
    Waiting waiting{.ticket = ticket, .file = &target};
    if (target.transfer_bytes != 0) {
      waiting.how = How::kBuffered;
      waiting.reads = cached_.plan(target, ops, most_.requests_most > 1);
      waiting.requests = requests_of(target, ops);
      for (const ReadOp& op : ops) waiting.bytes += op.into.size();
    } else if (DirectReads* ring = ring_of_this_thread()) {
      waiting.how = How::kRing;
      ring->submit(ticket, target, memory.block(), ops, observer_);
    } else {
      waiting.ops.assign(ops.begin(), ops.end());
    }
    waiting_.push_back(std::move(waiting));
  }

  Status wait(Ticket ticket, const std::stop_token& /*stop*/) override {
    const auto it = std::ranges::find(waiting_, ticket, &Waiting::ticket);
    STOKER_CHECK(it != waiting_.end(), "waiting for what was never submitted");
    const Waiting read = std::move(*it);
    waiting_.erase(it);
    if (read.mapped != nullptr) return read.mapped->read_many(read.ops, observer_);
    switch (read.how) {
      case How::kBuffered: return cached_.read(*read.file, read.reads);
      case How::kRing: return ring_->wait(ticket);
      case How::kBlocking: break;
    }
    return read_direct_pread(*read.file, read.ops, observer_);
  }

  [[nodiscard]] bool wants_more() const override {
    if (waiting_.empty()) return true;
    std::uint64_t requests = ring_ != nullptr ? ring_->requests() : 0;
    std::uint64_t bytes = ring_ != nullptr ? ring_->bytes() : 0;
    for (const Waiting& read : waiting_) {
      // By blocking calls, and from the cache, nothing is gained.
      if (read.how == How::kBlocking || (read.how == How::kBuffered && (!cached_.cold() || most_.requests_most == 1)))
        return false;
      requests += read.requests;
      bytes += read.bytes;
    }
    // Whatever one chunk takes, with another one behind it something is under way while the first is worked on.
    return waiting_.size() == 1 || most_.takes_more(requests, bytes);
  }

 private:
  enum class How { kBlocking, kRing, kBuffered };
  struct Waiting {
    Ticket ticket = 0;
    const ReadTarget* file = nullptr;
    ReadableFile* mapped = nullptr;  // instead of it
    How how = How::kBlocking;
    std::vector<ReadOp> ops{};
    std::vector<AskAhead::Planned> reads{};
    std::uint64_t requests = 0, bytes = 0;  // of kBuffered
  };

  // A ring is its thread's, and a queue may go from one epoch's thread to the next one's.
  DirectReads* ring_of_this_thread() {
    if (owner_ != number_of_this_thread()) {
      owner_ = number_of_this_thread();
      ring_.reset();
      ring_ = make_uring_reads(most_.requests_most);
    }
    return ring_ != nullptr && ring_->usable() ? ring_.get() : nullptr;
  }

  ReadObserver* const observer_;
  const UnderWay most_;
  AskAhead cached_;
  std::vector<Waiting> waiting_;
  std::uint64_t owner_ = 0;
  std::unique_ptr<DirectReads> ring_;
};

}  // namespace

std::unique_ptr<ReadQueue> make_posix_read_queue(const ReadQueueOptions& options, ReadObserver* observer) {
  return std::make_unique<PosixReadQueue>(options, observer);
}

Status read_direct(const ReadTarget& file, std::span<const ReadOp> ops, ReadObserver* observer) {
  if (DirectSplitter(file, ops).requests() <= 1) return read_direct_pread(file, ops, observer);
  thread_local const std::unique_ptr<DirectReads> ring = make_uring_reads(kRequestsUnderWay);
  if (ring == nullptr) return read_direct_pread(file, ops, observer);
  ring->submit(0, file, nullptr, ops, observer);
  return ring->wait(0);
}

}  // namespace stoker::io
