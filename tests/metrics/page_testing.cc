#include "metrics/page_testing.h"

#include <array>

#include <gtest/gtest.h>

#define ZLIB_CONST
#include <zlib.h>

#include "metrics/exposition.h"

namespace serverspace::metrics {
namespace {

constexpr int kRawWindow = -15;
constexpr int kGzipWindow = 15 + 16;

std::optional<std::string> Inflate(std::string_view bytes, int window) {
  z_stream z{};
  if (inflateInit2(&z, window) != Z_OK) return std::nullopt;
  z.next_in = reinterpret_cast<const Bytef*>(bytes.data());
  z.avail_in = static_cast<uInt>(bytes.size());
  std::string plain;
  std::array<char, 65536> buffer;
  int status = Z_OK;
  while (status == Z_OK) {
    z.next_out = reinterpret_cast<Bytef*>(buffer.data());
    z.avail_out = static_cast<uInt>(buffer.size());
    status = inflate(&z, Z_NO_FLUSH);
    plain.append(buffer.data(), buffer.size() - z.avail_out);
  }
  const bool whole = status == Z_STREAM_END && z.avail_in == 0;
  inflateEnd(&z);
  if (!whole) return std::nullopt;
  return plain;
}

}  // namespace

std::string Join(const Page::Body& body) {
  std::string all;
  for (const std::string_view part : body.parts) all += part;
  return all;
}

std::optional<std::string> Gunzip(std::string_view bytes) {
  return Inflate(bytes, kGzipWindow);
}

std::optional<std::string> InflateRaw(std::string_view bytes) {
  return Inflate(bytes, kRawWindow);
}

void NaivePage::Put(const std::string& project, const std::string& collector,
                    const Fragment& fragment) {
  auto& texts = texts_[Source{project, collector}];
  texts.clear();
  for (const auto& family : fragment.families()) {
    std::string text;
    for (const std::string& segment : family->segments()) text += segment;
    texts[std::string(family->desc().name)] = {&family->desc(), text};
  }
}

void NaivePage::Remove(const std::string& project,
                       const std::string& collector) {
  texts_.erase(Source{project, collector});
}

std::string NaivePage::Render(Format format) const {
  std::map<std::string, std::string> families;
  for (const auto& [source, texts] : texts_) {
    for (const auto& [name, text] : texts) {
      std::string& family = families[name];
      if (family.empty())
        family = format == Format::kText ? TextHead(*text.first)
                                         : OpenMetricsHead(*text.first);
      family += text.second;
    }
  }
  std::string all;
  for (const auto& [name, family] : families) all += family;
  if (format == Format::kOpenMetrics) all += "# EOF\n";
  return all;
}

void ExpectSame(const Page& page, const NaivePage& naive) {
  for (const Format format : {Format::kText, Format::kOpenMetrics}) {
    const std::string expected = naive.Render(format);
    const auto& plain = page.Get(format, Encoding::kIdentity);
    const auto& gzip = page.Get(format, Encoding::kGzip);
    // Not EXPECT_EQ: the difference of two megabytes helps nobody.
    EXPECT_TRUE(Join(plain) == expected);
    EXPECT_TRUE(Gunzip(Join(gzip)) == expected);
    EXPECT_EQ(plain.size_bytes, expected.size());
    EXPECT_EQ(gzip.size_bytes, Join(gzip).size());
  }
}

}  // namespace serverspace::metrics
