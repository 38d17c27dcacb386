#include "data/storages/generated.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "data/dataset/layout.h"
#include "data/format/contents.h"
#include "data/format/format.h"
#include "data/io/forwarding_storage.h"

namespace stoker::storages {
namespace {

using dataset::Split;

constexpr std::array kSplits{Split::kTrain, Split::kEval};
constexpr std::size_t kDirectAlignment = 4096;  // what file systems ask for at most

class GeneratedFile final : public io::ReadableFile {
 public:
  GeneratedFile(io::Path path, std::unique_ptr<format::FileContents> contents, std::size_t alignment)
      : path_(std::move(path)), contents_(std::move(contents)), alignment_(alignment) {}
  [[nodiscard]] std::uint64_t size() const override { return contents_->size(); }
  [[nodiscard]] std::size_t alignment() const override { return alignment_; }
  [[nodiscard]] const io::Path& path() const override { return path_; }

  Status read_many(std::span<const io::ReadOp> ops, io::ReadObserver* observer) override {
    for (const io::ReadOp& op : ops) {
      const std::uint64_t there = size() - std::min(op.offset, size());
      if (op.into.size() > there && (alignment_ == 1 || op.into.size() - there >= alignment_)) {
        return make_error(Code::kCorrupt, "{}: file ends at byte {}, but {} bytes were asked for at {}", path_.string(),
                          size(), op.into.size(), op.offset);
      }
      const std::size_t bytes = std::min<std::uint64_t>(op.into.size(), there);
      const std::int64_t begin = observer != nullptr ? observer->now_ns() : 0;
      contents_->read(op.offset, op.into.first(bytes));
      if (observer != nullptr) observer->completed(begin, observer->now_ns(), bytes, false);
    }
    return {};
  }

 private:
  io::Path path_;
  std::unique_ptr<format::FileContents> contents_;
  std::size_t alignment_;
};

// What a path below the data folder names.
struct Named {
  std::optional<dataset::FileSpec> file;
  std::optional<std::size_t> side{};  // of that file
  bool is_folder = false;
};

class GeneratedStorage final : public io::ForwardingStorage {
 public:
  GeneratedStorage(std::unique_ptr<io::Storage> below, const config::Workload& workload, const format::Format& format,
                   std::unique_ptr<format::Contents> contents)
      : ForwardingStorage(*below),
        below_(std::move(below)),
        workload_(workload),
        format_(format),
        layout_(workload),
        contents_(std::move(contents)) {}

  Result<std::unique_ptr<io::ReadableFile>> open(const io::Path& path, const io::OpenOptions& options) override {
    const auto inside = place_of(path);
    if (!inside) return inner().open(path, options);
    STOKER_ASSIGN(auto contents, contents_at(path, *inside));
    return std::unique_ptr<io::ReadableFile>(
        std::make_unique<GeneratedFile>(path, std::move(contents), options.direct ? kDirectAlignment : 1));
  }
  Result<std::uint64_t> file_size(const io::Path& path) override {
    const auto inside = place_of(path);
    if (!inside) return inner().file_size(path);
    STOKER_ASSIGN(const auto contents, contents_at(path, *inside));
    return contents->size();
  }
  Result<bool> exists(const io::Path& path) override {
    const auto inside = place_of(path);
    if (!inside) return inner().exists(path);
    const Named named = find(*inside);
    return named.is_folder || named.file.has_value();
  }
  using Storage::list;
  Result<std::vector<io::DirEntry>> list(const io::Path& path, io::Sizes sizes) override {
    const auto inside = place_of(path);
    if (!inside) return inner().list(path, sizes);
    if (!find(*inside).is_folder) return absent(path);
    std::vector<io::DirEntry> entries;
    const auto add_folder = [&](std::string_view name) {
      entries.push_back({.name = std::string(name), .is_directory = true});
    };
    const auto [split, folder] = cut(*inside);
    for (const Split one : kSplits) {
      const bool is_root = inside->empty();
      if (is_root && layout_.files(one) > 0) add_folder(dataset::folder_name(one));
      if (is_root || split != dataset::folder_name(one)) continue;
      const bool flat = layout_.folders(one) == 1 && layout_.subfolder(one, 0).empty();
      if (folder.empty() && !flat) {
        for (const std::string& name : layout_.subfolders(one)) add_folder(name);
        continue;
      }
      for (std::uint64_t i = 0; i < layout_.files(one); ++i) {
        if (layout_.subfolder(one, i).native() != folder) continue;
        io::DirEntry& entry = entries.emplace_back(io::DirEntry{.name = layout_.file_name(one, i)});
        if (sizes == io::Sizes::kNo) continue;
        STOKER_ASSIGN(const auto contents, contents_->file(layout_.file(one, i)));
        entry.bytes = contents->size();
      }
    }
    return entries;
  }

