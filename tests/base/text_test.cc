#include "base/text.h"

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace serverspace {
namespace {

// The longest and shortest sequences of each length and their neighbours that
// are not allowed (Unicode standard, table 3-7).
constexpr std::string_view kValid[] = {
    "",
    "plain",
    "\x7F",
    "\xC2\x80",
    "\xDF\xBF",
    "\xE0\xA0\x80",
    "\xED\x9F\xBF",
    "\xEE\x80\x80",
    "\xEF\xBF\xBF",
    "\xF0\x90\x80\x80",
    "\xF4\x8F\xBF\xBF",
    "сервер-1",
    "eight888\xE2\x82\xAC then more",
};
constexpr std::string_view kInvalid[] = {
    "\x80",
    "\xBF",
    "\xC0\x80",
    "\xC1\xBF",
    "\xC2",
    "\xC2\x7F",
    "\xC2\xC0",
    "\xE0\x9F\xBF",
    "\xE0\xA0",
    "\xED\xA0\x80",
    "\xED\xBF\xBF",
    "\xE2\x82",
    "\xE2\x28\xA1",
    "\xE2\x82\x28",
    "\xF0\x8F\xBF\xBF",
    "\xF0\x90\x80",
    "\xF0\x90\x80x",
    "\xF4\x90\x80\x80",
    "\xF5\x80\x80\x80",
    "\xFF",
    "\xFE",
    "abcdefgh\x80",
    "abcdefghi\xE2\x82",
};

TEST(Utf8Test, KnowsValidText) {
  for (const std::string_view text : kValid) {
    EXPECT_TRUE(IsValidUtf8(text)) << text;
    EXPECT_EQ(ToValidUtf8(std::string(text)), text);
  }
  EXPECT_TRUE(IsValidUtf8(std::string_view("\0x", 2)));
}

TEST(Utf8Test, KnowsInvalidText) {
  for (const std::string_view text : kInvalid) {
    EXPECT_FALSE(IsValidUtf8(text)) << testing::PrintToString(text);
    EXPECT_TRUE(IsValidUtf8(ToValidUtf8(std::string(text))));
  }
}

TEST(Utf8Test, ReplacesOnlyWhatIsInvalid) {
  EXPECT_EQ(ToValidUtf8("a\x80z"), "a\uFFFDz");
  EXPECT_EQ(ToValidUtf8("\xFFserver\xFF"), "\uFFFDserver\uFFFD");
  EXPECT_EQ(ToValidUtf8("\u20AC\xE2\x82"), "\u20AC\uFFFD\uFFFD");
  EXPECT_EQ(ToValidUtf8("\xE2\x82"
                        "A"),
            "\uFFFD\uFFFD"
            "A");
}

TEST(Utf8Test, AnyBytesBecomeValidAndStaySo) {
  std::mt19937 random(11);
  for (int round = 0; round < 5000; ++round) {
    std::string bytes(random() % 24, '\0');
    for (char& c : bytes) {
      // Mostly the bytes that make sequences.
      const auto any = static_cast<std::uint8_t>(random());
      c = static_cast<char>(random() % 3 == 0 ? any & 0x7F : any | 0x80);
    }
    const std::string valid = ToValidUtf8(bytes);
    ASSERT_TRUE(IsValidUtf8(valid)) << testing::PrintToString(bytes);
    ASSERT_EQ(IsValidUtf8(bytes), valid == bytes);
    for (std::size_t limit = 0; limit <= valid.size(); ++limit) {
      const std::string_view clipped = Clip(valid, limit);
      ASSERT_LE(clipped.size(), limit);
      ASSERT_GT(clipped.size() + 4, limit);
      ASSERT_TRUE(IsValidUtf8(clipped));
    }
    ASSERT_LE(Printable(bytes, 10).size(), 10U);
    ASSERT_TRUE(IsValidUtf8(Printable(bytes, 10)));
  }
}

TEST(ClipTest, NeverSplitsASequence) {
  EXPECT_EQ(Clip("abc", 3), "abc");
  EXPECT_EQ(Clip("abc", 2), "ab");
  EXPECT_EQ(Clip("abc", 0), "");
  EXPECT_EQ(Clip("", 0), "");
  EXPECT_EQ(Clip("a\u20ACb", 1), "a");
  EXPECT_EQ(Clip("a\u20ACb", 2), "a");
  EXPECT_EQ(Clip("a\u20ACb", 3), "a");
  EXPECT_EQ(Clip("a\u20ACb", 4), "a\u20AC");
  EXPECT_EQ(Clip("\U0001F600", 3), "");
}

TEST(ClipTest, BytesThatAreNoTextAreNotAllLost) {
  const std::string bytes(100, '\x80');
  EXPECT_GE(Clip(bytes, 64).size(), 61U);
}

TEST(PrintableTest, HasNoControlCharacters) {
  EXPECT_EQ(Printable("a\nb\r\tc\x1B[31m\x7F", 100), "a b  c [31m ");
  EXPECT_EQ(Printable(std::string_view("a\0b", 3), 100), "a b");
  // The second set of control characters: U+0085 ends lines, U+009B begins
  // terminal sequences.
  EXPECT_EQ(Printable("a\u0085b\u009Bc\u0080\u009F", 100), "a b c  ");
  EXPECT_EQ(Printable("\u00A0\u00E9", 100), "\u00A0\u00E9");
}

TEST(PrintableTest, KeepsToTheLimit) {
  EXPECT_EQ(Printable("abcdef", 4), "abcd");
  EXPECT_EQ(Printable("abc\u20AC", 5), "abc");
  EXPECT_EQ(Printable("\xFF\xFF\xFF\xFF", 6), "\uFFFD\uFFFD");
  EXPECT_EQ(Printable("x", 0), "");
}

TEST(ToLowerTest, TouchesAsciiOnly) {
  EXPECT_EQ(ToLower("Active-OK_9@[`{"), "active-ok_9@[`{");
  EXPECT_EQ(ToLower("\u00C4A"),
            "\u00C4"
            "a");
}

TEST(TrimTest, TakesWhitespaceFromBothEnds) {
  EXPECT_EQ(Trim("  key\r\n"), "key");
  EXPECT_EQ(Trim("\ta b\t"), "a b");
  EXPECT_EQ(Trim("key"), "key");
  EXPECT_EQ(Trim(" \r\n\t "), "");
  EXPECT_EQ(Trim(""), "");
}

TEST(HexTest, WritesTwoDigitsAByte) {
  const unsigned char bytes[] = {0x00, 0x0F, 0xA0, 0xFF};
  EXPECT_EQ(Hex(bytes), "000fa0ff");
  EXPECT_EQ(Hex({}), "");
}

TEST(EscapeHtmlTest, LeavesNoMarkup) {
  EXPECT_EQ(EscapeHtml("<b a=\"1\" c='2'>&amp;</b>"),
            "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;&lt;/b&gt;");
  EXPECT_EQ(EscapeHtml("\u20AC 5"), "\u20AC 5");
  EXPECT_EQ(EscapeHtml(""), "");
}

}  // namespace
}  // namespace serverspace
