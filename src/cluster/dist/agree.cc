// All well is the common case and costs one reduction of one number: the lowest rank with an error, or the size if
// there is none. Only then is the error itself sent round.
#include <charconv>
#include <string>
#include <string_view>

#include "base/check.h"
#include "cluster/dist/communicator.h"

namespace stoker::dist {
namespace {

// An error as text: each field as its length in decimal, ':' and its bytes, in a fixed order.
void put(std::string& out, std::string_view field) {
  out += fmt::format("{}:{}", field.size(), field);
}
void put(std::string& out, int field) {
  put(out, std::to_string(field));
}

// The texts come from `encode` on another rank of the same program, so a broken one is our own mistake.
std::string_view take(std::string_view& in) {
  const std::size_t colon = in.find(':');
  STOKER_CHECK(colon != std::string_view::npos);
  std::size_t length = 0;
  const auto [end, failure] = std::from_chars(in.data(), in.data() + colon, length);
  STOKER_CHECK(failure == std::errc() && end == in.data() + colon && length <= in.size() - colon - 1);
  const std::string_view field = in.substr(colon + 1, length);
  in.remove_prefix(colon + 1 + length);
  return field;
}

int take_int(std::string_view& in) {
  const std::string_view field = take(in);
  int value = 0;
  const auto [end, failure] = std::from_chars(field.data(), field.data() + field.size(), value);
  STOKER_CHECK(failure == std::errc() && end == field.data() + field.size());
  return value;
}

std::string encode(const Error& error) {
  std::string out;
  put(out, static_cast<int>(error.code));
  put(out, static_cast<int>(error.number));
  put(out, error.message);
  put(out, error.hint);
  put(out, error.where ? 1 : 0);
  if (error.where) {
    put(out, error.where->file);
    put(out, error.where->line);
    put(out, error.where->column);
  }
  put(out, static_cast<int>(error.list.size()));
  for (const std::string& line : error.list) put(out, line);
  return out;
}

Error decode(std::string_view in) {
  Error error;
  error.code = static_cast<Code>(take_int(in));
  error.number = static_cast<ErrorNumber>(take_int(in));
  error.message = take(in);
  error.hint = take(in);
  if (take_int(in) != 0) {
    SourcePos where;
    where.file = take(in);
    where.line = take_int(in);
    where.column = take_int(in);
    error.where = std::move(where);
  }
  const int lines = take_int(in);
  for (int i = 0; i < lines; ++i) error.list.emplace_back(take(in));
  return error;
}

std::string rank_name(const Communicator& comm) {
  if (comm.node().count == 1) return fmt::format("rank {}", comm.rank());
  return fmt::format("rank {} ({})", comm.rank(), comm.node().hostname);
}

// The lowest rank with an error tells it to all; `root_only` says that no other rank could have had one.
Status tell(Communicator& comm, const Status& mine, bool root_only) {
  if (comm.size() == 1) return mine;
  double first = mine ? comm.size() : comm.rank();
  if (const Status met = comm.all_reduce({&first, 1}, Op::kMin); !met) {
    // Another rank has left for good. Whoever knows a cause of its own tells that one.
    return mine ? met : mine;
  }
  const int failed = static_cast<int>(first);
  if (failed == comm.size()) return {};
  const std::string own = mine ? std::string() : encode(mine.error());
  std::string speaker;
  put(speaker, rank_name(comm));
  STOKER_ASSIGN(std::string text, comm.broadcast(failed == comm.rank() ? speaker + own : "", failed));
  std::string_view rest = text;
  const std::string name(take(rest));
  // What every rank says concerns none of them in particular.
  double everybody = own == rest ? 1 : 0;
  if (!root_only && !comm.all_reduce({&everybody, 1}, Op::kMin)) everybody = 0;
  Error error = decode(rest);
  if (root_only || everybody == 1) return error;
  return std::move(error).with_context(name);
}

}  // namespace

Status agree(Communicator& comm, const Status& mine) {
  return tell(comm, mine, false);
}

Status agree_on_root(Communicator& comm, const Status& mine) {
  return tell(comm, mine, true);
}

}  // namespace stoker::dist
