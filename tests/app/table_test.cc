#include "app/table.h"

#include <gtest/gtest.h>

namespace serverspace::app {
namespace {

TEST(TableTest, AlignsColumnsWithoutSpaceAtTheEnd) {
  EXPECT_EQ(AlignColumns({{"a", "bb", "c"}, {"long", "b"}, {"x", "", "y"}}),
            "a     bb  c\nlong  b\nx         y\n");
  EXPECT_EQ(AlignColumns({}), "");
}

TEST(TableTest, CountsCharactersNotBytes) {
  EXPECT_EQ(AlignColumns({{"\u00e4\u00f6", "1"}, {"ab", "2"}}),
            "\u00e4\u00f6  1\nab  2\n");
}

}  // namespace
}  // namespace serverspace::app
