#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <span>
#include <utility>

#include "base/plural.h"
#include "base/printable.h"
#include "config/data_set_names.h"
#include "data/dataset/search_internal.h"
#include "data/io/place.h"

namespace stoker::dataset {
namespace {

constexpr std::size_t kNamesInMessage = 3;
constexpr std::size_t kEndingsInMessage = 4;
// Folders below the split's folder that are searched: enough for any data set, and an end to links in a circle.
constexpr int kDepthMax = 16;
// Where data hubs keep the files of a data set.
constexpr std::string_view kHubFolder = "data";

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

std::string_view skip_digits(std::string_view text) {
  const std::size_t end = text.find_first_not_of("0123456789");
  return end == std::string_view::npos ? std::string_view() : text.substr(end);
}

std::string joined(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

using Entries = std::vector<io::DirEntry>;

class Searcher {
 public:
  Searcher(io::Storage& storage, const Layout& layout, Split split)
      : storage_(storage), layout_(layout), split_(split) {
    for (const std::string& extension : layout.extensions()) endings_.push_back("." + extension);
  }

  Result<Search> run() {
    const std::string folder(folder_name(split_));
    searches_below_ = !layout_.subfolder(split_, 0).empty();
    STOKER_ASSIGN(const bool there, look_below(folder, kDepthMax));
    if (!search_.files.empty()) return std::move(search_);
    search_.in_split_folder = false;
    STOKER_ASSIGN(const Entries top, list(""));
    STOKER_TRY(look_for_hub_names(top));
    if (search_.files.empty()) look_at_top(top, split_ == Split::kTrain && !there);
    return std::move(search_);
  }

 private:
  // Without entries when it is not there.
  Result<Entries> list(const std::string& folder) {
    auto entries = storage_.list(folder.empty() ? layout_.root() : layout_.root() / folder);
    if (!entries && entries.error().code == Code::kNotFound) return Entries{};
    return entries;
  }

  bool is_data(const std::string& name) const {
    const std::string text = lower(name);
    return std::any_of(endings_.begin(), endings_.end(), [&](const auto& ending) { return text.ends_with(ending); });
  }

  void take(const io::DirEntry& entry, std::size_t folder) {
    search_.files.push_back({.name = entry.name, .folder = folder});
  }

  void pass_over(const io::DirEntry& entry, const std::string& folder) {
    Others& others = search_.others;
    if (config::is_hidden(entry.name)) {
      ++others.hidden;
      return;
    }
    ++others.by_ending[io::Path(entry.name).extension().string()];
    if (others.names.size() <= kNamesInMessage) others.names.push_back(joined(folder, entry.name));
  }

  // Whether the folder is there.
  Result<bool> look_below(const std::string& folder, int depth) {
    auto entries = storage_.list(layout_.root() / folder);
    if (!entries) {
      if (entries.error().code == Code::kNotFound) return false;
      return std::move(entries).error();
    }
    search_.folders.push_back(folder);
    const std::size_t number = search_.folders.size() - 1;
    for (const io::DirEntry& entry : *entries) {
      if (entry.is_directory) {
        if (config::is_hidden(entry.name)) continue;
        if (!searches_below_) {
          ++search_.folders_not_searched;
        } else {
          // Its files would be read more than once.
          STOKER_TRY(io::refuse_link_up(layout_.root() / folder, entry));
          if (depth == 0) {
            return make_error(Code::kUnsupported, "{}: lies more than {} folders below {}",
                              printable_line((layout_.root() / folder / entry.name).string()), kDepthMax,
                              folder_name(split_));
          }
          STOKER_TRY(look_below(joined(folder, entry.name), depth - 1));
        }
      } else if (!config::is_hidden(entry.name) && is_data(entry.name)) {
        // Unfinished files of our generator end in ".tmp" and so do not count.
        take(entry, number);
      } else {
        pass_over(entry, folder);
      }
    }
    return true;
  }

  void take_hub_files(const std::string& folder, const Entries& entries, std::span<const std::string_view> words) {
    search_.folders.push_back(folder);
    for (const io::DirEntry& entry : entries) {
      if (entry.is_directory || !is_data(entry.name)) continue;
      const std::string_view word = hub_word(entry.name);
      if (std::find(words.begin(), words.end(), word) != words.end()) take(entry, search_.folders.size() - 1);
    }
  }

  Status look_for_hub_names(const Entries& top) {
    using Words = std::vector<std::string_view>;
    const std::vector<Words> choices = split_ == Split::kTrain
                                           ? std::vector<Words>{{"train"}}
                                           : std::vector<Words>{{"validation", "valid", "val", "dev"}, {"test"}};
    const bool has_hub_folder = std::any_of(
        top.begin(), top.end(), [](const io::DirEntry& e) { return e.is_directory && e.name == kHubFolder; });
    Entries below;
    if (has_hub_folder) {
      STOKER_ASSIGN(below, list(std::string(kHubFolder)));
    }
    for (const Words& words : choices) {
      take_hub_files("", top, words);
      if (search_.files.empty()) take_hub_files(std::string(kHubFolder), below, words);
      if (search_.files.empty()) continue;
      if (words.front() == "test") search_.note = "there is no validation split: evaluating with the test split";
      return {};
    }
    for (const io::DirEntry& entry : below) {
      if (!entry.is_directory) pass_over(entry, std::string(kHubFolder));
    }
    return {};
  }

  // Either takes what is data, or tells what is there instead, unless the split's folder had something to tell.
  void look_at_top(const Entries& top, bool takes) {
    if (!takes && !search_.others.by_ending.empty()) return;
    search_.folders.emplace_back();
    for (const io::DirEntry& entry : top) {
      if (entry.is_directory) continue;
      // Files of another split's name are not for training.
      if (takes && !config::is_hidden(entry.name) && is_data(entry.name) && hub_word(entry.name).empty()) {
        take(entry, search_.folders.size() - 1);
      } else {
        pass_over(entry, "");
      }
    }
    if (!search_.files.empty())
      search_.note = "there is no folder 'train': taking the files that lie in the data folder";
  }

  io::Storage& storage_;
  const Layout& layout_;
  const Split split_;
  bool searches_below_ = false;
  std::vector<std::string> endings_;
  Search search_;
};

}  // namespace

Result<Search> search(io::Storage& storage, const Layout& layout, Split split) {
  return Searcher(storage, layout, split).run();
}

std::string_view hub_word(std::string_view name) {
  constexpr std::string_view kOf = "-of-";
  const std::size_t dash = name.find('-');
  if (dash == std::string_view::npos) return {};
  const std::string_view after_number = skip_digits(name.substr(dash + 1));
  if (after_number.size() == name.size() - dash - 1 || !after_number.starts_with(kOf)) return {};
  const std::string_view count = after_number.substr(kOf.size());
  const std::string_view rest = skip_digits(count);
  if (rest.size() == count.size() || !(rest.starts_with('.') || rest.starts_with('-'))) return {};
  return name.substr(0, dash);
}

std::string endings_text(const Layout& layout) {
  std::string text;
  const std::vector<std::string> extensions = layout.extensions();
  for (std::size_t i = 0; i < extensions.size(); ++i) {
    if (i > 0) text += i + 1 == extensions.size() ? " or " : ", ";
    text += fmt::format("'.{}'", extensions[i]);
  }
  return text;
}

std::string others_text(const Others& others) {
  std::vector<std::pair<std::uint64_t, std::string>> endings;
  for (const auto& [ending, count] : others.by_ending) endings.emplace_back(count, ending);
  std::stable_sort(endings.begin(), endings.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < endings.size() && i < kEndingsInMessage; ++i) {
    const auto& [count, ending] = endings[i];
    parts.push_back(ending.empty() ? counted(count, "file without an ending", "files without an ending")
                                   : fmt::format("{} ending in '{}'", counted(count, "file"), printable_line(ending)));
  }
  if (endings.size() > kEndingsInMessage) parts.emplace_back("others");
  if (others.hidden > 0) parts.push_back(counted(others.hidden, "hidden file"));
  std::string text = fmt::format("{}", fmt::join(parts, ", "));
  if (others.names.empty()) return text;
  const std::size_t shown = std::min(others.names.size(), kNamesInMessage);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < shown; ++i) names.push_back(printable_line(others.names[i]));
  return fmt::format("{} ({}{})", text, fmt::join(names, ", "), others.names.size() > shown ? ", ..." : "");
}

}  // namespace stoker::dataset
