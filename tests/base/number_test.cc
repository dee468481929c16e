#include "base/number.h"

#include <cstdint>

#include <gtest/gtest.h>

namespace serverspace {
namespace {

TEST(ParseNumberTest, ReadsWholeNumbers) {
  EXPECT_EQ(ParseNumber<int>("0"), 0);
  EXPECT_EQ(ParseNumber<int>("-7"), -7);
  EXPECT_EQ(ParseNumber<std::int64_t>("9223372036854775807"), INT64_MAX);
}

TEST(ParseNumberTest, ReadsNothingElse) {
  for (const std::string_view text :
       {"", " 1", "1 ", "+1", "1.0", "0x1", "one", "2147483648"}) {
    EXPECT_EQ(ParseNumber<int>(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseNumber<std::uint16_t>("-1"), std::nullopt);
  EXPECT_EQ(ParseNumber<std::uint16_t>("65536"), std::nullopt);
}

}  // namespace
}  // namespace serverspace
