#include "http/gzip_decoder.h"

#include <string>

#include <gtest/gtest.h>

#include "http/test_server.h"

namespace serverspace::http {
namespace {

using Outcome = GzipDecoder::Outcome;

constexpr std::size_t kCap = 1 << 20;

TEST(GzipDecoderTest, DecodesAWholeStream) {
  GzipDecoder decoder;
  std::string out;
  EXPECT_EQ(decoder.Decode(Gzip("hello"), out, kCap), Outcome::kOk);
  EXPECT_EQ(out, "hello");
  EXPECT_TRUE(decoder.AtEnd());
}

TEST(GzipDecoderTest, DecodesByteByByte) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i * i);
  GzipDecoder decoder;
  std::string out;
  for (const char byte : Gzip(text))
    ASSERT_EQ(decoder.Decode({&byte, 1}, out, kCap), Outcome::kOk);
  EXPECT_EQ(out, text);
  EXPECT_TRUE(decoder.AtEnd());
}

TEST(GzipDecoderTest, DecodesMembersInARow) {
  GzipDecoder decoder;
  std::string out;
  EXPECT_EQ(decoder.Decode(Gzip("one ") + Gzip("two"), out, kCap),
            Outcome::kOk);
  EXPECT_EQ(out, "one two");
  EXPECT_TRUE(decoder.AtEnd());
}

TEST(GzipDecoderTest, KnowsAStreamThatIsCutShort) {
  const std::string packed = Gzip("hello");
  for (std::size_t size = 1; size < packed.size(); ++size) {
    GzipDecoder decoder;
    std::string out;
    EXPECT_EQ(decoder.Decode(packed.substr(0, size), out, kCap), Outcome::kOk);
    EXPECT_FALSE(decoder.AtEnd()) << size;
  }
}

TEST(GzipDecoderTest, StopsABombAtTheCap) {
  const std::string bomb = Gzip(std::string(50 << 20, '\0'));
  ASSERT_LT(bomb.size(), 100'000U);
  GzipDecoder decoder;
  std::string out;
  EXPECT_EQ(decoder.Decode(bomb, out, kCap), Outcome::kTooLarge);
  EXPECT_LE(out.size(), kCap);
}

TEST(GzipDecoderTest, DecodesExactlyTheCap) {
  GzipDecoder decoder;
  std::string out;
  EXPECT_EQ(decoder.Decode(Gzip(std::string(kCap, 'x')), out, kCap),
            Outcome::kOk);
  EXPECT_EQ(out.size(), kCap);
}

TEST(GzipDecoderTest, RefusesDamage) {
  std::string wrong_checksum = Gzip("hello");
  wrong_checksum[wrong_checksum.size() - 5] ^= 1;
  for (const std::string& input :
       {std::string("<html>"), wrong_checksum, Gzip("hello") + "junk"}) {
    GzipDecoder decoder;
    std::string out;
    EXPECT_EQ(decoder.Decode(input, out, kCap), Outcome::kCorrupt);
  }
}

}  // namespace
}  // namespace serverspace::http
