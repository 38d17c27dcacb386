#include "data/io/model/storage.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/hash.h"
#include "base/units.h"
#include "data/io/read_queue.h"
#include "data/io/request_bytes.h"

namespace stoker::io {
namespace {

Nanos at_rate(double n, double per_second) {
  return per_second > 0 ? from_seconds(n / per_second) : Nanos{0};
}

// The part of a storage that all its files share.
struct Model {
  Model(const ModelLimits& limits, unsigned processes, const Clock& the_clock)
      : line(limits, processes), clock(the_clock) {}

  // A request that is made now.
  void wait(std::uint64_t bytes) { clock.sleep_until(line.answered(clock.now(), bytes), {}); }

  ModelLine line;
  const Clock& clock;
};

class ModelReader final : public ReadableFile {
 public:
  ModelReader(Model& model, std::unique_ptr<ReadableFile> below, std::uint64_t request_bytes)
      : model_(model), below_(std::move(below)), request_bytes_(request_bytes) {}

  [[nodiscard]] std::uint64_t size() const override { return below_->size(); }
  [[nodiscard]] std::uint64_t version() const override { return below_->version(); }
  [[nodiscard]] std::uint64_t version_now() const override { return below_->version_now(); }
  [[nodiscard]] std::size_t alignment() const override { return below_->alignment(); }
  [[nodiscard]] const Path& path() const override { return below_->path(); }

  // Of one request of a call that asks for `total` bytes.
  [[nodiscard]] std::uint64_t request_bytes(std::uint64_t total) const {
    return alignment() > 1 ? direct_request_bytes(total) : request_bytes_;
  }
  // Without the model.
  Status read_below(std::span<const ReadOp> ops) { return below_->read_many(ops, nullptr); }

  Status read_many(std::span<const ReadOp> ops, ReadObserver* observer) override {
    return alignment() > 1 ? read_at_once(ops, observer) : read_in_turn(ops, observer);
  }

 private:
  Status read_in_turn(std::span<const ReadOp> ops, ReadObserver* observer) {
    for (ReadOp op : ops) {
      while (!op.into.empty()) {
        const ReadOp piece{op.offset, op.into.first(std::min<std::size_t>(op.into.size(), request_bytes_))};
        const std::int64_t begin = observer != nullptr ? observer->now_ns() : 0;
        const Instant end = model_.line.answered(model_.clock.now(), piece.into.size());
        STOKER_TRY(below_->read_many({&piece, 1}, nullptr));
        model_.clock.sleep_until(end, {});
        if (observer != nullptr) observer->completed(begin, observer->now_ns(), piece.into.size(), false);
        op = {op.offset + piece.into.size(), op.into.subspan(piece.into.size())};
      }
    }
    return {};
  }

  // All are under way together, and answered each at its time.
  Status read_at_once(std::span<const ReadOp> ops, ReadObserver* observer) {
    struct Answer {
      Instant at;
      std::uint64_t bytes = 0;
    };
    const std::int64_t begin = observer != nullptr ? observer->now_ns() : 0;
    const Instant now = model_.clock.now();
    std::vector<Answer> answers;
    std::uint64_t total = 0;
    for (const ReadOp& op : ops) total += op.into.size();
    const std::uint64_t request = direct_request_bytes(total);
    for (const ReadOp& op : ops) {
      const std::uint64_t wanted = op.offset < size() ? std::min<std::uint64_t>(op.into.size(), size() - op.offset) : 0;
      for (std::uint64_t done = 0; done < wanted; done += request) {
        const std::uint64_t bytes = std::min(request, wanted - done);
        answers.push_back({model_.line.answered(now, bytes), bytes});
      }
    }
    STOKER_TRY(below_->read_many(ops, nullptr));
    std::ranges::sort(answers, {}, &Answer::at);
    for (const Answer& answer : answers) {
      model_.clock.sleep_until(answer.at, {});
      if (observer != nullptr) observer->completed(begin, observer->now_ns(), answer.bytes, false);
    }
    return {};
  }

