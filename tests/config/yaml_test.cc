#include "config/yaml.h"

#include <gtest/gtest.h>

namespace serverspace::config {
namespace {

std::string FirstProblem(std::string_view text) {
  const auto root = ParseYaml(text, "f.yml");
  return root.ok() ? "none" : root.error().front().ToString();
}

TEST(ParseYamlTest, KnowsWhereEverythingStands) {
  const auto root = ParseYaml("a: 1\nb:\n  - x\n  - { c: 'y' }\n", "f.yml");
  ASSERT_TRUE(root.ok());
  ASSERT_EQ(root.value().entries.size(), 2U);
  const auto& [key, list] = root.value().entries[1];
  EXPECT_EQ(key.text, "b");
  EXPECT_EQ(key.line, 2);
  EXPECT_EQ(key.column, 1);
  ASSERT_EQ(list.items.size(), 2U);
  EXPECT_EQ(list.items[0].text, "x");
  EXPECT_EQ(list.items[0].line, 3);
  EXPECT_EQ(list.items[0].column, 5);
  ASSERT_EQ(list.items[1].entries.size(), 1U);
  EXPECT_EQ(list.items[1].entries[0].value.text, "y");
  EXPECT_EQ(list.items[1].entries[0].value.column, 10);
}

TEST(ParseYamlTest, CountsColumnsInCharacters) {
  const auto root = ParseYaml("{ \"\xC3\xA4\xE2\x82\xAC\": x }", "f.yml");
  ASSERT_TRUE(root.ok());
  EXPECT_EQ(root.value().entries.at(0).value.column, 9);
}

TEST(ParseYamlTest, LeavesScalarsAsTheyAreWritten) {
  const auto root =
      ParseYaml("[ 0x1f, 007, yes, 2027-03-01, '~', ~ ]", "f.yml");
  ASSERT_TRUE(root.ok());
  const auto& items = root.value().items;
  ASSERT_EQ(items.size(), 6U);
  EXPECT_EQ(items[0].text, "0x1f");
  EXPECT_EQ(items[1].text, "007");
  EXPECT_EQ(items[2].text, "yes");
  EXPECT_EQ(items[3].text, "2027-03-01");
  EXPECT_EQ(items[4].kind, YamlNode::Kind::kScalar);
  EXPECT_EQ(items[4].text, "~");
  EXPECT_EQ(items[5].kind, YamlNode::Kind::kNull);
}

TEST(ParseYamlTest, TakesAnEmptyFileForNull) {
  for (const char* text : {"", "\n", "# only a comment\n", "---\n"}) {
    const auto root = ParseYaml(text, "f.yml");
    ASSERT_TRUE(root.ok()) << text;
    EXPECT_EQ(root.value().kind, YamlNode::Kind::kNull);
  }
}

TEST(ParseYamlTest, ReadsWhatWindowsWrites) {
  const auto root = ParseYaml(
      "\xEF\xBB\xBF"
      "a: 1\r\nb: 2\r\n",
      "f.yml");
  ASSERT_TRUE(root.ok());
  ASSERT_EQ(root.value().entries.size(), 2U);
  EXPECT_EQ(root.value().entries[0].value.text, "1");
  EXPECT_EQ(root.value().entries[1].key.line, 2);
}

TEST(ParseYamlTest, RefusesBytesThatAreNoText) {
  using std::string_view_literals::operator""sv;
  EXPECT_EQ(
      FirstProblem("a: 1\nb: \0x"sv),
      "f.yml:2:4: a control character is not allowed: save as UTF-8 text");
  // The library would take this for the end of the file.
  EXPECT_EQ(
      FirstProblem("a: 1\n\x04"
                   "b: 2"),
      "f.yml:2:1: a control character is not allowed: save as UTF-8 text");
  EXPECT_EQ(FirstProblem("a: 1\nb: \xFF\nc: 3"),
            "f.yml:2:1: is not valid UTF-8");
  EXPECT_EQ(FirstProblem("a: \xC3"), "f.yml:1:1: is not valid UTF-8");
  EXPECT_EQ(FirstProblem("\xFF\xFE"
                         "a\0:\0"sv),
            "f.yml: is UTF-16: save as UTF-8");
}

TEST(ParseYamlTest, SeesQuotesThatAreNotClosed) {
  for (const char* text : {"a: \"b\nc: d\n", "a: 'b\nc: d\n", "a: \"b\\\"\n",
                           "a: 'b''\n", "a: [\"b]\n"}) {
    EXPECT_NE(FirstProblem(text), "none") << text;
  }
  for (const char* text : {"a: \"b\\\"c\"\n", "a: 'b''c'\n", "a: ''\n",
                           "a: b'c\n", "a: |\n  'b\n", "'a': \"b\n  c\"\n"}) {
    EXPECT_EQ(FirstProblem(text), "none") << text;
  }
}

TEST(ParseYamlTest, RefusesDepthBeforeTheStackSuffers) {
  EXPECT_EQ(FirstProblem(std::string(17, '[') + std::string(17, ']')),
            "f.yml:1:17: is nested too deep: nothing here has more than a few "
            "levels");
  EXPECT_EQ(FirstProblem(std::string(16, '[') + std::string(16, ']')), "none");
  EXPECT_NE(FirstProblem(std::string(200'000, '[')), "none");
  EXPECT_NE(FirstProblem(std::string(200'000, '{')), "none");
}

TEST(ParseYamlTest, QuotesNothingOfTheContent) {
  for (const char* text :
       {"k: \"sec\\qret\"", "k: *secret", "k: &secret [", "k: !secret x",
        "%secret\n---\nk: 1", "k: \"\\uD800secret\"", "k: \"\\xsecret\"",
        "secret", "k: @secret", "? secret\n: - :", "k: [secret", "k: {secret: ",
        "%YAML secret\n---\n", "k: |9secret\n", "k: !<secret x"}) {
    EXPECT_EQ(FirstProblem(text).find("ecret"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace serverspace::config
