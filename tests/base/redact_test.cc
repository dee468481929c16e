#include "base/redact.h"

#include <string>

#include <gtest/gtest.h>

namespace serverspace {
namespace {

const std::string kKey = "is5" + std::string(61, 'A');

const std::string kHash =
    "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";

TEST(RedactKeysTest, FindsAKeyAnywhere) {
  const std::pair<std::string, std::string> rows[] = {
      {kKey, "<redacted>"},
      {"--collector." + kKey, "--collector.<redacted>"},
      {"--output=" + kKey + "/x", "--output=<redacted>/x"},
      {"a " + kKey + " b " + kKey, "a <redacted> b <redacted>"},
      {"SERVERSPACE_" + kKey + "_X", "SERVERSPACE_<redacted>_X"},
      {"\xC3\xA4" + kKey + "\xC3\xA4", "\xC3\xA4<redacted>\xC3\xA4"},
      {"Zusatz" + kKey, "<redacted>"},
      {kKey.substr(0, 48), "<redacted>"},
      {kHash, "<redacted>"},
      {"{alice:" + kHash + "}", "{alice:<redacted>}"},
      {kHash.substr(0, 12), "<redacted>"},
      {kHash + kHash, "<redacted><redacted>"},
      {"$2$4$" + kKey, "<redacted>"},
  };
  for (const auto& [text, redacted] : rows) {
    EXPECT_EQ(RedactKeys(text), redacted);
    EXPECT_TRUE(HoldsKey(text)) << text;
  }
}

TEST(RedactKeysTest, LeavesAllElse) {
  const std::string rows[] = {
      "", "-", "/etc/serverspace-exporter/config.yml", kKey.substr(0, 47),
      // A revision of Git.
      "0123456789abcdef0123456789abcdef01234567",
      "a-long-name.of-many-parts_that.are-short-each."
      "and-no-key-at-all.anywhere",
      "$2", "$2b$", "$2b$1", "$2b$10$ and 53 characters more", "$2b$$x",
      "$1$2$3", "US$2b", std::string("\0\xFF", 2)};
  for (const std::string& text : rows) {
    EXPECT_EQ(RedactKeys(text), text);
    EXPECT_FALSE(HoldsKey(text)) << text;
  }
}

TEST(LooksLikeKeyTest, MeansTheWholeText) {
  EXPECT_TRUE(LooksLikeKey(kKey));
  EXPECT_FALSE(LooksLikeKey(kKey + "/x"));
  EXPECT_FALSE(LooksLikeKey(""));
  EXPECT_FALSE(LooksLikeKey("production"));
  EXPECT_FALSE(LooksLikeKey("550e8400-e29b-41d4-a716-446655440000"));
}

}  // namespace
}  // namespace serverspace
