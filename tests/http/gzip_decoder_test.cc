#include "http/gzip_decoder.h"

#include <string>

#include <gtest/gtest.h>

#include "http/test_server.h"

namespace serverspace::http {
namespace {

using Outcome = GzipDecoder::Outcome;

/// Takes all that comes, up to a cap.
GzipDecoder::Sink Into(std::string& out, std::size_t cap = 1 << 20) {
  return [&out, cap](std::string_view plain) {
    if (plain.size() > cap - out.size()) return false;
    out += plain;
    return true;
  };
}

TEST(GzipDecoderTest, DecodesAWholeStream) {
  GzipDecoder decoder;
  std::string out;
  EXPECT_EQ(decoder.Decode(Gzip("hello"), Into(out)), Outcome::kOk);
  EXPECT_EQ(out, "hello");
  EXPECT_TRUE(decoder.AtEnd());
}

TEST(GzipDecoderTest, DecodesByteByByte) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i * i);
  GzipDecoder decoder;
  std::string out;
  for (const char byte : Gzip(text))
    ASSERT_EQ(decoder.Decode({&byte, 1}, Into(out)), Outcome::kOk);
  EXPECT_EQ(out, text);
  EXPECT_TRUE(decoder.AtEnd());
}

TEST(GzipDecoderTest, DecodesMembersInARow) {
  GzipDecoder decoder;
  std::string out;
  EXPECT_EQ(decoder.Decode(Gzip("one ") + Gzip("two"), Into(out)),
            Outcome::kOk);
  EXPECT_EQ(out, "one two");
  EXPECT_TRUE(decoder.AtEnd());
}

TEST(GzipDecoderTest, KnowsAStreamThatIsCutShort) {
  const std::string packed = Gzip("hello");
  for (std::size_t size = 1; size < packed.size(); ++size) {
    GzipDecoder decoder;
    std::string out;
    EXPECT_EQ(decoder.Decode(packed.substr(0, size), Into(out)), Outcome::kOk);
    EXPECT_FALSE(decoder.AtEnd()) << size;
  }
}

TEST(GzipDecoderTest, StopsABombWhenNoMoreIsWanted) {
  const std::string bomb = Gzip(std::string(50 << 20, '\0'));
  ASSERT_LT(bomb.size(), 100'000U);
  GzipDecoder decoder;
  std::string out;
  EXPECT_EQ(decoder.Decode(bomb, Into(out, 1000)), Outcome::kRefused);
  EXPECT_LE(out.size(), 1000U);
}

TEST(GzipDecoderTest, RefusesDamage) {
  std::string wrong_checksum = Gzip("hello");
  wrong_checksum[wrong_checksum.size() - 5] ^= 1;
  for (const std::string& input :
       {std::string("<html>"), wrong_checksum, Gzip("hello") + "junk"}) {
    GzipDecoder decoder;
    std::string out;
    EXPECT_EQ(decoder.Decode(input, Into(out)), Outcome::kCorrupt);
  }
}

}  // namespace
}  // namespace serverspace::http
