// Text made of values, and values of text, beside memcpy of that text in the same process: CPU seconds, bytes of text.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>
#include <vector>

#include "base/cpu_time.h"
#include "data/format/csv/rows.h"
#include "data/format/csv/sample_text.h"

namespace stoker::format::csv {
namespace {

using config::DType;

constexpr DType kTypes[] = {DType::kUint8,   DType::kInt16,   DType::kUint32,  DType::kInt64,
                            DType::kFloat16, DType::kFloat32, DType::kFloat64, DType::kBool};
constexpr std::uint64_t kElements = 10'000, kLines = 20;

std::string text_of(DType dtype, std::uint64_t elements, std::uint64_t lines) {
  const SampleValues values(dtype, {elements}, lines, 1);
  const ValueText value_text(dtype);
  SampleText text(values, value_text);
  std::string out(elements * lines * kValueRoom, '\0');
  out.resize(text.make(std::as_writable_bytes(std::span(out))));
  return out;
}

// How many times as long as copying the same text each of `ours` took.
template <class Ours>
void beside_memcpy(benchmark::State& state, const std::string& text, Ours ours) {
  std::vector<char> copy(text.size());
  const auto thread_ns = [] { return thread_cpu_time().count(); };
  std::int64_t own_ns = 0, copy_ns = 0;
  for (auto _ : state) {
    const std::int64_t begin = thread_ns();
    ours();
    const std::int64_t middle = thread_ns();
    std::memcpy(copy.data(), text.data(), text.size());
    benchmark::DoNotOptimize(copy.data());
    benchmark::ClobberMemory();
    own_ns += middle - begin;
    copy_ns += thread_ns() - middle;
    state.SetIterationTime(static_cast<double>(middle - begin) * 1e-9);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(text.size()));
  state.counters["memcpys"] = static_cast<double>(own_ns) / static_cast<double>(std::max<std::int64_t>(copy_ns, 1));
}

void parse(benchmark::State& state, DType dtype, std::uint64_t elements, std::uint64_t lines) {
  const std::string text = text_of(dtype, elements, lines);
  const std::string with_slack = text + std::string(kReadSlack, '\0');
  Arena arena;
  beside_memcpy(state, text, [&] {
    arena.reset();
    const auto parsed = parse_rows(std::string_view(with_slack).substr(0, text.size()),
                                   {.dtype = dtype, .count = lines, .in_file = lines}, arena);
    if (!parsed) state.SkipWithError(parsed.error().message.c_str());
  });
}

void generate(benchmark::State& state, DType dtype) {
  const std::string text = text_of(dtype, kElements, kLines);
  const SampleValues values(dtype, {kElements}, kLines, 1);
  const ValueText value_text(dtype);
  std::vector<std::byte> room(64 * 1024);
  beside_memcpy(state, text, [&] {
    SampleText lines(values, value_text);
    while (!lines.at_end()) benchmark::DoNotOptimize(lines.make(room));
  });
}

const int kRegistered = [] {
  for (const DType dtype : kTypes) {
    const std::string name(config::to_string(dtype));
    benchmark::RegisterBenchmark(("parse/" + name).c_str(), parse, dtype, kElements, kLines)->UseManualTime();
    benchmark::RegisterBenchmark(("generate/" + name).c_str(), generate, dtype)->UseManualTime();
  }
  // Short lines.
  benchmark::RegisterBenchmark("parse/uint8_of_10", parse, DType::kUint8, 10, 20'000)->UseManualTime();
  return 0;
}();

}  // namespace
}  // namespace stoker::format::csv