  Model& model_;
  std::unique_ptr<ReadableFile> below_;
  const std::uint64_t request_bytes_;  // through the page cache
};

// Requests of one thread, as many under way as it takes at a time. The next one is sent when the thread sees that
// another was answered: so it is with real storages, whose answers the thread must look for, too.
class ModelReadQueue final : public ReadQueue {
 public:
  ModelReadQueue(Model& model, const ReadQueueOptions& options, ReadObserver* observer)
      : model_(model), most_(options.depth), observer_(observer) {}

  void submit(Ticket ticket, ReadableFile& file, const Lease& /*memory*/, std::span<const ReadOp> ops) override {
    auto* reader = dynamic_cast<ModelReader*>(&file);
    STOKER_CHECK(reader != nullptr, "a file of another storage");
    chunks_.push_back(std::make_unique<Chunk>(Chunk{ticket, reader, {ops.begin(), ops.end()}, 0}));
    std::uint64_t total = 0;
    for (const ReadOp& op : ops) total += op.into.size();
    const std::uint64_t most = reader->request_bytes(total);
    for (const ReadOp& op : ops) {
      const std::uint64_t left = op.offset < reader->size() ? reader->size() - op.offset : 0;
      const std::uint64_t wanted = std::min<std::uint64_t>(op.into.size(), left);
      for (std::uint64_t done = 0; done < wanted; done += most) {
        waiting_.push_back({.chunk = chunks_.back().get(), .bytes = std::min(most, wanted - done)});
        bytes_ += waiting_.back().bytes;
        ++chunks_.back()->left;
      }
    }
    send();
  }

  Status wait(Ticket ticket, const std::stop_token& stop) override {
    const auto it = std::ranges::find_if(chunks_, [&](const auto& chunk) { return chunk->ticket == ticket; });
    STOKER_CHECK(it != chunks_.end(), "waiting for what was never submitted");
    const std::unique_ptr<Chunk> chunk = std::move(*it);
    chunks_.erase(it);
    Status status = stop.stop_requested() ? Status{} : chunk->file->read_below(chunk->ops);
    while (true) {
      take_answers();
      if (chunk->left == 0) return status;
      const auto next = std::ranges::min_element(under_way_, {}, &Request::answered);
      model_.clock.sleep_until(next->answered, stop);
      if (!stop.stop_requested()) continue;
      const auto forgotten = [&](const Request& request) {
        if (request.chunk != chunk.get()) return false;
        bytes_ -= request.bytes;
        return true;
      };
      std::erase_if(waiting_, forgotten);
      std::erase_if(under_way_, forgotten);
      return make_error(Code::kInterrupted, "{}: interrupted while it was read", chunk->file->path().string());
    }
  }

  [[nodiscard]] bool wants_more() const override {
    return chunks_.size() <= 1 || most_.takes_more(waiting_.size() + under_way_.size(), bytes_);
  }

 private:
  struct Chunk {
    Ticket ticket = 0;
    ModelReader* file = nullptr;
    std::vector<ReadOp> ops;
    std::uint64_t left = 0;  // requests
  };
  struct Request {
    Chunk* chunk = nullptr;
    std::uint64_t bytes = 0;
    Instant sent{}, answered{};
  };

  void send() {
    while (!waiting_.empty() && under_way_.size() < most_.requests_most) {
      Request request = waiting_.front();
      waiting_.pop_front();
      request.sent = model_.clock.now();
      request.answered = model_.line.answered(request.sent, request.bytes);
      under_way_.push_back(request);
    }
  }
  void take_answers() {
    const Instant now = model_.clock.now();
    std::ranges::sort(under_way_, {}, &Request::answered);
    auto it = under_way_.begin();
    for (; it != under_way_.end() && it->answered <= now; ++it) {
      --it->chunk->left;
      bytes_ -= it->bytes;
      if (observer_ != nullptr)
        observer_->completed(it->sent.since_start.count(), it->answered.since_start.count(), it->bytes, false);
    }
    under_way_.erase(under_way_.begin(), it);
    send();
  }

  Model& model_;
  const UnderWay most_;
  ReadObserver* const observer_;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::deque<Request> waiting_;
  std::vector<Request> under_way_;
  std::uint64_t bytes_ = 0;  // of both
};

class ModelWriter final : public WritableFile {
 public:
  ModelWriter(Model& model, std::unique_ptr<WritableFile> below) : model_(model), below_(std::move(below)) {}

