#include "base/threads.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <array>
#include <cerrno>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>

#include "base/control_groups.h"
#include "base/errno_error.h"
#include "base/proc_text.h"

namespace stoker {
namespace {

struct Limit {
  int resource;
  const char* name;
  const char* command;
  rlim_t unit;
};
constexpr Limit kThreads{RLIMIT_NPROC, "processes and threads of this user", "ulimit -u", 1};
constexpr std::array kMemory{Limit{RLIMIT_AS, "KiB of address space", "ulimit -v", 1024},
                             Limit{RLIMIT_DATA, "KiB of data", "ulimit -d", 1024}};

void add(std::string& text, const std::string& more) {
  if (!text.empty()) text += "; ";
  text += more;
}

void add_limit(std::string& text, const Limit& limit) {
  rlimit now{};
  if (::getrlimit(static_cast<__rlimit_resource_t>(limit.resource), &now) != 0 || now.rlim_cur == RLIM_INFINITY) return;
  add(text, fmt::format("at most {} {} are allowed ({})", now.rlim_cur / limit.unit, limit.name, limit.command));
}

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The least number of threads that the control groups above this process allow, with its place.
void add_group_limit(std::string& text) {
  const std::string mountinfo = text_of("/proc/self/mountinfo");
  const std::string cgroup = text_of("/proc/self/cgroup");
  std::uint64_t least = 0;
  std::string place;
  for (const GroupVersion version : {GroupVersion::k2, GroupVersion::k1}) {
    for (const std::string& folder : control_group_folders(mountinfo, cgroup, version, "pids")) {
      const std::string file = folder + "/pids.max";
      const auto limit = proc_text::number(text_of(file));  // "max" is none
      if (limit == 0 || (!place.empty() && limit >= least)) continue;
      least = limit;
      place = file;
    }
  }
  if (!place.empty()) add(text, fmt::format("at most {} threads of the control group are allowed ({})", least, place));
}

std::string with_advice(std::string limits, const char* advice) {
  add(limits, advice);
  return limits;
}

}  // namespace

Error no_thread(std::string_view what, const std::error_code& reason) {
  Error error = make_error(Code::kLimit, "cannot start {}: {}", what, reason.message());
  std::string limits;
  add_limit(limits, kThreads);
  add_group_limit(limits);
  for (const Limit& limit : kMemory) add_limit(limits, limit);
  error.hint = with_advice(limits, "raise the limit, or use fewer ranks or reader.read_threads");
  return error;
}

Status check_stack_limit() {
  constexpr rlim_t kNeeded = rlim_t{1} << 20;
  rlimit now{};
  if (::getrlimit(RLIMIT_STACK, &now) != 0 || now.rlim_cur == RLIM_INFINITY || now.rlim_cur >= kNeeded) return {};
  Error error = make_error(Code::kLimit, "stacks are limited to {} KiB, and {} KiB are needed", now.rlim_cur / 1024,
                           kNeeded / 1024);
  error.hint = "raise the limit: ulimit -s 8192";
  return error;
}

Error no_memory() {
  Error error = make_error(Code::kLimit, "memory cannot be had: the system gives no more");
  std::string limits;
  for (const Limit& limit : kMemory) add_limit(limits, limit);
  error.hint = with_advice(limits,
                           "raise the limit, or use fewer ranks, reader.read_threads or a smaller "
                           "reader.chunk_bytes");
  return error;
}

Error error_of_exception() {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return no_memory();
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::resource_unavailable_try_again) return no_thread("a thread", error.code());
    if (error.code() == std::errc::not_enough_memory) return no_memory();
    if (error.code() == std::errc::too_many_files_open || error.code() == std::errc::too_many_files_open_in_system)
      return errno_error("a descriptor", "create", error.code().value());
    return make_error(Code::kInternal, "{}", error.what());
  } catch (const std::exception& error) {
    return make_error(Code::kInternal, "{}", error.what());
  } catch (...) {
    return make_error(Code::kInternal, "an exception of unknown type");
  }
}

}  // namespace stoker
