// Direct reads through io_uring: many requests in flight from one thread, one system call for a handful of them.
//
// A ring belongs to one thread. So there is no lock, and the kernel may be told that a single thread submits
// (SINGLE_ISSUER) and that completions are to be worked off only when that thread asks for them (DEFER_TASKRUN), which
// saves the interrupts of the reading thread; kernels before 6.1 know neither flag and get a plain ring. The blocks of
// memory that a queue lends are told to the kernel once (registered buffers), which then need not look up their pages
// for each request; where that is refused (the limit on locked memory) requests name the memory as ever. Where a ring
// is refused at all (old kernel, seccomp filter of a container, sysctl), reads are blocking preads and
// direct_mechanism() says so.
//
// No buffered reads here: on cold files the kernel hands them to worker threads, which costs ten times the CPU of a
// pread.
#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "data/io/posix/direct_reads_internal.h"
#include "data/io/posix/uring_internal.h"
#include "data/io/request_bytes.h"

namespace stoker::io {
namespace {

// How often a request is sent again that the kernel turned down for the moment.
constexpr int kRetriesMax = 16;
// Blocks of memory, and files, that the kernel is told of at a time; further ones are used without.
constexpr unsigned kBlocksMost = kChunksUnderWay, kFilesMost = 16;
// Telling it of a file takes a system call, which fewer requests are not worth.
constexpr std::uint64_t kRequestsWorthRegistering = 8;

// How many rings the process's threads got, and how many they did not.
std::atomic<unsigned> g_rings{0};
std::atomic<unsigned> g_without_ring{0};

class UringReads final : public DirectReads {
 public:
  // Null when the kernel refuses.
  static std::unique_ptr<UringReads> make(unsigned depth) {
    std::unique_ptr<UringReads> reads(new UringReads(depth));
    reads->open();
    return reads->open_ ? std::move(reads) : nullptr;
  }
  UringReads(const UringReads&) = delete;
  UringReads& operator=(const UringReads&) = delete;
  ~UringReads() override {
    for (const auto& read : reads_) (void)finish(*read);
    if (open_) ::io_uring_queue_exit(&ring_);
  }

  void submit(Ticket ticket, const ReadTarget& file, const LeasePool::Block* memory, std::span<const ReadOp> ops,
              ReadObserver* observer) override;
  Status wait(Ticket ticket) override;
  [[nodiscard]] bool usable() const override { return open_; }
  [[nodiscard]] std::uint64_t requests() const override { return requests_; }
  [[nodiscard]] std::uint64_t bytes() const override { return bytes_; }

 private:
  // What was submitted together.
  struct Read {
    Read(Ticket name, const ReadTarget& target, std::span<const ReadOp> its_ops, ReadObserver* its_observer)
        : ticket(name),
          file(target),
          ops(its_ops.begin(), its_ops.end()),
          observer(its_observer),
          splitter(file, ops),
          requests(splitter.requests()),
          bytes(splitter.bytes()) {}

    [[nodiscard]] bool done() const { return in_flight == 0 && (!more || failure.has_value()); }

    const Ticket ticket;
    const ReadTarget& file;
    const std::vector<ReadOp> ops;
    ReadObserver* const observer;
    DirectSplitter splitter;
    std::uint64_t requests, bytes;  // that are not answered
    // Numbers of the memory and of the file, if the kernel knows them.
    std::optional<unsigned> block{}, known_file{};
    bool more = true;  // of the splitter
    unsigned in_flight = 0;
    std::optional<Error> failure{};  // the first; nothing more is sent then
  };
  struct Slot {
    DirectRequest request;
    Read* read = nullptr;
    std::uint64_t bytes = 0;  // of the request when it was sent first
    std::int64_t begin_ns = 0;
    int retries = 0;
  };

  explicit UringReads(unsigned depth) : slots_(depth) {
    for (unsigned i = 0; i < depth; ++i) free_.push_back(i);
  }

  void open();
  [[nodiscard]] std::optional<unsigned> number_of(const LeasePool::Block* memory);
  [[nodiscard]] std::optional<unsigned> number_of(const Read& read);
  [[nodiscard]] unsigned in_flight() const { return static_cast<unsigned>(slots_.size() - free_.size()); }

  // Puts requests into the ring as long as there is room.
  void fill();
  void queue(unsigned slot, std::int64_t begin_ns);
  // Hands them to the kernel, and waits until at least one of all is answered if `wanted` is 1.
  void enter(unsigned wanted);
  // Handles the answers that are there.
  void reap(bool seen_late);
  // True when the slot's request is finished, false when it must be sent again.
  static Result<bool> handle(Slot& slot, int answer, std::int64_t now_ns, bool seen_late);
  Status finish(Read& read);
  void answered(Read& read, std::uint64_t requests, std::uint64_t bytes) {
    read.requests -= requests;
    requests_ -= requests;
    read.bytes -= bytes;
    bytes_ -= bytes;
  }