  using Storage::create;
  Result<std::unique_ptr<io::WritableFile>> create(const io::Path& path, const io::WriteOptions& options) override {
    STOKER_TRY(refuse_inside(path));
    return inner().create(path, options);
  }
  Result<std::unique_ptr<io::LogFile>> create_log(const io::Path& path) override {
    STOKER_TRY(refuse_inside(path));
    return inner().create_log(path);
  }
  Result<bool> create_if_absent(const io::Path& path, std::string_view text) override {
    STOKER_TRY(refuse_inside(path));
    return inner().create_if_absent(path, text);
  }
  Status make_directories(const io::Path& path) override {
    STOKER_TRY(refuse_inside(path));
    return inner().make_directories(path);
  }
  Status remove(const io::Path& path) override {
    STOKER_TRY(refuse_inside(path));
    return inner().remove(path);
  }
  Result<std::unique_ptr<io::Folder>> open_folder(const io::Path& path) override {
    STOKER_TRY(refuse_inside(path));
    return inner().open_folder(path);
  }
  Result<bool> remove_empty_directory(const io::Path& path) override {
    STOKER_TRY(refuse_inside(path));
    return inner().remove_empty_directory(path);
  }
  Result<std::optional<io::SpaceInfo>> space(const io::Path& path) override {
    STOKER_TRY(refuse_inside(path));
    return inner().space(path);
  }
  Status flush(const io::Path& folder) override {
    STOKER_TRY(refuse_inside(folder));
    return inner().flush(folder);
  }
  Status forget(const io::Path& path) override { return place_of(path) ? Status{} : inner().forget(path); }
  Result<std::uint64_t> kept_bytes(const io::Path& path) override {
    return place_of(path) ? Result<std::uint64_t>(0) : inner().kept_bytes(path);
  }
  std::string describe_reads(const io::OpenOptions& options) const override {
    return options.direct ? "generated bytes and no storage, in the ranges of O_DIRECT"
                          : "generated bytes and no storage";
  }

 private:
  // The path below the data folder, "" for the folder itself; nullopt for all others. By their text: the files' own
  // paths come from the layout.
  [[nodiscard]] std::optional<std::string_view> place_of(const io::Path& path) const {
    std::string_view text = path.native();
    const std::string_view root = layout_.root().native();
    if (!text.starts_with(root)) return std::nullopt;
    text.remove_prefix(root.size());
    const bool cut_at_name = text.empty() || text.front() == '/' || root.ends_with('/');
    if (!cut_at_name) return std::nullopt;
    while (text.starts_with('/')) text.remove_prefix(1);
    while (text.ends_with('/')) text.remove_suffix(1);
    return text;
  }

  // "train/0001" -> ("train", "0001").
  static std::pair<std::string_view, std::string_view> cut(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return {text, {}};
    return {text.substr(0, slash), text.substr(slash + 1)};
  }

  [[nodiscard]] Named find(std::string_view place) const {
    if (place.empty()) return {.is_folder = true};
    const auto [name, below] = cut(place);
    for (const Split split : kSplits) {
      if (layout_.files(split) == 0 || name != dataset::folder_name(split)) continue;
      if (below.empty() || layout_.has_subfolder(split, below)) return {.is_folder = true};
      const std::size_t slash = below.rfind('/');
      const std::string_view folder = slash == std::string_view::npos ? std::string_view() : below.substr(0, slash);
      const auto file = layout_.find(split, folder, slash == std::string_view::npos ? below : below.substr(slash + 1));
      if (file && !file->is_temporary) return {.file = layout_.file(split, file->number), .side = file->side};
    }
    return {};
  }

  [[nodiscard]] Result<std::unique_ptr<format::FileContents>> contents_at(const io::Path& path,
                                                                          std::string_view place) const {
    const Named named = find(place);
    if (named.side) return format_.make_side(workload_, *named.file, *named.side);
    if (named.file) return contents_->file(*named.file);
    if (named.is_folder) return make_error(Code::kCorrupt, "{}: is a folder of generated files", path.string());
    return absent(path);
  }
  [[nodiscard]] static Error absent(const io::Path& path) {
    return make_error(Code::kNotFound, "{}: is none of the generated files (storage.storage_type: generated)",
                      path.string());
  }
  [[nodiscard]] Status refuse_inside(const io::Path& path) const {
    if (!place_of(path)) return {};
    return Error{
        .code = Code::kConfig,
        .message = fmt::format("{}: nothing can be written, renamed or removed here: the files of the data "
                               "folder are computed (storage.storage_type: generated)",
                               path.string()),
        .hint = "use ++workload.storage.storage_type=local_fs for a data set that is written, or another folder"};
  }

  const std::unique_ptr<io::Storage> below_;
  const config::Workload workload_;
  const format::Format& format_;
  const dataset::Layout layout_;
  const std::unique_ptr<format::Contents> contents_;
};

}  // namespace

Result<std::unique_ptr<io::Storage>> make_generated_storage(std::unique_ptr<io::Storage> below,
                                                            const config::Workload& workload) {
  auto contents = format::make_contents(workload);
  if (!contents) return std::move(contents).error().with_context("storage.storage_type: generated");
  STOKER_ASSIGN(const format::Format* const format, format::find_format(workload.dataset.format));
  return std::unique_ptr<io::Storage>(
      std::make_unique<GeneratedStorage>(std::move(below), workload, *format, *std::move(contents)));
}

}  // namespace stoker::storages
