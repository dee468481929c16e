#include "config/options.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace serverspace::config {
namespace {

TEST(OptionsTest, NameEachKeyVariableAndFlagOnce) {
  std::set<std::string_view> keys, variables, flags;
  const auto is_new = [](std::set<std::string_view>& seen,
                         std::string_view name) {
    return name.empty() || seen.insert(name).second;
  };
  for (const OptionDoc& option : Options()) {
    EXPECT_TRUE(is_new(keys, option.key)) << option.key;
    EXPECT_TRUE(is_new(variables, option.env)) << option.env;
    EXPECT_TRUE(is_new(flags, option.flag)) << option.flag;
  }
}

TEST(OptionsTest, AreAllDescribed) {
  for (const OptionDoc& option : Options()) {
    EXPECT_FALSE(option.key.empty() && option.env.empty() &&
                 option.flag.empty());
    EXPECT_FALSE(option.type.empty()) << option.help;
    EXPECT_FALSE(option.fallback.empty()) << option.help;
    EXPECT_TRUE(option.help.ends_with('.')) << option.help;
  }
}

TEST(OptionsTest, HaveNoFlagForAnythingSecret) {
  // Command lines are shown to every user of the machine.
  for (const OptionDoc& option : Options())
    EXPECT_EQ(option.flag.find("key"), std::string_view::npos) << option.flag;
}

}  // namespace
}  // namespace serverspace::config