  io_uring ring_{};
  bool open_ = false;
  std::vector<std::unique_ptr<Read>> reads_;  // in the order in which they were submitted
  std::vector<Slot> slots_;
  std::vector<unsigned> free_;
  std::uint64_t requests_ = 0, bytes_ = 0;  // not answered, or not sent yet
  bool registers_memory_ = false, registers_files_ = false;
  std::vector<std::uint64_t> versions_;                  // of the blocks that the kernel knows; 0: it does not
  std::array<std::uint64_t, kFilesMost> known_files_{};  // likewise, ReadTarget::id
};

void UringReads::open() {
  open_ = open_ring(ring_, static_cast<unsigned>(slots_.size()), IORING_OP_READ);
  if (!open_) return;
  versions_.clear();
  known_files_ = {};
  for (const auto& read : reads_) {
    read->block.reset();
    read->known_file.reset();
  }
  registers_memory_ = ::io_uring_register_buffers_sparse(&ring_, kBlocksMost) == 0;
  registers_files_ = ::io_uring_register_files_sparse(&ring_, kFilesMost) == 0;
}

std::optional<unsigned> UringReads::number_of(const LeasePool::Block* memory) {
  if (memory == nullptr || !registers_memory_ || memory->number >= kBlocksMost) return std::nullopt;
  versions_.resize(std::max<std::size_t>(versions_.size(), memory->number + 1), 0);
  std::uint64_t& version = versions_[memory->number];
  if (version != memory->version) {
    iovec whole{memory->memory.data(), memory->memory.capacity()};
    __u64 tag = 0;
    const int rc = ::io_uring_register_buffers_update_tag(&ring_, memory->number, &whole, &tag, 1);
    // Past the limit on locked memory others will be, too; one that is too large is so alone.
    if (rc == -ENOMEM) registers_memory_ = false;
    version = rc == 1 ? memory->version : 0;
    if (rc != 1) return std::nullopt;
  }
  return memory->number;
}

std::optional<unsigned> UringReads::number_of(const Read& read) {
  if (!registers_files_ || read.file.id == 0) return std::nullopt;
  const auto number = static_cast<unsigned>(read.file.id % kFilesMost);
  if (known_files_.at(number) == read.file.id) return number;
  if (read.requests < kRequestsWorthRegistering) return std::nullopt;
  // The place is another file's so far, whose requests must have left the ring.
  enter(0);
  if (::io_uring_sq_ready(&ring_) > 0) return std::nullopt;
  registers_files_ = ::io_uring_register_files_update(&ring_, number, &read.file.fd, 1) == 1;
  if (!registers_files_) return std::nullopt;
  for (const auto& other : reads_) {
    if (other->known_file == number && other->file.id != read.file.id) other->known_file.reset();
  }
  known_files_.at(number) = read.file.id;
  return number;
}

void UringReads::submit(Ticket ticket, const ReadTarget& file, const LeasePool::Block* memory,
                        std::span<const ReadOp> ops, ReadObserver* observer) {
  auto read = std::make_unique<Read>(ticket, file, ops, observer);
  read->block = number_of(memory);
  read->known_file = number_of(*read);
  requests_ += read->requests;
  bytes_ += read->bytes;
  reads_.push_back(std::move(read));
  fill();
  enter(0);
}

void UringReads::fill() {
  for (const auto& read : reads_) {
    if (!read->more || read->failure || free_.empty()) continue;
    const std::int64_t begin_ns = read->observer != nullptr ? read->observer->now_ns() : 0;
    while (read->more && !read->failure && !free_.empty()) {
      DirectRequest request;
      Result<bool> next = read->splitter.next(request);
      if (!next) {
        read->failure = std::move(next).error();
      } else if ((read->more = *next)) {
        const unsigned slot = free_.back();
        free_.pop_back();
        slots_[slot] = Slot{.request = request, .read = read.get(), .bytes = request.length};
        ++read->in_flight;
        queue(slot, begin_ns);
      }
    }
  }
}

void UringReads::queue(unsigned slot, std::int64_t begin_ns) {
  slots_[slot].begin_ns = begin_ns;
  const DirectRequest& request = slots_[slot].request;
  const Read& read = *slots_[slot].read;
  io_uring_sqe* sqe = ::io_uring_get_sqe(&ring_);
  STOKER_CHECK(sqe != nullptr, "more requests than the ring has room for");
  const auto length = static_cast<unsigned>(request.length);
  const int file = read.known_file ? static_cast<int>(*read.known_file) : read.file.fd;
  if (read.block) {
    ::io_uring_prep_read_fixed(sqe, file, request.into, length, request.offset, static_cast<int>(*read.block));
  } else {
    ::io_uring_prep_read(sqe, file, request.into, length, request.offset);
  }
  if (read.known_file) sqe->flags |= IOSQE_FIXED_FILE;
  ::io_uring_sqe_set_data64(sqe, slot);
}

void UringReads::enter(unsigned wanted) {
  if (!open_ || in_flight() == 0) return;
  const int rc = wanted == 0 ? ::io_uring_submit(&ring_) : ::io_uring_submit_and_wait(&ring_, wanted);
  if (rc >= 0 || rc == -EINTR) return;
  // Anything but a shortage of memory or of completion slots is a wrong call of ours.
  STOKER_CHECK(rc == -EAGAIN || rc == -EBUSY || rc == -ENOMEM, "io_uring_enter refused a valid ring");
  if (wanted == 0) return;  // they are tried again when they are waited for
  const unsigned in_kernel = in_flight() - ::io_uring_sq_ready(&ring_);
  if (in_kernel > 0) {
    // Answers free what was short.
    io_uring_cqe* cqe = nullptr;
    const int waited = ::io_uring_wait_cqe(&ring_, &cqe);
    STOKER_CHECK(waited == 0 || waited == -EINTR, "io_uring_wait_cqe refused a valid ring");
    return;
  }
  // It takes none at all, and some may stand in the ring: all that is in it has failed, and others get a new ring, if
  // there is one.
  ::io_uring_queue_exit(&ring_);
  open();
  for (const auto& read : reads_) {
    if ((read->in_flight > 0 || !open_) && !read->failure) read->failure = read_error(read->file, 0, 0, -rc);
    read->in_flight = 0;
  }
  free_.clear();
  for (unsigned i = 0; i < slots_.size(); ++i) free_.push_back(i);
}

Result<bool> UringReads::handle(Slot& slot, int answer, std::int64_t now_ns, bool seen_late) {
  const ReadTarget& file = slot.read->file;
  if (answer == -EINTR || answer == -EAGAIN) {
    if (++slot.retries > kRetriesMax) return read_error(file, slot.request.offset, slot.request.length, -answer);
    return false;
  }
  if (answer < 0) return read_error(file, slot.request.offset, slot.request.length, -answer);
  if (ReadObserver* observer = slot.read->observer; observer != nullptr)
    observer->completed(slot.begin_ns, now_ns, static_cast<std::uint64_t>(answer), seen_late);
  return advance(file, static_cast<std::size_t>(answer), slot.request);
}

void UringReads::reap(bool seen_late) {
  if (!open_) return;
  io_uring_cqe* cqe = nullptr;
  std::int64_t now = 0;
  while (::io_uring_peek_cqe(&ring_, &cqe) == 0) {
    const auto number = static_cast<unsigned>(::io_uring_cqe_get_data64(cqe));
    const int answer = cqe->res;
    ::io_uring_cqe_seen(&ring_, cqe);
    Slot& slot = slots_[number];
    Read& read = *slot.read;
    if (now == 0 && read.observer != nullptr) now = read.observer->now_ns();
    Result<bool> finished = handle(slot, answer, now, seen_late);
    if (finished && !*finished && !read.failure) {
      queue(number, now);
      continue;
    }
    free_.push_back(number);
    --read.in_flight;
    answered(read, 1, slot.bytes);
    if (!finished && !read.failure) read.failure = std::move(finished).error();
  }
}

Status UringReads::finish(Read& read) {
  // What was answered while the thread did something else.
  if (!read.done()) {
    enter(0);
    if (open_) (void)::io_uring_get_events(&ring_);
    reap(true);
  }
  while (!read.done()) {
    fill();
    if (read.done()) break;
    enter(1);
    reap(false);
  }
  answered(read, read.requests, read.bytes);  // those that were never sent
  if (read.failure) return *std::move(read.failure);
  return {};
}

Status UringReads::wait(Ticket ticket) {
  const auto it = std::ranges::find_if(reads_, [&](const auto& read) { return read->ticket == ticket; });
  STOKER_CHECK(it != reads_.end(), "waiting for what was never submitted");
  Status status = finish(**it);
  reads_.erase(it);
  // Others take the room that is left now.
  fill();
  enter(0);
  return status;
}

}  // namespace

std::unique_ptr<DirectReads> make_uring_reads(unsigned depth) {
  auto reads = UringReads::make(depth);
  (reads != nullptr ? g_rings : g_without_ring).fetch_add(1, std::memory_order_relaxed);
  return reads;
}

std::string_view direct_mechanism() {
  const bool with = g_rings.load(std::memory_order_relaxed) > 0;
  const bool without = g_without_ring.load(std::memory_order_relaxed) > 0;
  // Nobody has tried yet: this thread does, and its trial is no ring that anything was read by.
  if (!with && !without) return UringReads::make(1) != nullptr ? "io_uring" : "pread";
  if (with && without) return "io_uring, pread in some threads";
  return with ? "io_uring" : "pread";
}

}  // namespace stoker::io
