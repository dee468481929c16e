#include "server/entity_tag.h"

#include <gtest/gtest.h>

namespace serverspace::server {
namespace {

TEST(EntityTagTest, IsOfTheBytes) {
  // From sha256sum.
  EXPECT_EQ(MakeEntityTag("abc"), "\"3-ba7816bf8f01cfea414140de5dae2223\"");
  EXPECT_EQ(MakeEntityTag("abc"), MakeEntityTag("abc"));
  EXPECT_NE(MakeEntityTag("abc"), MakeEntityTag("abd"));
  EXPECT_NE(MakeEntityTag(""), MakeEntityTag(std::string_view("\0", 1)));
}

TEST(EntityTagTest, IsFoundInAnIfNoneMatchHeader) {
  const struct {
    std::string_view header;
    bool named;
  } kCases[] = {{"\"a\"", true},
                {"  \"a\"  ", true},
                {"*", true},
                {" * ", true},
                {"W/\"a\"", true},
                {"\"b\", \"a\"", true},
                {"\"b\",\"a\"", true},
                {"\"b\",, ,W/\"a\", \"c\"", true},
                {"\"b,\", \"a\"", true},
                {"", false},
                {"a", false},
                {"\"", false},
                {"\"a", false},
                {"a\"", false},
                {"\"A\"", false},
                {"\"a \"", false},
                {"\"b\", *", false},
                {"\"b\"", false}};
  for (const auto& test : kCases)
    EXPECT_EQ(NamesEntityTag(test.header, "\"a\""), test.named) << test.header;
}

}  // namespace
}  // namespace serverspace::server
