// The user's own words for the MPI launcher (--mpi-params): understood as far as they meet what stoker says itself.
// Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"

namespace stoker::launch {

// What an option of a launcher decides.
enum class ParamRole {
  kRanks,    // how many ranks there are, or which programs: --num-accelerators says that
  kHosts,    // which hosts: --hosts says that
  kMapping,  // which host and socket a rank goes to
  kRanking,  // the order of the ranks
  kBinding,  // the CPUs of a rank
  kOutput,   // how the ranks' output is shown
  kOther,
};

// An option and its values among the user's words.
struct Param {
  ParamRole role = ParamRole::kOther;
  std::size_t begin = 0, count = 1;  // of the words
};

// The options of Open MPI 4 and 5 and of MPICH that are known by their names, with one dash or two, also as
// --name=value, and --mca NAME VALUE by the name of the variable. An option that is not known is kOther, and so are the
// words behind it that do not begin with a dash: they may be its values.
//
// E101 for an empty word and for an option whose value is missing (the launcher would take the program for it), E102
// for a word that belongs to no option (the launcher would start it), E105 for options of kRanks and kHosts, with the
// option of stoker's to use instead.
[[nodiscard]] Result<std::vector<Param>> parse_mpi_params(std::span<const std::string> words);

// The words of all values of --mpi-params: a value that begins with a dash and holds blanks is several words in quotes,
// as mlpstorage's users write them. Errors as above.
[[nodiscard]] Result<std::vector<std::string>> split_mpi_params(std::span<const std::string> values);

// Whether the words set what `role` decides. Words that cannot be parsed set nothing.
[[nodiscard]] bool has_role(std::span<const std::string> words, ParamRole role);

}  // namespace stoker::launch
