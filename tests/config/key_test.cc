#include "config/key.h"

#include <gtest/gtest.h>

#include "temp_dir.h"

namespace serverspace::config {
namespace {

TEST(ParseKeyTest, DropsWhatEditorsAdd) {
  for (const char* text : {"04abc", "04abc\n", "04abc\r\n", "  04abc\t\n\n",
                           // A byte order mark, in octal as hex runs on.
                           "\357\273\27704abc\n"}) {
    const auto key = ParseKey(text);
    ASSERT_TRUE(key.ok()) << key.error().message;
    EXPECT_EQ(key.value().Reveal(), "04abc");
  }
}

struct BadKey {
  std::string_view text;
  std::string_view message;
};

TEST(ParseKeyTest, SaysWhatIsWrongAndShowsNoPartOfTheText) {
  using std::string_view_literals::operator""sv;
  const std::string longer(1025, 'k');
  const BadKey kRows[] = {
      {"", "the key is empty"},
      {" \r\n", "the key is empty"},
      {"\xEF\xBB\xBF\n", "the key is empty"},
      {"04se cret", "the key has a space inside: keep only the key itself"},
      {"04se\tcret", "the key has a space inside: keep only the key itself"},
      {"04se\ncret",
       "the key has more than one line: keep only the key itself"},
      {"04se\x01"
       "cret",
       "the key has a character that is not printable ASCII"},
      {"04se\0cret"sv, "the key has a character that is not printable ASCII"},
      {"04se\rcret", "the key has a character that is not printable ASCII"},
      {"04se\x7F"
       "cret",
       "the key has a character that is not printable ASCII"},
      {"04s\xC3\xA9"
       "cret",
       "the key has a character that is not printable ASCII"},
      {"\xFF\xFE"
       "0\0"
       "4\0"sv,
       "the key is UTF-16: save it as plain text"},
      {longer, "the key is longer than 1024 characters"},
  };
  for (const BadKey& row : kRows) {
    const auto key = ParseKey(row.text);
    ASSERT_FALSE(key.ok()) << row.message;
    EXPECT_EQ(key.error().message, row.message);
    EXPECT_EQ(key.error().message.find("cret"), std::string::npos);
  }
}

TEST(ReadKeyFileTest, ReadsTheKey) {
  const TempDir dir;
  const auto key = ReadKeyFile(dir.Write("key", "04abc\r\n"));
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key.value().Reveal(), "04abc");
}

TEST(ReadKeyFileTest, NamesThePathInErrors) {
  const TempDir dir;
  const std::string empty = dir.Write("empty", "\n");
  EXPECT_EQ(ReadKeyFile(empty).error().message, empty + ": the key is empty");
  const std::string missing = dir.Path("missing");
  EXPECT_EQ(ReadKeyFile(missing).error().message,
            "cannot open " + missing + ": No such file or directory");
}

TEST(ReadKeyFileTest, RefusesAFileThatIsTooLargeToBeAKey) {
  const TempDir dir;
  const std::string path = dir.Write("large", std::string(5000, 'k'));
  EXPECT_EQ(ReadKeyFile(path).error().message,
            path + " is larger than 4096 bytes");
}

TEST(WorldReadableWarningTest, TellsTheCommandThatHelps) {
  const TempDir dir;
  const std::string path = dir.Write("key", "04abc", 0644);
  EXPECT_EQ(WorldReadableWarning(path),
            "every user of this machine can read the key: chmod o-rwx '" +
                path + "'");
}

TEST(WorldReadableWarningTest, IsSilentForPrivateAndMissingFiles) {
  const TempDir dir;
  EXPECT_FALSE(WorldReadableWarning(dir.Write("mine", "04abc", 0600)));
  EXPECT_FALSE(WorldReadableWarning(dir.Write("group", "04abc", 0640)));
  EXPECT_FALSE(WorldReadableWarning(dir.Path("missing")));
}

}  // namespace
}  // namespace serverspace::config
