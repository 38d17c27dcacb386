// The words of a command line before they are parsed: which options they name, under whatever of their names, and
// prefixes of long names written out.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace stoker::cli {

struct OptionSpec {
  enum class Kind {
    kFlag,
    kValue,  // one word
    kList,   // one word or more, up to the next option
  };
  // With dashes: "--params", "-p". A name like "-np", of several letters after one dash, stands beside "--np".
  std::vector<std::string> names;
  Kind kind = Kind::kValue;
  std::vector<std::string> excludes;  // first names of the options that may not stand beside this one

  [[nodiscard]] bool has_name(std::string_view name) const;
};

// The option called `name` ("--params", "-p"), or null.
[[nodiscard]] const OptionSpec* find_option(std::span<const OptionSpec> options, std::string_view name);

struct GivenOption {
  const OptionSpec* option = nullptr;  // of the table that was scanned
  std::optional<std::string> value;    // its first word; a flag has none
};

struct ScannedWords {
  std::vector<std::string> words;  // as typed, prefixes replaced by the whole name
  std::vector<GivenOption> given;  // in order
};

// Long options may be shortened as long as one option is meant ("--param" for --params), as argparse has it. The word
// after an option that takes a value is never an option itself. "-np" becomes "--np", "-m=x" becomes "-mx". A name that
// several options begin with, or none, is kInvalidArgument with the candidates or the nearest name; short options that
// do not exist are left to the parser. A flag with a value (--debug=false) and an empty value are kInvalidArgument.
[[nodiscard]] Result<ScannedWords> scan_words(std::span<const std::string> words, std::span<const OptionSpec> options);

}  // namespace stoker::cli
