// A table travels as: kind and split, and for listed names the folders, then one entry per file. Sorted names mostly
// differ from their neighbour in a few digits in the middle, so an entry is: number of the folder, bytes of the name
// that are shared with the name before at the front, and at the back, bytes between, and the bytes between; all numbers
// are varints.
#include <algorithm>
#include <map>

#include "base/check.h"
#include "base/compact_text.h"
#include "data/dataset/listing.h"

namespace stoker::dataset {
namespace {

constexpr char kComputed = 'c';
constexpr char kListed = 'l';

// "a/b/name" -> ("a/b", "name"), "name" -> ("", "name").
std::pair<std::string_view, std::string_view> split_path(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {{}, path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

}  // namespace

FileTable FileTable::computed(const Layout& layout, Split split) {
  return {layout, split, true};
}

FileTable FileTable::listed(const Layout& layout, Split split, const std::vector<std::string>& relative_paths) {
  FileTable table(layout, split, false);
  table.name_ends_.reserve(relative_paths.size());
  for (const std::string& path : relative_paths) table.add(path);
  return table;
}

void FileTable::add(std::string_view relative_path) {
  names_ += relative_path;
  name_ends_.push_back(names_.size());
}

std::string_view FileTable::relative_path(std::uint64_t i) const {
  const std::uint64_t begin = i == 0 ? 0 : name_ends_[i - 1];
  return std::string_view(names_).substr(begin, name_ends_[i] - begin);
}

io::Path FileTable::path(std::uint64_t i) const {
  STOKER_CHECK(i < size(), "file number out of range");
  return is_computed_ ? layout_.file(split_, i).path : layout_.root() / relative_path(i);
}

std::string FileTable::name(std::uint64_t i) const {
  STOKER_CHECK(i < size(), "file number out of range");
  if (!is_computed_) {
    std::string_view path = relative_path(i);
    const std::string folder = std::string(folder_name(split_)) + "/";
    if (path.starts_with(folder)) path.remove_prefix(folder.size());
    return std::string(path);
  }
  return (layout_.subfolder(split_, i) / layout_.file_name(split_, i)).string();
}

std::string FileTable::serialize() const {
  std::string text;
  text.push_back(is_computed_ ? kComputed : kListed);
  text.push_back(split_ == Split::kTrain ? 't' : 'v');
  if (is_computed_) return text;

  std::map<std::string_view, std::uint64_t> numbers;
  std::vector<std::string_view> folders;
  for (std::uint64_t i = 0; i < size(); ++i) {
    const std::string_view folder = split_path(relative_path(i)).first;
    if (numbers.emplace(folder, folders.size()).second) folders.push_back(folder);
  }
  put_varint(text, folders.size());
  for (const std::string_view folder : folders) put_text(text, folder);

  put_varint(text, size());
  std::string_view before;
  for (std::uint64_t i = 0; i < size(); ++i) {
    const auto [folder, name] = split_path(relative_path(i));
    const std::size_t both = std::min(name.size(), before.size());
    std::size_t front = 0;
    while (front < both && name[front] == before[front]) ++front;
    std::size_t back = 0;
    while (back < both - front && name[name.size() - 1 - back] == before[before.size() - 1 - back]) ++back;
    put_varint(text, numbers.at(folder));
    put_varint(text, front);
    put_varint(text, back);
    put_text(text, name.substr(front, name.size() - front - back));
    before = name;
  }
  return text;
}

Result<FileTable> FileTable::parse(const Layout& layout, std::string_view text) {
  CompactReader reader(text);
  const char kind = reader.byte();
  const char split_letter = reader.byte();
  const Error damaged = make_error(Code::kCorrupt, "the table of files that another rank sent is damaged");
  if ((kind != kComputed && kind != kListed) || (split_letter != 't' && split_letter != 'v')) return damaged;
  FileTable table(layout, split_letter == 't' ? Split::kTrain : Split::kEval, kind == kComputed);
  if (kind == kComputed) {
    if (!reader.at_end()) return damaged;
    return table;
  }
  // Counts are not trusted for allocation: each element takes at least a byte of the text.
  std::vector<std::string_view> folders;
  for (std::uint64_t left = reader.varint(); left > 0 && reader.ok(); --left) {
    folders.push_back(reader.text());
  }
  std::string before;
  std::string path;
  for (std::uint64_t left = reader.varint(); left > 0 && reader.ok(); --left) {
    const std::uint64_t folder = reader.varint();
    const std::uint64_t front = reader.varint();
    const std::uint64_t back = reader.varint();
    const std::string_view between = reader.text();
    if (!reader.ok() || folder >= folders.size() || front > before.size() || back > before.size() - front) {
      return damaged;
    }
    std::string name = before.substr(0, front);
    name += between;
    name += before.substr(before.size() - back);
    path = folders[folder];
    if (!path.empty()) path += '/';
    path += name;
    table.add(path);
    before = std::move(name);
  }
  if (!reader.ok() || !reader.at_end()) return damaged;
  return table;
}

}  // namespace stoker::dataset
