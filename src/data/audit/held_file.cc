#include "data/audit/held_file.h"

#include <cstring>
#include <span>
#include <utility>

namespace stoker::audit {
namespace {

// A file that somebody else has open; read from memory where its bytes are there.
class View final : public io::ReadableFile {
 public:
  View(io::ReadableFile& file, std::optional<Bytes> bytes) : file_(file), bytes_(bytes) {}

  [[nodiscard]] std::uint64_t size() const override { return file_.size(); }
  [[nodiscard]] std::uint64_t version() const override { return file_.version(); }
  [[nodiscard]] std::size_t alignment() const override { return file_.alignment(); }
  Status read_many(std::span<const io::ReadOp> ops, io::ReadObserver* observer) override {
    if (!bytes_) return file_.read_many(ops, observer);
    for (const io::ReadOp& op : ops) {
      if (op.offset > bytes_->size() || op.into.size() > bytes_->size() - op.offset) {
        return make_error(Code::kCorrupt, "{}: file ends at byte {}, where {} bytes at offset {} were expected",
                          path().string(), bytes_->size(), op.into.size(), op.offset);
      }
      if (!op.into.empty()) std::memcpy(op.into.data(), bytes_->data() + op.offset, op.into.size());
    }
    return {};
  }
  [[nodiscard]] const io::Path& path() const override { return file_.path(); }

 private:
  io::ReadableFile& file_;
  const std::optional<Bytes> bytes_;
};

}  // namespace

Status HeldFile::take(const io::Path& path) {
  file_.reset();
  in_memory_ = false;
  STOKER_ASSIGN(auto file, inner().open(path, {}));
  if (file->size() <= kBytesMax) {
    STOKER_TRY(io::read_at(*file, 0, memory_.resize(static_cast<std::size_t>(file->size()))));
    in_memory_ = true;
  }
  file_ = std::move(file);
  return {};
}

std::optional<Bytes> HeldFile::bytes() const {
  return in_memory_ ? std::optional<Bytes>(memory_.bytes()) : std::nullopt;
}

Result<std::unique_ptr<io::ReadableFile>> HeldFile::open(const io::Path& path, const io::OpenOptions& options) {
  // What is held was opened without O_DIRECT.
  if (file_ == nullptr || options.direct || path.native() != file_->path().native()) return inner().open(path, options);
  return std::unique_ptr<io::ReadableFile>(std::make_unique<View>(*file_, bytes()));
}

}  // namespace stoker::audit
