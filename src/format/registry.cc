// The table of formats. A new one: its folder in CMakeLists.txt, and two lines here.
#include <array>

#include "format/format.h"

namespace stoker::format {

// Defined in <name>/format.cc. Declared here rather than in a header there, because the folders include format.h and
// not the other way round.
namespace parquet {
extern const Format kFormat;
}
namespace synthetic {
extern const Format kFormat;
}

namespace {
constexpr std::array<const Format*, 2> kFormats{&parquet::kFormat, &synthetic::kFormat};
}

std::span<const Format* const> formats() {
  return kFormats;
}

Result<const Format*> find_format(config::FormatName name) {
  std::string there;
  for (const Format* format : kFormats) {
    if (format->name == name) return format;
    there += fmt::format("{}{}", there.empty() ? "" : ", ", config::to_string(format->name));
  }
  return Error{.code = Code::kUnsupported,
               .message = fmt::format("dataset.format: this build has no '{}'", config::to_string(name)),
               .hint = "formats of this build: " + there};
}

}  // namespace stoker::format
