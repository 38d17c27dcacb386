// The words of a command line on their way to CLI11: short and shortened names written out, the options of a
// --config-file put in, and CLI11's complaints as errors of ours.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

#include "app/cli/console.h"
#include "base/status.h"

namespace stoker::app {

// First name of an option ("--params") and where its value comes from, when not from the command line alone.
using OptionOrigins = std::map<std::string, std::string>;

// First name of an option and where a --config-file sets it.
using OptionPlaces = std::map<std::string, SourcePos>;

struct CommandLine {
  std::vector<std::string> words;  // to be parsed
  std::string command;             // "training run": the commands among them
  cli::ConsoleOptions console;     // as --debug, --verbose and --stream-log-level ask for
  OptionOrigins from_file;         // options that the --config-file sets
  OptionPlaces places;             // and where it does, for those that the command line does not replace
  std::vector<std::string> warnings, notes;
  bool complete = true;  // false: only the name of a program that has commands, or nothing
};

// Values are not looked at, except those of the file.
[[nodiscard]] Result<CommandLine> read_command_line(const CLI::App& app, const std::vector<std::string>& args);

// The help of the (sub-)command, with the whole of its name in the usage line.
[[nodiscard]] std::string help_text(const CLI::App& app, const std::string& command);

// What the parser found wrong, exit code 2.
[[nodiscard]] Error parse_error(const CLI::ParseError& error, const std::string& command);

// Every option of a command that has been parsed, with its value and where that came from, as aligned lines.
[[nodiscard]] std::string describe_options(const CLI::App& command, const OptionOrigins& from_file);

}  // namespace stoker::app
