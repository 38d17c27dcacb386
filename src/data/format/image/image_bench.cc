// Images of 100 to 300 KB decoded, made and read, and beside that, in turn, the least that others do for it. Times are
// of the thread's CPU, so that other programs do not count; a ratio says how many times as long the other one took.
//
//   decode   beside libjpeg and libpng alone, with their own checks, on the same bytes
//   make     beside filling memory with as many values at random, and a PNG beside libpng that stores them
//   read     files in the page cache, opened, read and decoded to no pixels; beside open, pread and close
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <png.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/cpu_time.h"
#include "base/testing/temp_dir.h"
#include "data/format/chunk_reader.h"
#include "data/format/image/image_internal.h"
#include "data/format/image/jpeg_library.h"
#include "data/format/image/testing/pictures.h"
#include "data/format/values.h"
#include "data/io/discarding_sink.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::image {
namespace {

using testing::File;
using testing::JpegShape;
using testing::PngShape;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// Something that is done over and over, in which `bytes` of it are handled.
struct Side {
  const char* ratio;  // its counter
  std::function<bool()> call;
};

// The first side is ours.
void compare(benchmark::State& state, std::size_t bytes, std::size_t calls, const std::vector<Side>& sides) {
  std::vector<std::vector<double>> ratios(sides.size());
  std::vector<double> seconds(sides.size());
  bool good = true;
  std::size_t first = 0;
  for (auto _ : state) {
    // Each comes after each as often.
    for (std::size_t i = 0; i < sides.size(); ++i) {
      const std::size_t at = (first + i) % sides.size();
      good &= sides[at].call();  // what the side before it left in the caches is not this one's
      const Nanos begin = thread_cpu_time();
      for (std::size_t c = 0; c < calls; ++c) good &= sides[at].call();
      seconds[at] = to_seconds(thread_cpu_time() - begin) / static_cast<double>(calls);
    }
    ++first;
    for (std::size_t i = 0; i < sides.size(); ++i) ratios[i].push_back(i == 0 ? seconds[0] : seconds[i] / seconds[0]);
    state.SetIterationTime(seconds[0]);
  }
  if (!good) return state.SkipWithError("it failed");
  state.counters["bytes_per_second"] = static_cast<double>(bytes) / median(ratios[0]);
  for (std::size_t i = 1; i < sides.size(); ++i) state.counters[sides[i].ratio] = median(ratios[i]);
}

// A picture between a smooth one and noise, as photographs are.
std::vector<std::byte> photograph(std::uint32_t width, std::uint32_t height) {
  auto pixels = testing::slope(width, height, 3);
  const auto noise = testing::noise(pixels.size());
  for (std::size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = static_cast<std::byte>(static_cast<unsigned>(pixels[i]) + static_cast<unsigned>(noise[i]) % 24U);
  return pixels;
}

// libjpeg as its example has it, with one object for all images.
bool libjpeg_alone(Bytes file, std::vector<std::byte>& pixels) {
  struct Object {
    Object() {
      image.err = jpeg_std_error(&errors);
      jpeg_create_decompress(&image);
    }
    ~Object() { jpeg_destroy_decompress(&image); }
    jpeg_decompress_struct image{};
    jpeg_error_mgr errors{};
  };
  static Object object;
  jpeg_decompress_struct& image = object.image;
  jpeg_mem_src(&image, reinterpret_cast<const unsigned char*>(file.data()), file.size());
  jpeg_read_header(&image, TRUE);
  jpeg_start_decompress(&image);
  const std::size_t row_bytes = std::size_t{image.output_width} * static_cast<std::size_t>(image.output_components);
  pixels.resize(row_bytes * image.output_height);
  while (image.output_scanline < image.output_height) {
    auto* row = reinterpret_cast<JSAMPROW>(pixels.data()) + image.output_scanline * row_bytes;
    jpeg_read_scanlines(&image, &row, 1);
  }
  return jpeg_finish_decompress(&image) == TRUE;
}

// libpng, likewise; it has no object that lasts.
bool libpng_alone(Bytes file, std::vector<std::byte>& pixels) {
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_read_fn(png, &file, [](png_structp here, png_bytep into, std::size_t bytes) {
    Bytes& left = *static_cast<Bytes*>(png_get_io_ptr(here));
    std::memcpy(into, left.data(), bytes);
    left = left.subspan(bytes);
  });
  png_read_info(png, info);
  png_set_expand(png);
  png_read_update_info(png, info);
  const std::size_t row_bytes = png_get_rowbytes(png, info);
  const std::uint32_t rows = png_get_image_height(png, info);
  pixels.resize(row_bytes * rows);
  for (std::uint32_t row = 0; row < rows; ++row)
    png_read_row(png, reinterpret_cast<png_bytep>(pixels.data()) + row * row_bytes, nullptr);
  png_read_end(png, nullptr);
  png_destroy_read_struct(&png, &info, nullptr);
  return true;
}

void decode(benchmark::State& state, Kind kind, const File& file) {
  io::testing::MemStorage storage;
  storage.put("f", file);
  config::Workload w;
  w.dataset.format = kind == Kind::kJpeg ? config::FormatName::kJpeg : config::FormatName::kPng;
  w.reader.decode_images = true;
  const auto reader = make_reader(w, storage);
  const auto open = (*reader)->open("f", nullptr);
  ChunkReader chunks;
  Chunk chunk;
  std::vector<std::byte> pixels;
  STOKER_CHECK(chunks.fetch(**open, {0, 0, 1}).has_value());
  const auto ours = [&] { return chunks.decompress(**open) && chunks.decode(**open, chunk); };
  const auto alone = [&] { return kind == Kind::kJpeg ? libjpeg_alone(file, pixels) : libpng_alone(file, pixels); };
  if (!ours() || !alone() || !std::ranges::equal(chunk.columns[0].segments[0].values, pixels))
    return state.SkipWithError("other pixels");
  compare(state, pixels.size(), 2, {{"", ours}, {"library_ratio", alone}});
  state.counters["file_bytes"] = static_cast<double>(file.size());
}

void make(benchmark::State& state, Kind kind) {
  const std::int64_t side = state.range(0);
  config::Workload w;
  w.dataset.format = kind == Kind::kJpeg ? config::FormatName::kJpeg : config::FormatName::kPng;
  w.dataset.record_dims = {side, side};
  const auto format = find_format(w.dataset.format);
  const auto writer = (*format)->make_writer(w);
  const auto bytes = static_cast<std::size_t>(side * side);
  std::vector<std::byte> memory(bytes);
  std::uint64_t index = 0;
  io::DiscardingSink sink;  // one, whose memory is warm, as that of a thread that writes many files
  const auto ours = [&] {
    const std::uint64_t before = sink.position();
    return (*writer)->write({.index = index++, .rows = 1, .path = {}}, sink, {}) && sink.position() == before + bytes;
  };
  const auto fill = [&] {
    fill_bytes(column_key(index++, 0), 0, memory);
    benchmark::DoNotOptimize(memory.data());
    return true;
  };
  const auto stored_by_libpng = [&] {
    fill_bytes(column_key(index++, 0), 0, memory);
    const auto width = static_cast<std::uint32_t>(side);
    return testing::png({.width = width, .height = width, .level = 0}, memory).size() > bytes;
  };
  std::vector<Side> sides{{"", ours}, {"fill_ratio", fill}};
  if (kind == Kind::kPng) sides.push_back({"library_ratio", stored_by_libpng});
  compare(state, bytes, 4, sides);
}

void read(benchmark::State& state) {
  constexpr int kFiles = 16;
  const auto bytes = static_cast<std::size_t>(state.range(0)) * 1000;
  const stoker::testing::TempDir dir;
  const auto storage = io::make_posix_storage();
  const auto content = testing::noise(bytes);
  std::vector<io::Path> paths;
  for (int i = 0; i < kFiles; ++i) {
    paths.push_back(dir.path() / fmt::format("{}.jpeg", i));
    const auto file = storage->create(paths.back());
    STOKER_CHECK(file && (*file)->append(content) && (*file)->commit());
  }
  config::Workload w;
  w.dataset.format = config::FormatName::kJpeg;
  const auto reader = make_reader(w, *storage);
  ChunkReader chunks;
  Chunk chunk;
  std::vector<std::byte> memory(bytes);
  const auto ours = [&] {
    return std::ranges::all_of(paths, [&](const io::Path& path) {
      const auto file = (*reader)->open(path, nullptr);
      return file && chunks.read(**file, {0, 0, 1}, chunk) && chunk.useful_bytes == bytes;
    });
  };
  const auto calls = [&] {
    return std::ranges::all_of(paths, [&](const io::Path& path) {
      const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
      const bool whole = ::pread(file, memory.data(), bytes, 0) == static_cast<ssize_t>(bytes);
      ::close(file);
      return whole;
    });
  };
  compare(state, bytes * kFiles, 4, {{"", ours}, {"calls_ratio", calls}});
}

void register_all() {
  const auto add = [](const std::string& name, Kind kind, const File& file) {
    benchmark::RegisterBenchmark(("decode/" + name).c_str(), [kind, file](benchmark::State& s) {
      decode(s, kind, file);
    })->UseManualTime();
  };
  for (const auto& [width, height] : {std::pair{640U, 480U}, {1024U, 768U}}) {
    const auto pixels = photograph(width, height);
    const std::string size = fmt::format("{}x{}", width, height);
    add("jpeg/" + size, Kind::kJpeg, testing::jpeg({.width = width, .height = height, .quality = 85}, pixels));
    add("jpeg_progressive/" + size, Kind::kJpeg,
        testing::jpeg({.width = width, .height = height, .progressive = true, .quality = 85}, pixels));
  }
  const auto pixels = photograph(320, 240);
  add("png/320x240", Kind::kPng, testing::png({.width = 320, .height = 240, .color_type = 2}, pixels));
  add("png_stored/320x240", Kind::kPng,
      testing::png({.width = 320, .height = 240, .color_type = 2, .level = 0}, pixels));
  for (const auto& [name, kind] : {std::pair{"make/jpeg", Kind::kJpeg}, std::pair{"make/png", Kind::kPng}}) {
    benchmark::RegisterBenchmark(name, [kind](benchmark::State& s) { make(s, kind); })
        ->ArgName("side")
        ->Arg(338)
        ->Arg(568)
        ->UseManualTime();
  }
  benchmark::RegisterBenchmark("read", read)->ArgName("KB")->Arg(100)->Arg(300)->UseManualTime();
}

[[maybe_unused]] const bool kRegistered = (register_all(), true);

}  // namespace
}  // namespace stoker::format::image
