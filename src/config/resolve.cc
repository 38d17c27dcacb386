#include "config/resolve.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/did_you_mean.h"
#include "config/field_value.h"
#include "config/fields.h"
#include "config/formats.h"

namespace stoker::config {
namespace {

// The place in a subtree that was set last: an override of one part of a map counts for the map.
const Place& latest_place(const Node& node) {
  const Place* best = &node.place;
  const auto consider = [&](const Node& child) {
    const Place& place = latest_place(child);
    if (place.precedence > best->precedence) best = &place;
  };
  for (const Node& item : node.items) consider(item);
  for (const Entry& entry : node.entries) consider(entry.value);
  return *best;
}

std::string position_text(const SourcePos& position) {
  if (position.line == 0) return position.file;
  return fmt::format("{}:{}:{}", position.file, position.line, position.column);
}

std::string joined(std::string_view section, std::string_view name) {
  return section.empty() ? std::string(name) : fmt::format("{}.{}", section, name);
}

// A value in the tree that was chosen for a row.
struct Chosen {
  std::string key;  // the name under which it stands
  const Node* node = nullptr;
  bool old_name = false;
};

class Resolver {
 public:
  Resolver(const Node& root, std::span<const std::string> overrides, FileOwner owner)
      : root_(root), overrides_(overrides), owner_(owner) {}

  Result<Resolved> run() {
    STOKER_TRY(check_names(root_, ""));
    for (const Field& field : fields()) STOKER_TRY(read(field));
    for (const Field& field : fields()) {
      if (const auto* stdev = std::get_if<StdevAccess>(&field.member)) STOKER_TRY(apply_stdev(field, *stdev));
    }
    STOKER_TRY(settle());
    if (!old_names_.empty()) warn(fmt::format("old names of keys: {}", fmt::join(old_names_, ", ")));
    if (!no_effect_.empty()) warn(fmt::format("accepted, without effect here: {}", fmt::join(no_effect_, ", ")));
    return std::move(result_);
  }

 private:
  void warn(std::string text) { result_.warnings.push_back(std::move(text)); }

  Origin origin_of(const Node& node) const {
    const Place& place = latest_place(node);
    if (place.precedence == 0) return {Origin::Kind::kFile, position_text(place.position), place.position};
    return {Origin::Kind::kOverride, overrides_[static_cast<std::size_t>(place.precedence) - 1], place.position};
  }

  // Unknown keys: refused below dataset.parquet and where they look like a typing error of a known one, else ignored
  // with a warning, because files in the field carry keys of many versions and of other programs.
  Status check_names(const Node& node, const std::string& section) {
    for (const Entry& entry : node.entries) {
      const std::string path = joined(section, entry.key);
      const std::string known = canonical_section(path);
      if (find_field(known) != nullptr && !(is_section(known) && entry.value.is_map())) continue;
      const bool model_name = known == "model" && entry.value.is_scalar();
      if (!is_section(known)) {
        STOKER_TRY(unknown(entry, path, canonical_section(section)));
      } else if (entry.value.is_map()) {
        STOKER_TRY(check_names(entry.value, path));
      } else if (!entry.value.is_null() && !model_name) {
        return value_error(path, entry.value, "a section, that is a map of keys");
      }
    }
    return {};
  }

  Status unknown(const Entry& entry, const std::string& path, const std::string& section) {
    const std::vector<std::string_view> names = names_in_section(section);
    const auto guess = did_you_mean(entry.key, names);
    const std::string suggestion = guess ? fmt::format("; did you mean '{}'?", *guess) : std::string();
    const std::size_t few = entry.key.size() < 4 ? 1 : std::max<std::size_t>(2, entry.key.size() / 5);
    const bool typo = guess && edit_distance(entry.key, *guess) <= few;
    const Place& place = entry.place;
    if (typo || section == "dataset.parquet") {
      return Error{
          .code = Code::kConfig,
          .message = fmt::format("{}: unknown key{}", path, suggestion),
          .hint = section == "dataset.parquet" ? fmt::format("known here: {}", fmt::join(names, ", ")) : std::string(),
          .where = place.position};
    }
    warn(fmt::format("{}: unknown key, ignored{} ({})", path, suggestion, position_text(place.position)));
    return {};
  }

  // All places where a row's value may stand, the preferred one first.
  std::vector<Chosen> candidates(const Field& field) {
    std::vector<Chosen> found;
    const auto consider = [&](std::string key, bool old_name) {
      if (const Node* node = find_path(root_, key)) found.push_back({std::move(key), node, old_name});
    };
    if (field.key == "model.name") {
      // Files of old: `model: unet3d`.
      if (const Node* model = root_.find("model"); model != nullptr && model->is_scalar() && !model->is_null()) {
        return {Chosen{"model", model, false}};
      }
    }
    if (field.key.starts_with("reader.")) {
      consider("data_" + std::string(field.key), false);
      const Node* section = root_.find("data_reader");
      const Node* node = find_path(root_, field.key);
      const bool hidden =
          section != nullptr && section->is_map() && node != nullptr && latest_place(*node).precedence == 0;
      if (!hidden && node != nullptr) found.push_back({std::string(field.key), node, false});
      if (hidden && !warned_of_two_readers_) {
        warn("reader: ignored, because the section data_reader is there too");
        warned_of_two_readers_ = true;
      }
    } else {
      consider(std::string(field.key), false);
    }
    for (const Alias& alias : field.aliases) consider(std::string(alias.key), alias.old);
    return found;
  }

