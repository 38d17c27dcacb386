// Reading JSON objects into structs, with messages that name the file and the key.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/status.h"
#include "results/json.h"

namespace stoker::results::internal {

template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;
template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

// What a value of type T looks like, for messages.
template <class T>
std::string expected_text() {
  if constexpr (kIsVector<T>) {
    return "a list in which each entry is " + expected_text<typename T::value_type>();
  } else if constexpr (kIsOptional<T>) {
    return expected_text<typename T::value_type>();
  } else if constexpr (std::is_same_v<T, bool>) {
    return "true or false";
  } else if constexpr (std::is_unsigned_v<T>) {
    return "a whole number, 0 or more";
  } else if constexpr (std::is_integral_v<T>) {
    return "a whole number";
  } else if constexpr (std::is_floating_point_v<T>) {
    return "a number";
  } else {
    static_assert(std::is_same_v<T, std::string>);
    return "a text";
  }
}

// False when `json` is of another type; `out` is then half-filled.
template <class T>
bool convert(const Json& json, T& out) {
  if constexpr (kIsVector<T>) {
    if (!json.is_array()) return false;
    out.clear();
    for (const Json& entry : json) {
      // What was not measured stays empty; where only a number will do it is 0.
      constexpr bool kMayBeNull =
          std::is_floating_point_v<typename T::value_type> || kIsOptional<typename T::value_type>;
      if (kMayBeNull && entry.is_null()) {
        out.emplace_back();
      } else if (!convert(entry, out.emplace_back())) {
        return false;
      }
    }
    return true;
  } else if constexpr (kIsOptional<T>) {
    return convert(json, out.emplace());
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!json.is_boolean()) return false;
    out = json.get<bool>();
    return true;
  } else if constexpr (std::is_integral_v<T>) {
    // Python writes a whole number as 3.0 where a division made it.
    if (json.is_number_float()) {
      const double value = json.get<double>();
      if (std::abs(value) > 9e15 || value != std::floor(value) || (std::is_unsigned_v<T> && value < 0)) return false;
      out = static_cast<T>(value);
      return true;
    }
    if (!json.is_number_integer()) return false;
    if constexpr (std::is_unsigned_v<T>) {
      if (!json.is_number_unsigned()) return false;
    } else {
      if (json.is_number_unsigned() && json.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) return false;
    }
    out = json.get<T>();
    return true;
  } else if constexpr (std::is_floating_point_v<T>) {
    if (!json.is_number()) return false;
    out = json.get<T>();
    return true;
  } else {
    static_assert(std::is_same_v<T, std::string>);
    if (!json.is_string()) return false;
    out = json.get<std::string>();
    return true;
  }
}

// The members of one object. The first mistake is kept; what comes after it is not read.
class Fields {
 public:
  // `name`: of the file; `where`: dotted path of `object` in it, "" for the top. Both outlive nothing; `object` must
  // outlive this.
  Fields(const Json& object, std::string name, std::string where = "")
      : object_(object), name_(std::move(name)), where_(std::move(where)) {
    if (!object_.is_object()) fail_type(where_, object_, "an object");
  }

  // Absent and null leave `out` as it is.
  template <class T>
  void get(const char* key, T& out) {
    const Json* const json = find(key);
    if (json == nullptr || json->is_null()) return;
    if (!convert(*json, out)) fail_type(path_of(key), *json, expected_text<T>());
  }

  // As get(), for what nothing depends on: a value of another type is told in `left_out` and is no mistake.
  template <class T>
  void get_detail(const char* key, T& out, std::vector<std::string>& left_out) {
    const Json* const json = find(key);
    if (json == nullptr || json->is_null()) return;
    if (T value{}; convert(*json, value)) {
      out = std::move(value);
    } else {
      left_out.push_back(wrong_type(path_of(key), *json, expected_text<T>()));
    }
  }
  [[nodiscard]] const Json* object_detail(const char* key, std::vector<std::string>& left_out) const {
    return part_detail(key, Json::value_t::object, "an object", left_out);
  }
  [[nodiscard]] const Json* list_detail(const char* key, std::vector<std::string>& left_out) const {
    return part_detail(key, Json::value_t::array, "a list", left_out);
  }

  // Absent and null are mistakes.
  template <class T>
  void require(const char* key, T& out) {
    const Json* const json = find(key);
    if (failed()) return;
    if (json == nullptr || json->is_null()) {
      error_ =
          make_error(Code::kCorrupt, "{}: key '{}' is missing; expected {}", name_, path_of(key), expected_text<T>());
      return;
    }
    get(key, out);
  }

  // The member if it is there and not null, after a check that it is an object.
  [[nodiscard]] const Json* object(const char* key) {
    const Json* const json = find(key);
    if (json == nullptr || json->is_null()) return nullptr;
    if (json->is_object()) return json;
    fail_type(path_of(key), *json, "an object");
    return nullptr;
  }
  // Likewise for a list.
  [[nodiscard]] const Json* list(const char* key) {
    const Json* const json = find(key);
    if (json == nullptr || json->is_null()) return nullptr;
    if (json->is_array()) return json;
    fail_type(path_of(key), *json, "a list");
    return nullptr;
  }

  // True when the key is there and not null.
  [[nodiscard]] bool has(const char* key) const {
    const Json* const json = find(key);
    return json != nullptr && !json->is_null();
  }

  void fail(const char* key, std::string_view found, std::string_view expected) {
    if (!failed())
      error_ = make_error(Code::kCorrupt, "{}: key '{}': found {}, expected {}", name_, path_of(key), found, expected);
  }
  // Takes over the error of a part that was read on its own.
  void take(const Status& status) {
    if (!failed() && !status.has_value()) error_ = status.error();
  }

  [[nodiscard]] bool failed() const { return error_.has_value(); }
  [[nodiscard]] Status status() const {
    if (error_) return *error_;
    return {};
  }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string path_of(const char* key) const { return where_.empty() ? key : where_ + "." + key; }

 private:
  [[nodiscard]] const Json* find(const char* key) const {
    if (failed() || !object_.is_object()) return nullptr;
    const auto at = object_.find(key);
    return at == object_.end() ? nullptr : &*at;
  }
  [[nodiscard]] const Json* part_detail(const char* key, Json::value_t type, std::string_view expected,
                                        std::vector<std::string>& left_out) const {
    const Json* const json = find(key);
    if (json == nullptr || json->is_null()) return nullptr;
    if (json->type() == type) return json;
    left_out.push_back(wrong_type(path_of(key), *json, expected));
    return nullptr;
  }
  static std::string wrong_type(const std::string& path, const Json& found, std::string_view expected) {
    return fmt::format("key '{}': found {}, expected {}", path, found_text(found), expected);
  }
  void fail_type(const std::string& path, const Json& found, std::string_view expected) {
    if (failed()) return;
    error_ = path.empty() ? make_error(Code::kCorrupt, "{}: found {}, expected {}", name_, found_text(found), expected)
                          : make_error(Code::kCorrupt, "{}: {}", name_, wrong_type(path, found, expected));
  }
  // The value, cut short, since it says more than its type.
  static std::string found_text(const Json& found) {
    std::string text = found.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (text.size() > 60) text = text.substr(0, 57) + "...";
    return text;
  }

  const Json& object_;
  std::string name_, where_;
  std::optional<Error> error_;
};

}  // namespace stoker::results::internal
