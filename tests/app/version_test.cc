#include "app/version.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace serverspace::app {
namespace {

TEST(VersionTest, NamesWhatWasBuilt) {
  const exporter::BuildInfo build = ThisBuild();
  EXPECT_FALSE(build.version.empty());
  EXPECT_FALSE(build.revision.empty());
  EXPECT_FALSE(build.compiler.empty());
}

TEST(VersionTest, IsOneLineForPeople) {
  const std::string text = VersionText();
  EXPECT_EQ(std::ranges::count(text, '\n'), 0);
  EXPECT_TRUE(text.starts_with("serverspace_exporter " + ThisBuild().version))
      << text;
}

}  // namespace
}  // namespace serverspace::app
