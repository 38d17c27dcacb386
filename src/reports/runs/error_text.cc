#include "reports/runs/error_text.h"

#include <fmt/format.h>

namespace stoker::reports::internal {

std::string text_with_place(const Error& error) {
  if (!error.where || error.where->line <= 0) return error.message;
  const SourcePos& at = *error.where;
  const std::string column = at.column > 0 ? fmt::format(":{}", at.column) : "";
  return fmt::format("{} ({}:{}{})", error.message, at.file, at.line, column);
}

std::string reason_at(const std::filesystem::path& path, const Error& error) {
  std::string text = text_with_place(error);
  if (error.where && error.where->line > 0 && error.where->file == path.string())
    text = fmt::format("{} (line {})", error.message, error.where->line);
  const std::string prefix = path.string() + ": ";
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

}  // namespace stoker::reports::internal