  Status read(const Field& field) {
    const std::vector<Chosen> found = candidates(field);
    result_.origins[std::string(field.key)] = {};
    if (found.empty()) return {};
    const Chosen* chosen = &found.front();
    for (const Chosen& candidate : found) {
      const bool typed = owner_ == FileOwner::kUser || latest_place(*candidate.node).precedence > 0;
      if (candidate.old_name && typed) old_names_.push_back(fmt::format("{} (now {})", candidate.key, field.key));
      if (latest_place(*candidate.node).precedence > latest_place(*chosen->node).precedence) chosen = &candidate;
    }
    const Node& node = *chosen->node;
    if (field.effect == Effect::kRefused) {
      if (node.is_null()) return {};
      return Error{.code = Code::kConfig,
                   .message = fmt::format("{}: found '{}', but plug-ins in Python are not supported", chosen->key,
                                          preview(node)),
                   .hint = "remove the key; formats and loaders of this program are built in",
                   .where = node.place.position};
    }
    if (field.effect == Effect::kNone) {
      if (!node.is_null() && lower(preview(node)) != lower(field.fallback)) no_effect_.push_back(chosen->key);
      // Some of these are checked and kept all the same: a format to come will use them.
      if (std::holds_alternative<std::monostate>(field.member)) return {};
    }
    result_.origins[std::string(field.key)] = origin_of(node);
    if (node.is_null() && field.needed) return empty_error(chosen->key, "null", node.place.position);
    // null stands for the default, except where the mere presence of a section counts.
    if (node.is_null() && !std::holds_alternative<PresenceAccess>(field.member)) return {};
    return set_value(field, chosen->key, node, result_.workload);
  }

  Status apply_stdev(const Field& field, const StdevAccess& access) {
    const std::vector<Chosen> found = candidates(field);
    if (found.empty() || found.front().node->is_null()) return {};
    const Node& node = *found.front().node;
    const std::optional<double> stdev =
        node.is_scalar() && node.kind != Node::Kind::kBool ? parse_number(node.text) : std::nullopt;
    if (!stdev || *stdev < field.min || *stdev > field.max) {
      return value_error(found.front().key, node, fmt::format("a number, {}", bounds_text(field)));
    }
    Duration& duration = access.duration(result_.workload);
    const bool spread = duration.kind == Duration::Kind::kConstant || duration.kind == Duration::Kind::kNormal;
    if (!spread) {
      warn(fmt::format("{}: no effect, because {} is {}", field.key, access.sibling, to_text(duration)));
      return {};
    }
    // The map's own stdev wins unless this key was set later.
    const Field* sibling = find_field(access.sibling);
    const std::vector<Chosen> times = candidates(*sibling);
    const Node* own = times.empty() ? nullptr : times.front().node->find("stdev");
    if (own != nullptr && own->place.precedence >= node.place.precedence) return {};
    duration.b = *stdev;
    duration.kind = *stdev > 0 ? Duration::Kind::kNormal : Duration::Kind::kConstant;
    return {};
  }

  // Keys that decide about others.
  Status settle() {
    Workload& w = result_.workload;
    trim_slash(w.dataset.data_folder);
    trim_slash(w.checkpoint.checkpoint_folder);
    settle_direct(w);
    if (spec_of(w.dataset.format).is_image && w.dataset.record_element_type != DType::kUint8) {
      warn(fmt::format("dataset.record_element_type: found {}, but {} images hold uint8 pixels; uint8 is used",
                       to_string(w.dataset.record_element_type), to_string(w.dataset.format)));
      w.dataset.record_element_type = DType::kUint8;
    }
    return {};
  }

  static void trim_slash(std::string& folder) {
    while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  }

  // Three ways of asking for reads past the page cache besides reader.odirect.
  void settle_direct(Workload& w) {
    std::string_view because;
    if (w.storage.storage_type == StorageType::kDirectFs) {
      because = "storage.storage_type";
    } else if (w.storage.storage_type == StorageType::kLocalFs) {
      if (lower(w.storage.uri_scheme) == "direct") because = "storage.storage_options.uri_scheme";
      if (lower(w.storage.storage_library) == "direct") because = "storage.storage_library";
    }
    if (because.empty() || w.reader.odirect) return;
    w.reader.odirect = true;
    result_.origins["reader.odirect"] = result_.origins[std::string(because)];
  }

  const Node& root_;
  std::span<const std::string> overrides_;
  const FileOwner owner_;
  Resolved result_;
  std::vector<std::string> old_names_, no_effect_;
  bool warned_of_two_readers_ = false;
};

}  // namespace

Result<Resolved> resolve(const Node& root, std::span<const std::string> overrides, FileOwner owner) {
  return Resolver(root, overrides, owner).run();
}

}  // namespace stoker::config
