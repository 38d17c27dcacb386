#include "data/format/parquet/wire/codecs.h"

#include <arrow/result.h>
#include <arrow/util/compression.h>
#include <gtest/gtest.h>
#include <libdeflate.h>
#include <zstd.h>

#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/testing/status_matchers.h"
#include "data/format/parquet/testing/guarded_bytes.h"
#include "data/format/parquet/wire/compressor.h"

namespace stoker::format::parquet {
namespace {

using config::Compression;
using testing::GuardedBytes;
using Page = std::vector<std::byte>;

struct CodecCase {
  Codec codec;
  ::arrow::Compression::type arrow;
  std::optional<Compression> written;
};
const std::vector<CodecCase> kCases{
    {Codec::kSnappy, ::arrow::Compression::SNAPPY, Compression::kSnappy},
    {Codec::kGzip, ::arrow::Compression::GZIP, Compression::kGzip},
    {Codec::kBrotli, ::arrow::Compression::BROTLI, std::nullopt},
    {Codec::kLz4Hadoop, ::arrow::Compression::LZ4_HADOOP, std::nullopt},
    {Codec::kZstd, ::arrow::Compression::ZSTD, Compression::kZstd},
    {Codec::kLz4Raw, ::arrow::Compression::LZ4, Compression::kLz4},
};

Page joined(std::initializer_list<Page> parts) {
  Page all;
  for (const Page& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Page page_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

Page random_page(std::size_t bytes, std::uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  Page page(bytes);
  for (std::byte& b : page) b = static_cast<std::byte>(random());
  return page;
}

// Half of it is there already.
Page halved_page(std::size_t bytes) {
  Page page = random_page(bytes);
  for (std::size_t i = 128; i + 64 <= bytes; i += 128) std::memcpy(&page[i], &page[i - 64], 64);
  return page;
}

Page small_numbers(std::size_t bytes) {
  Page page(bytes);
  std::mt19937_64 random(2);
  for (std::size_t i = 0; i < bytes; i += 4) page[i] = static_cast<std::byte>(random());
  return page;
}

std::vector<Page> some_pages() {
  std::vector<Page> pages;
  for (const std::size_t bytes : {1, 7, 100, 4096, 70'000, 1'000'003}) {
    pages.push_back(random_page(bytes));
    pages.push_back(halved_page(bytes));
    pages.push_back(small_numbers(bytes));
    pages.emplace_back(bytes);
  }
  return pages;
}

std::unique_ptr<::arrow::util::Codec> arrow_codec(::arrow::Compression::type type) {
  return ::arrow::util::Codec::Create(type).ValueOrDie();
}

Page arrow_compressed(::arrow::Compression::type type, Bytes page) {
  const auto codec = arrow_codec(type);
  const auto* const in = reinterpret_cast<const std::uint8_t*>(page.data());
  const auto size = static_cast<std::int64_t>(page.size());
  Page out(static_cast<std::size_t>(codec->MaxCompressedLen(size, in)));
  const auto written =
      codec->Compress(size, in, static_cast<std::int64_t>(out.size()), reinterpret_cast<std::uint8_t*>(out.data()));
  out.resize(static_cast<std::size_t>(written.ValueOrDie()));
  return out;
}

// What `stored` decompresses to where a header says `bytes`.
Result<Page> decompressed(Codec codec, Bytes stored, std::size_t bytes) {
  static Codecs codecs;
  const GuardedBytes in(stored);
  const GuardedBytes out(bytes);
  STOKER_TRY(codecs.decompress(codec, in.bytes(), out.bytes()));
  return Page(out.bytes().begin(), out.bytes().end());
}

Page compressed(Compression name, const Page& page, std::optional<std::int64_t> level = std::nullopt) {
  auto compressor = Compressor::make(name, level);
  EXPECT_OK(compressor);
  const auto out = compressor->compress(page);
  EXPECT_OK(out);
  return {out->begin(), out->end()};
}

TEST(PlainView, IsThePageThatWasStoredAsItIs) {
  for (const auto& [name, codec] :
       {std::pair(Compression::kSnappy, Codec::kSnappy), {Compression::kLz4, Codec::kLz4Raw}}) {
    for (const std::size_t bytes : {1, 5, 14, 15, 16, 59, 60, 61, 256, 257, 269, 270, 271, 4096, 65'535, 65'536}) {
      SCOPED_TRACE(fmt::format("{}, {} bytes", to_string(codec), bytes));
      const Page page = random_page(bytes);
      const GuardedBytes stored(compressed(name, page));
      const Bytes view = plain_view(codec, stored.bytes(), bytes);
      EXPECT_EQ(view.data() + view.size(), stored.bytes().data() + stored.bytes().size());
      EXPECT_TRUE(std::ranges::equal(view, page));
      EXPECT_TRUE(plain_view(codec, stored.bytes(), bytes + 1).empty());
    }
  }
}

TEST(PlainView, IsEmptyWhereSomethingHasToBeDone) {
  const Page incompressible = random_page(70'000);  // snappy has blocks of 64 KiB
  EXPECT_TRUE(plain_view(Codec::kSnappy, compressed(Compression::kSnappy, incompressible), 70'000).empty());
  for (const CodecCase& c : kCases) {
    SCOPED_TRACE(to_string(c.codec));
    for (const Page& page : {halved_page(4096), small_numbers(4096), Page(4096)}) {
      EXPECT_TRUE(plain_view(c.codec, arrow_compressed(c.arrow, page), page.size()).empty());
    }
  }
  EXPECT_TRUE(plain_view(static_cast<Codec>(99), incompressible, incompressible.size()).empty());
  EXPECT_TRUE(plain_view(Codec::kUncompressed, incompressible, incompressible.size()).empty());
}

TEST(PlainView, IsEmptyWhereTheStoredBytesAreNotAllThere) {
  for (const auto& [name, codec] :
       {std::pair(Compression::kSnappy, Codec::kSnappy), {Compression::kLz4, Codec::kLz4Raw}}) {
    for (const std::size_t bytes : {10, 300, 70'000}) {
      const Page stored = compressed(name, random_page(bytes));
      for (std::size_t cut = 0; cut < stored.size(); cut += cut < 20 ? 1 : 1 + stored.size() / 50) {
        const GuardedBytes part(Bytes(stored).first(cut));
        EXPECT_TRUE(plain_view(codec, part.bytes(), bytes).empty()) << to_string(codec) << ", " << cut;
      }
    }
  }
}

TEST(Codecs, ReadWhatArrowWrites) {
  for (const CodecCase& c : kCases) {
    SCOPED_TRACE(to_string(c.codec));
    EXPECT_OK(check_codec(c.codec));
    for (const Page& page : some_pages()) {
      const auto read = decompressed(c.codec, arrow_compressed(c.arrow, page), page.size());
      ASSERT_OK(read);
      ASSERT_EQ(*read, page);
    }
  }
}

TEST(Codecs, WriteWhatArrowReads) {
  for (const CodecCase& c : kCases) {
    if (!c.written) continue;
    SCOPED_TRACE(to_string(c.codec));
    auto compressor = Compressor::make(*c.written, std::nullopt);
    ASSERT_OK(compressor);
    EXPECT_TRUE(compressor->active());
    EXPECT_EQ(compressor->parquet_codec(), static_cast<std::int32_t>(c.codec));
    const auto codec = arrow_codec(c.arrow);
    for (const Page& page : some_pages()) {
      const auto stored = compressor->compress(page);
      ASSERT_OK(stored);
      EXPECT_GE(stored->size(), compressor->least_bytes(page.size()));
      EXPECT_LE(stored->size(), compressor->most_bytes(page.size()));
      Page back(page.size());
      const auto bytes = codec->Decompress(
          static_cast<std::int64_t>(stored->size()), reinterpret_cast<const std::uint8_t*>(stored->data()),
          static_cast<std::int64_t>(back.size()), reinterpret_cast<std::uint8_t*>(back.data()));
      ASSERT_TRUE(bytes.ok()) << bytes.status().ToString();
      ASSERT_EQ(back, page);
      const auto read = decompressed(c.codec, *stored, page.size());
      ASSERT_OK(read);
      ASSERT_EQ(*read, page);
    }
  }
}

TEST(Codecs, SayWhatTheyCannotRead) {
  for (const auto& [number, name] : std::map<int, std::string>{{3, "lzo"}, {8, "unknown"}, {-1, "unknown"}}) {
    const std::string message =
        fmt::format("is compressed with codec {} ({}), which cannot be read here", number, name);
    EXPECT_ERROR(check_codec(static_cast<Codec>(number)), Code::kUnsupported, message);
    EXPECT_ERROR(decompressed(static_cast<Codec>(number), {}, 1), Code::kUnsupported, message);
  }
  EXPECT_OK(check_codec(Codec::kUncompressed));
  EXPECT_ERROR(decompressed(Codec::kUncompressed, {}, 1), Code::kUnsupported, "codec 0 (uncompressed)");
}

// A header may say more or fewer bytes than there are.
TEST(Codecs, ComparePagesWithTheirHeaders) {
  const Page page = halved_page(5000);
  const std::map<Codec, std::string> more{
      {Codec::kSnappy, "decompresses to 5000 bytes, its header says 4999"},
      {Codec::kGzip, "does not decompress with gzip: it holds more bytes than its header says"},
      {Codec::kBrotli, "does not decompress with brotli: the bytes are broken, or more than its header says"},
      {Codec::kLz4Hadoop, "does not decompress with lz4: the bytes are broken, or more than its header says"},
      {Codec::kZstd, "does not decompress with zstd: Destination buffer is too small"},
      {Codec::kLz4Raw, "does not decompress with lz4_raw: the bytes are broken, or more than its header says"},
  };
  for (const CodecCase& c : kCases) {
    const Page stored = arrow_compressed(c.arrow, page);
    EXPECT_ERROR(decompressed(c.codec, stored, 4999), Code::kCorrupt, more.at(c.codec));
    // What is no frame of Hadoop's is looked at as a block.
    EXPECT_ERROR(decompressed(c.codec, stored, 5001), Code::kCorrupt,
                 "decompresses to 5000 bytes, its header says 5001");
    EXPECT_ERROR(decompressed(c.codec, {}, 5000), Code::kCorrupt, "");
  }
}

TEST(Codecs, ArePagesWithFaults) {
  const std::map<Codec, std::string> broken{
      {Codec::kSnappy, "does not decompress with snappy: the bytes are broken"},
      {Codec::kGzip, "does not decompress with gzip: the bytes are broken"},
      {Codec::kBrotli, "does not decompress with brotli: the bytes are broken, or more than its header says"},
      {Codec::kLz4Hadoop, "does not decompress with lz4: the bytes are broken, or more than its header says"},
      {Codec::kZstd, "does not decompress with zstd: "},
      {Codec::kLz4Raw, "does not decompress with lz4_raw: the bytes are broken, or more than its header says"},
  };
  const Page page = halved_page(1500);
  for (const CodecCase& c : kCases) {
    SCOPED_TRACE(to_string(c.codec));
    EXPECT_ERROR(decompressed(c.codec, Page(30, std::byte{0xff}), 1500), Code::kCorrupt, broken.at(c.codec));
    const Page stored = arrow_compressed(c.arrow, page);
    for (std::size_t n = 0; n < stored.size(); ++n) {
      EXPECT_ERROR(decompressed(c.codec, Bytes(stored).first(n), 1500), Code::kCorrupt, "decompress");
    }
    // A flipped bit may give other values, where the format has no checksum, but never more or fewer.
    std::size_t refused = 0;
    for (std::size_t bit = 0; bit < stored.size() * 8; bit += 3) {
      Page flipped = stored;
      flipped[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
      refused += decompressed(c.codec, flipped, 1500).has_value() ? 0 : 1;
    }
    EXPECT_GT(refused, 0U);
    ASSERT_OK(decompressed(c.codec, stored, 1500)) << "after so many faults";
  }
}

// ---- gzip ----

using DeflateWrapper = std::size_t (*)(libdeflate_compressor*, const void*, std::size_t, void*, std::size_t);

Page deflated(const Page& page, DeflateWrapper wrapper) {
  libdeflate_compressor* const compressor = libdeflate_alloc_compressor(6);
  Page out(page.size() + 100);
  out.resize(wrapper(compressor, page.data(), page.size(), out.data(), out.size()));
  libdeflate_free_compressor(compressor);
  return out;
}

TEST(Codecs, GzipMayBeSeveralMembers) {
  const Page a = halved_page(3000);
  const Page b = random_page(500);
  const Page stored = joined({deflated(a, libdeflate_gzip_compress), deflated({}, libdeflate_gzip_compress),
                              deflated(b, libdeflate_gzip_compress)});
  const auto read = decompressed(Codec::kGzip, stored, 3500);
  ASSERT_OK(read);
  EXPECT_EQ(*read, joined({a, b}));
  EXPECT_ERROR(decompressed(Codec::kGzip, stored, 3501), Code::kCorrupt, "decompresses to 3500 bytes");
  EXPECT_ERROR(decompressed(Codec::kGzip, stored, 3499), Code::kCorrupt, "more bytes than its header says");
  // As with Arrow, what follows a page that is whole does not matter.
  EXPECT_EQ(*decompressed(Codec::kGzip, stored, 3000), a);
  EXPECT_EQ(*decompressed(Codec::kGzip, joined({stored, Page(9)}), 3500), joined({a, b}));
  EXPECT_ERROR(decompressed(Codec::kGzip, joined({deflated(a, libdeflate_gzip_compress), Page(9)}), 3500),
               Code::kCorrupt, "the bytes are broken");
}

TEST(Codecs, GzipMayHaveTheHeaderOfZlib) {
  const Page page = halved_page(3000);
  const auto read = decompressed(Codec::kGzip, deflated(page, libdeflate_zlib_compress), 3000);
  ASSERT_OK(read);
  EXPECT_EQ(*read, page);
  EXPECT_ERROR(decompressed(Codec::kGzip, deflated(page, libdeflate_deflate_compress), 3000), Code::kCorrupt,
               "the bytes are broken");
}

TEST(Codecs, GzipHasAChecksum) {
  const Page page = halved_page(3000);
  for (const auto wrapper : {libdeflate_gzip_compress, libdeflate_zlib_compress}) {
    Page stored = deflated(page, wrapper);
    stored[stored.size() - (wrapper == libdeflate_gzip_compress ? 8 : 1)] ^= std::byte{1};
    EXPECT_ERROR(decompressed(Codec::kGzip, stored, 3000), Code::kCorrupt, "the bytes are broken");
  }
}

// ---- lz4 ----

Page big_endian(std::uint32_t value) {
  Page out(4);
  for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<std::byte>(value >> (24 - 8 * i));
  return out;
}

Page frame(std::uint32_t plain, const Page& block) {
  return joined({big_endian(plain), big_endian(static_cast<std::uint32_t>(block.size())), block});
}

TEST(Codecs, HadoopsFramesFollowOneAnother) {
  const Page a = halved_page(70'000);
  const Page b = small_numbers(300);
  const Page stored_a = compressed(Compression::kLz4, a);
  const Page stored_b = compressed(Compression::kLz4, b);
  const Page stored = joined({frame(70'000, stored_a), frame(300, stored_b)});
  const auto read = decompressed(Codec::kLz4Hadoop, stored, 70'300);
  ASSERT_OK(read);
  EXPECT_EQ(*read, joined({a, b}));
  EXPECT_ERROR(decompressed(Codec::kLz4Hadoop, stored, 70'301), Code::kCorrupt, "decompresses to 70300 bytes");
  // Bare blocks stand under the same number; under the other one nothing but they.
  EXPECT_EQ(*decompressed(Codec::kLz4Hadoop, stored_a, 70'000), a);
  EXPECT_FALSE(decompressed(Codec::kLz4Raw, stored, 70'300));
  // Lengths that do not fit.
  for (const Page& lie :
       {frame(70'001, stored_a), frame(69'999, stored_a), joined({frame(70'000, stored_a), big_endian(0)}),
        joined({big_endian(70'000), big_endian(static_cast<std::uint32_t>(stored_a.size() + 1)), stored_a}),
        joined({big_endian(70'000), big_endian(static_cast<std::uint32_t>(stored_a.size() - 1)), stored_a}),
        frame(0xffffffff, stored_a)}) {
    EXPECT_ERROR(decompressed(Codec::kLz4Hadoop, lie, 70'000), Code::kCorrupt, "does not decompress with lz4");
  }
}

// Both read one another's: whatever Arrow takes under Hadoop's number is taken here with the same bytes, and nothing
// else.
TEST(Codecs, HadoopsNumberMeansWhatItMeansToArrow) {
  const auto arrow = arrow_codec(::arrow::Compression::LZ4_HADOOP);
  std::mt19937_64 random(5);
  const Page page = halved_page(400);
  const Page block = compressed(Compression::kLz4, page);
  const Page framed = joined({frame(400, block), frame(0, Page(1))});
  const Page frame_format = arrow_compressed(::arrow::Compression::LZ4_FRAME, page);
  std::size_t good = 0;
  for (int i = 0; i < 3000; ++i) {
    Page in = i % 3 == 0 ? block : i % 3 == 1 ? framed : frame_format;
    if (i >= 3) {
      const std::size_t at = random() % 2 == 0 ? random() % std::min<std::size_t>(8, in.size()) : random() % in.size();
      in[at] ^= static_cast<std::byte>(1U << random() % 8);
    }
    Page theirs(400);
    const auto bytes =
        arrow->Decompress(static_cast<std::int64_t>(in.size()), reinterpret_cast<const std::uint8_t*>(in.data()), 400,
                          reinterpret_cast<std::uint8_t*>(theirs.data()));
    const auto ours = decompressed(Codec::kLz4Hadoop, in, 400);
    ASSERT_EQ(ours.has_value(), bytes.ok() && *bytes == 400) << i;
    if (ours) {
      ++good;
      ASSERT_EQ(*ours, theirs) << i;
    }
  }
  EXPECT_GT(good, 100U);
}

// ---- zstd ----

TEST(Codecs, ZstdMayBeSeveralFrames) {
  const Page a = halved_page(3000);
  const Page b = random_page(500);
  Page skipped = page_of("\x50\x2a\x4d\x18");
  skipped = joined({skipped, {std::byte{3}, std::byte{0}, std::byte{0}, std::byte{0}}, Page(3)});
  const Page stored = joined({compressed(Compression::kZstd, a), skipped, compressed(Compression::kZstd, b)});
  const auto read = decompressed(Codec::kZstd, stored, 3500);
  ASSERT_OK(read);
  EXPECT_EQ(*read, joined({a, b}));
}

// ---- bounds ----

TEST(Codecs, BoundsHoldForTheDensestPages) {
  const Page zeros(std::size_t{16} << 20);
  for (const CodecCase& c : kCases) {
    SCOPED_TRACE(to_string(c.codec));
    const Page stored = arrow_compressed(c.arrow, zeros);
    EXPECT_GE(max_plain_bytes(c.codec, stored.size()), zeros.size());
    if (!c.written) continue;
    const auto compressor = Compressor::make(*c.written, std::nullopt);
    EXPECT_GE(compressed(*c.written, zeros).size(), compressor->least_bytes(zeros.size()));
    // And are no idle ones.
    EXPECT_LE(compressed(*c.written, zeros).size(), compressor->least_bytes(zeros.size()) * 21 / 20 + 200);
  }
}

TEST(Codecs, BoundsOfReadingAndWritingAreThoseOfTheFormats) {
  EXPECT_EQ(max_plain_bytes(Codec::kSnappy, 1000), 22U * 1000 + 1024);
  EXPECT_EQ(max_plain_bytes(Codec::kGzip, 1000), 1032U * 1000 + 1024);
  EXPECT_EQ(max_plain_bytes(Codec::kZstd, 1000), 32768U * 1000 + 1024);
  EXPECT_EQ(max_plain_bytes(Codec::kLz4Raw, 1000), 255U * 1000 + 1024);
  EXPECT_EQ(max_plain_bytes(Codec::kLz4Hadoop, 1000), 255U * 1000 + 1024);
  EXPECT_EQ(max_plain_bytes(Codec::kBrotli, 1000), 4'194'304U * 1000 + 1024);
  EXPECT_EQ(max_plain_bytes(Codec::kLzo, 1000), 1000U);
  const std::map<Compression, std::pair<std::uint64_t, std::uint64_t>> bounds{
      {Compression::kNone, {65536, 65536}},
      {Compression::kSnappy, {2979, 76490}},
      {Compression::kGzip, {64, libdeflate_gzip_compress_bound(nullptr, 65536)}},
      {Compression::kZstd, {2, ZSTD_compressBound(65536)}},
      {Compression::kLz4, {258, 65809}},
  };
  for (const auto& [name, bytes] : bounds) {
    const auto compressor = Compressor::make(name, std::nullopt);
    ASSERT_OK(compressor);
    EXPECT_EQ(compressor->least_bytes(65536), bytes.first) << config::to_string(name);
    EXPECT_EQ(compressor->most_bytes(65536), bytes.second) << config::to_string(name);
  }
}

// ---- writing ----

TEST(Compressor, WithoutACodecIsIdle) {
  const auto none = Compressor::make(Compression::kNone, 3);
  ASSERT_OK(none);
  EXPECT_FALSE(none->active());
  EXPECT_EQ(none->parquet_codec(), 0);
  EXPECT_EQ(none->library(), std::nullopt);
}

TEST(Compressor, NamesItsLibrary) {
  const std::map<Compression, std::string> libraries{{Compression::kSnappy, "snappy "},
                                                     {Compression::kGzip, "libdeflate "},
                                                     {Compression::kZstd, "zstd "},
                                                     {Compression::kLz4, "lz4 "}};
  for (const auto& [name, library] : libraries) {
    const auto compressor = Compressor::make(name, std::nullopt);
    ASSERT_OK(compressor);
    EXPECT_THAT(compressor->library().value_or(""), ::testing::MatchesRegex(library + "[0-9]+\\.[0-9.]+"));
  }
}

TEST(Compressor, KnowsItsLevels) {
  for (const auto& [name, most] : std::map<Compression, int>{{Compression::kGzip, 9}, {Compression::kZstd, 22}}) {
    for (const int level : {-1, 0, most + 1}) {
      EXPECT_ERROR(Compressor::make(name, level), Code::kConfig,
                   fmt::format("dataset.compression_level: {} is out of the range of '{}', 1 to {}", level,
                               config::to_string(name), most));
    }
    EXPECT_OK(Compressor::make(name, 1));
    EXPECT_OK(Compressor::make(name, most));
    const Page page = small_numbers(100'000);
    EXPECT_LT(compressed(name, page, most).size(), compressed(name, page, 1).size());
  }
  const Page page = small_numbers(100'000);
  EXPECT_EQ(compressed(Compression::kGzip, page), compressed(Compression::kGzip, page, 9));
  EXPECT_EQ(compressed(Compression::kZstd, page), compressed(Compression::kZstd, page, 1));
  EXPECT_OK(Compressor::make(Compression::kSnappy, 99)) << "has no levels";
  EXPECT_OK(Compressor::make(Compression::kLz4, 99)) << "has no levels";
}

// Which thread writes a file, and what it wrote before, must not show in the file.
TEST(Compressor, DependsOnNothingButThePage) {
  const std::vector<Page> pages{halved_page(40'000), small_numbers(24'576), random_page(1000), halved_page(150'000),
                                Page(40'000)};
  const auto steady = [&pages](Compression name, std::int64_t level) {
    auto compressor = Compressor::make(name, level);
    ASSERT_OK(compressor);
    std::mt19937_64 random(static_cast<std::uint64_t>(level));
    for (int i = 0; i < 8; ++i) {
      const Page& page = pages[random() % pages.size()];
      const auto stored = compressor->compress(page);
      ASSERT_OK(stored);
      ASSERT_EQ(Page(stored->begin(), stored->end()), compressed(name, page, level))
          << config::to_string(name) << " " << level;
    }
  };
  steady(Compression::kSnappy, 1);
  steady(Compression::kLz4, 1);
  for (int level = 1; level <= 9; ++level) steady(Compression::kGzip, level);
  for (int level = 1; level <= 22; ++level) steady(Compression::kZstd, level);
}

TEST(Compressor, DoesNotBeginAPageThatIsTooLarge) {
  const std::size_t most = 0x7E000000;
  const CodecRow* const row = find_codec(Codec::kLz4Raw);
  EXPECT_EQ(row->most_bytes(most + 1), most + 1 + (most + 1) / 255 + 16);
  CodecContexts contexts;
  const std::byte nothing{};
  EXPECT_EQ(row->compress(contexts, 0, Bytes(&nothing, most + 1), {}).fault, "LZ4 takes at most 2113929216");
}

// As a library that keeps no promise would have it.
TEST(Compressor, SaysWhatDoesNotFit) {
  const Page page = random_page(1000);
  for (const CodecCase& c : kCases) {
    if (!c.written || c.codec == Codec::kSnappy) continue;  // which is not told how much room there is
    CodecContexts contexts;
    const GuardedBytes out(500);
    EXPECT_NE(find_codec(c.codec)->compress(contexts, 1, page, out.bytes()).fault, "") << to_string(c.codec);
  }
}

}  // namespace
}  // namespace stoker::format::parquet
