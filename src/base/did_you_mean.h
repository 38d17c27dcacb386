// The nearest known name, for error messages.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace stoker {

// Edit distance in which a swap of two neighbours counts as one edit.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate nearest to `name`, if it is near enough to be meant: at most a third of its length (at least 2) away.
[[nodiscard]] std::optional<std::string_view> did_you_mean(std::string_view name,
                                                           std::span<const std::string_view> candidates);

// "; did you mean 'x'?" or "".
[[nodiscard]] std::string did_you_mean_text(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace stoker