  Status append(Bytes data) override {
    STOKER_TRY(below_->append(data));
    model_.wait(data.size());
    return {};
  }
  Result<MutBytes> lend() override { return below_->lend(); }
  Status give_back(std::size_t bytes) override {
    STOKER_TRY(below_->give_back(bytes));
    model_.wait(bytes);
    return {};
  }
  [[nodiscard]] std::uint64_t position() const override { return below_->position(); }
  [[nodiscard]] std::uint64_t direct_bytes() const override { return below_->direct_bytes(); }
  Status commit() override { return below_->commit(); }

 private:
  Model& model_;
  std::unique_ptr<WritableFile> below_;
};

class ModelStorage final : public ForwardingStorage {
 public:
  ModelStorage(std::unique_ptr<Storage> below, const ModelLimits& limits, unsigned processes, const Clock& clock)
      : ForwardingStorage(*below), below_(std::move(below)), limits_(limits), model_(limits, processes, clock) {}

  Result<std::unique_ptr<ReadableFile>> open(const Path& path, const OpenOptions& options) override {
    STOKER_ASSIGN(auto file, inner().open(path, options));
    model_.wait(0);
    const std::uint64_t request = options.transfer_bytes != 0 ? options.transfer_bytes : kBufferedRequestBytes;
    return std::unique_ptr<ReadableFile>(std::make_unique<ModelReader>(model_, std::move(file), request));
  }
  std::unique_ptr<ReadQueue> make_read_queue(const ReadQueueOptions& options, ReadObserver* observer) override {
    return std::make_unique<ModelReadQueue>(model_, options, observer);
  }
  using Storage::create;
  Result<std::unique_ptr<WritableFile>> create(const Path& path, const WriteOptions& options) override {
    STOKER_ASSIGN(auto file, inner().create(path, options));
    model_.wait(0);
    return std::unique_ptr<WritableFile>(std::make_unique<ModelWriter>(model_, std::move(file)));
  }
  std::string describe_reads(const OpenOptions& options) const override {
    return fmt::format("a model ({}) over {}", to_text(limits_), inner().describe_reads(options));
  }
  std::string describe_writes(bool direct) const override {
    return fmt::format("a model ({}) over {}", to_text(limits_), inner().describe_writes(direct));
  }

 private:
  const std::unique_ptr<Storage> below_;
  const ModelLimits limits_;
  Model model_;
};

}  // namespace

std::string to_text(const ModelLimits& limits) {
  std::vector<std::string> parts;
  if (limits.latency > Nanos{0}) parts.push_back("latency " + format_duration(to_seconds(limits.latency)));
  if (limits.jitter > Nanos{0}) parts.push_back("jitter " + format_duration(to_seconds(limits.jitter)));
  if (limits.bytes_per_second > 0) parts.push_back("at most " + format_bytes(limits.bytes_per_second) + "/s");
  if (limits.requests_per_second > 0)
    parts.push_back(fmt::format("at most {:g} requests/s", limits.requests_per_second));
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

ModelLine::ModelLine(const ModelLimits& limits, unsigned processes)
    : limits_(limits),
      bytes_per_second_(limits.bytes_per_second / std::max(processes, 1U)),
      requests_per_second_(limits.requests_per_second / std::max(processes, 1U)) {}

Instant ModelLine::answered(Instant asked, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  const Instant begin = std::max(asked, next_request_);
  next_request_ = begin + at_rate(1, requests_per_second_);
  const double chance = static_cast<double>(mix64(requests_++) >> 11U) * 0x1p-53;
  const Nanos jitter{static_cast<Nanos::rep>(chance * static_cast<double>(limits_.jitter.count()))};
  const Instant ready = begin + limits_.latency + jitter;
  if (bytes == 0) return ready;
  line_free_ = std::max(ready, line_free_) + at_rate(static_cast<double>(bytes), bytes_per_second_);
  return line_free_;
}

std::unique_ptr<Storage> make_model_storage(std::unique_ptr<Storage> below, const ModelLimits& limits,
                                            unsigned processes, const Clock& clock) {
  return std::make_unique<ModelStorage>(std::move(below), limits, processes, clock);
}

}  // namespace stoker::io
