#include "app/cli/option_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "base/did_you_mean.h"
#include "base/error_number.h"

namespace stoker::cli {
namespace {

bool is_long(std::string_view word) {
  return word.size() > 2 && word.starts_with("--");
}

bool is_short(std::string_view word) {
  return word.size() > 1 && word[0] == '-' && std::isalpha(static_cast<unsigned char>(word[1])) != 0;
}

// The option of a word such as -np or -np=4, which a parser would take for -n with the value p.
const OptionSpec* abbreviation(std::string_view word, std::span<const OptionSpec> options) {
  const std::string_view name = word.substr(0, word.find('='));
  return is_short(name) && name.size() > 2 ? find_option(options, name) : nullptr;
}

Error unknown(std::string_view name, std::span<const OptionSpec> options) {
  std::vector<std::string_view> names;
  for (const OptionSpec& option : options) {
    for (const std::string& known : option.names) {
      if (is_long(known)) names.push_back(known);
    }
  }
  return make_error(Code::kInvalidArgument, "unknown option '{}'{}", name, did_you_mean_text(name, names));
}

// The long option that `typed` names or begins, under the name that was meant.
struct Meant {
  const OptionSpec* option;
  std::string name;
};
Result<Meant> complete(std::string_view typed, std::span<const OptionSpec> options) {
  if (const OptionSpec* exact = find_option(options, typed)) return Meant{exact, std::string(typed)};
  std::vector<Meant> candidates;
  for (const OptionSpec& option : options) {
    for (const std::string& name : option.names) {
      // One option under two names is no ambiguity.
      if (!name.starts_with(typed) || (!candidates.empty() && candidates.back().option == &option)) continue;
      candidates.push_back({&option, name});
    }
  }
  if (candidates.empty()) return unknown(typed, options);
  if (candidates.size() == 1) return candidates.front();
  std::vector<std::string_view> names;
  for (const Meant& candidate : candidates) names.push_back(candidate.name);
  return make_error(Code::kInvalidArgument, "option '{}' is ambiguous: it could be {}", typed, fmt::join(names, ", "));
}

Error flag_with_value(const OptionSpec& option, std::string_view value) {
  Error error =
      make_error(Code::kInvalidArgument, "option '{}' takes no value, found '{}'", option.names.front(), value);
  error.hint = "leave the option out where it shall not hold";
  return error;
}

Error empty_value(const OptionSpec& option) {
  Error error = make_error(Code::kInvalidArgument, "option '{}' has an empty value", option.names.front());
  error.hint = "leave the option out for its default; an unset variable of the shell may stand there";
  error.number = ErrorNumber::kMissing;
  return error;
}

}  // namespace

bool OptionSpec::has_name(std::string_view name) const {
  return std::ranges::find(names, name) != names.end();
}

const OptionSpec* find_option(std::span<const OptionSpec> options, std::string_view name) {
  const auto found = std::ranges::find_if(options, [&](const OptionSpec& option) { return option.has_name(name); });
  return found == options.end() ? nullptr : &*found;
}

Result<ScannedWords> scan_words(std::span<const std::string> words, std::span<const OptionSpec> options) {
  ScannedWords scanned;
  std::optional<Error> problem;
  // What an option's value is: the rest of its own word, else the next word.
  const auto take = [&](const OptionSpec& option, std::optional<std::string> attached, std::size_t& i) {
    if (option.kind == OptionSpec::Kind::kFlag) {
      if (attached) problem = flag_with_value(option, *attached);
      scanned.given.push_back({&option, std::nullopt});
      return;
    }
    if (!attached && i + 1 < words.size()) {
      attached = words[++i];
      scanned.words.push_back(*attached);
    }
    if (option.kind == OptionSpec::Kind::kValue && attached && attached->empty()) problem = empty_value(option);
    scanned.given.push_back({&option, std::move(attached)});
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") {
      scanned.words.insert(scanned.words.end(), words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
      break;
    }
    if (is_long(word)) {
      const std::size_t equals = word.find('=');
      STOKER_ASSIGN(const Meant meant, complete(std::string_view(word).substr(0, equals), options));
      const bool has_value = equals != std::string::npos;
      scanned.words.push_back(has_value ? meant.name + word.substr(equals) : meant.name);
      take(*meant.option, has_value ? std::optional(word.substr(equals + 1)) : std::nullopt, i);
    } else if (const OptionSpec* named = abbreviation(word, options)) {
      const std::size_t equals = word.find('=');
      scanned.words.push_back("-" + word);
      take(*named, equals != std::string::npos ? std::optional(word.substr(equals + 1)) : std::nullopt, i);
    } else if (const OptionSpec* single = word.size() > 2 && word[2] == '=' && is_short(word)
                                              ? find_option(options, std::string_view(word).substr(0, 2))
                                              : nullptr;
               single != nullptr && single->kind != OptionSpec::Kind::kFlag) {
      // -m=flux, as argparse has it; a parser would take the '=' for a part of the value.
      scanned.words.push_back(word.substr(0, 2) + word.substr(3));
      take(*single, word.substr(3), i);
    } else if (is_short(word)) {
      scanned.words.push_back(word);
      // -c FILE, -cFILE, and flags in one word: -qc FILE.
      for (std::size_t at = 1; at < word.size(); ++at) {
        const OptionSpec* option = find_option(options, fmt::format("-{}", word[at]));
        if (option == nullptr) break;
        const bool flag = option->kind == OptionSpec::Kind::kFlag;
        const bool attached = !flag && at + 1 < word.size();
        take(*option, attached ? std::optional(word.substr(at + 1)) : std::nullopt, i);
        if (!flag) break;
      }
    } else {
      scanned.words.push_back(word);
    }
    if (problem) return *problem;
  }
  return scanned;
}

}  // namespace stoker::cli
