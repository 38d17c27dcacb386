// `--config-file FILE`: a flat YAML map from option names to values. What stands on the command line wins.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "app/cli/option_words.h"
#include "base/status.h"

namespace stoker::cli {

struct OptionFile {
  std::vector<std::string> words;     // to be put in front of the words that were typed
  std::vector<std::string> names;     // first names of the options that the file sets
  std::vector<SourcePos> places;      // of each of these names
  std::vector<std::string> warnings;  // keys that no command knows, an empty file
  std::vector<std::string> notes;     // keys of other commands, values that the command line replaces
};

// Keys are long names, with underscores or dashes. `options` are those of the command, `given` what was typed for it,
// `others` the long names of all other commands' options: a file may serve several commands.
//
// * Null values are skipped. Flags take booleans. `hosts` as a text is split at commas.
// * `params` may be a map, nested or with dotted keys, which becomes key=value items. It is the one option that is
//   merged: the file's items come first, so that the command line wins key by key. Any other option that was typed, by
//   any of its names, replaces what the file says; so does one that excludes the file's (--closed over `open: true`).
//
// Errors: kInvalidArgument for a file that is missing (E103), is not YAML (E104) or holds a value that the option
// cannot have (E102).
[[nodiscard]] Result<OptionFile> read_option_file(const std::filesystem::path& path,
                                                  std::span<const OptionSpec> options,
                                                  std::span<const GivenOption> given,
                                                  std::span<const std::string> others);
// The same for a text that is in memory.
[[nodiscard]] Result<OptionFile> parse_option_file(std::string_view text, const std::string& name,
                                                   std::span<const OptionSpec> options,
                                                   std::span<const GivenOption> given,
                                                   std::span<const std::string> others);

}  // namespace stoker::cli
