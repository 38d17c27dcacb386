// Files read through a memory mapping: each byte that is asked for is copied out of it, so that each page is touched
// while the clock runs. What a read of a file returns as an error a mapping sends as SIGBUS, and so it does when the
// file got shorter; here both become errors.
#include <sys/mman.h>
#include <ucontext.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csetjmp>
#include <csignal>
#include <cstring>
#include <mutex>
#include <utility>

#include "base/errno_error.h"
#include "data/io/posix/files_internal.h"

namespace stoker::io {
namespace {

// Where the copy goes on that this thread is in. Set by the thread, read by the handler that interrupts it.
thread_local sigjmp_buf* volatile copy_in_hand = nullptr;

struct sigaction before_us {};

void on_bus_error(int number, siginfo_t* info, void* context) {
  if (copy_in_hand != nullptr) {
    // The jump leaves the handler without its return, which would have given the thread back its mask of signals.
    ::pthread_sigmask(SIG_SETMASK, &static_cast<const ucontext_t*>(context)->uc_sigmask, nullptr);
    siglongjmp(*copy_in_hand, 1);
  }
  // Not ours.
  if ((before_us.sa_flags & SA_SIGINFO) != 0 && before_us.sa_sigaction != nullptr) {
    before_us.sa_sigaction(number, info, context);
    return;
  }
  if (before_us.sa_handler != SIG_DFL && before_us.sa_handler != SIG_IGN) {
    before_us.sa_handler(number);
    return;
  }
  // Again, and this time it ends the process.
  ::signal(SIGBUS, SIG_DFL);
  ::raise(SIGBUS);
}

void install_handler() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action {};
    action.sa_sigaction = on_bus_error;
    ::sigemptyset(&action.sa_mask);
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    ::sigaction(SIGBUS, &action, &before_us);
  });
}

// False when a page was not there.
[[gnu::noinline]] bool copy(MutBytes into, const std::byte* from) {
  sigjmp_buf here;
  if (sigsetjmp(here, 0) != 0) {
    copy_in_hand = nullptr;
    return false;
  }
  copy_in_hand = &here;
  // The copy stays between the two, whatever a compiler knows of memcpy.
  std::atomic_signal_fence(std::memory_order_seq_cst);
  std::memcpy(into.data(), from, into.size());
  std::atomic_signal_fence(std::memory_order_seq_cst);
  copy_in_hand = nullptr;
  return true;
}

class MappedFile final : public ReadableFile {
 public:
  MappedFile(std::unique_ptr<ReadableFile> file, const std::byte* pages, std::uint64_t transfer_bytes)
      : file_(std::move(file)), pages_(pages), transfer_bytes_(transfer_bytes) {}
  ~MappedFile() override {
    if (pages_ != nullptr) ::munmap(const_cast<std::byte*>(pages_), static_cast<std::size_t>(size()));
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  [[nodiscard]] std::uint64_t size() const override { return file_->size(); }
  [[nodiscard]] std::uint64_t version() const override { return file_->version(); }
  [[nodiscard]] std::uint64_t version_now() const override { return file_->version_now(); }
  [[nodiscard]] std::size_t alignment() const override { return 1; }
  [[nodiscard]] const Path& path() const override { return file_->path(); }

  Status read_many(std::span<const ReadOp> ops, ReadObserver* observer) override {
    for (const ReadOp& op : ops) {
      if (op.offset > size() || op.into.size() > size() - op.offset) {
        return make_error(Code::kCorrupt, "{}: file ends at byte {}, where {} bytes at offset {} were expected",
                          path().string(), size(), op.into.size(), op.offset);
      }
      STOKER_TRY(read(op, observer));
    }
    // Behind the end of a file that got shorter its last page is zeros.
    return version_now() == version() ? Status{} : cut();
  }

 private:
  [[nodiscard]] Error cut() const {
    return Error{.code = Code::kCorrupt,
                 .message = fmt::format("{}: was written, cut or removed while it was read", path().string()),
                 .hint = "see who writes there, and run again"};
  }

  // In pieces of a transfer, each a request.
  Status read(const ReadOp& op, ReadObserver* observer) const {
    for (std::size_t done = 0; done < op.into.size();) {
      const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(op.into.size() - done, transfer_bytes_));
      const std::uint64_t offset = op.offset + done;
      const std::int64_t begin = observer != nullptr ? observer->now_ns() : 0;
      if (!copy(op.into.subspan(done, n), pages_ + offset)) {
        return Error{.code = Code::kCorrupt,
                     .message = fmt::format("{}: {} bytes at offset {} of the mapping cannot be read (SIGBUS)",
                                            path().string(), n, offset),
                     .hint =
                         "the storage failed to read a page, or the file was truncated while it was read; read it "
                         "by requests (dataset.format=indexed_binary) to see which"};
      }
      if (observer != nullptr) observer->completed(begin, observer->now_ns(), n, false);
      done += n;
    }
    return {};
  }

  const std::unique_ptr<ReadableFile> file_;
  const std::byte* const pages_;
  const std::uint64_t transfer_bytes_;
};

}  // namespace

Result<std::unique_ptr<ReadableFile>> map_posix_file(std::unique_ptr<ReadableFile> file, int fd,
                                                     std::uint64_t transfer_bytes) {
  install_handler();
  const auto bytes = static_cast<std::size_t>(file->size());
  if (bytes == 0)
    return std::unique_ptr<ReadableFile>(std::make_unique<MappedFile>(std::move(file), nullptr, transfer_bytes));
  void* const pages = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd, 0);
  if (pages == MAP_FAILED) return errno_error(file->path(), "mmap", errno);
  return std::unique_ptr<ReadableFile>(
      std::make_unique<MappedFile>(std::move(file), static_cast<const std::byte*>(pages), transfer_bytes));
}

}  // namespace stoker::io
