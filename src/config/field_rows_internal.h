// How rows of the field table name their members. Private to the files that hold rows.
#pragma once

#include <type_traits>
#include <utility>

#include "config/enum_names.h"
#include "config/fields.h"

namespace stoker::config {

// No emulated time and no pause is meant to be longer; what is, was a slip, or would overflow a clock.
inline constexpr double kLongestSeconds = 30 * 86400;

// `Get` is the type of a lambda without captures that returns the member.
template <class Get>
[[nodiscard]] EnumAccess enum_member() {
  using E = std::remove_cvref_t<decltype(Get{}(std::declval<Workload&>()))>;
  std::vector<std::string_view> names;
  for (const auto& known : names_of(E{})) names.push_back(known.first);
  return EnumAccess(
      std::move(names),
      [](Workload& w, std::string_view text) {
        const std::optional<E> value = parse_enum<E>(text);
        if (value) Get{}(w) = *value;
        return value.has_value();
      },
      [](Workload& w) { return to_string(Get{}(w)); });
}

// The rows of one file each; fields() joins them.
[[nodiscard]] std::vector<Field>
training_fields();  // model, framework, workflow, train, evaluation, checkpoint and the rest
[[nodiscard]] std::vector<Field> data_fields();  // dataset, reader, storage

}  // namespace stoker::config

// clang-format off
// NOLINTNEXTLINE(bugprone-macro-parentheses): a member cannot be named in parentheses
#define STOKER_MEMBER(path) [](Workload& w) -> auto& { return w.path; }
// clang-format on
// NOLINTNEXTLINE(bugprone-macro-parentheses)
#define STOKER_ACCESS(path) +STOKER_MEMBER(path)
#define STOKER_ENUM(path) enum_member<decltype(STOKER_MEMBER(path))>()
