#include "config/problem.h"

#include <gtest/gtest.h>

namespace serverspace::config {
namespace {

TEST(ProblemTest, PrintsWhatIsKnown) {
  EXPECT_EQ((Problem{"a.yml", 3, 7, "api.timeout", "is bad"}).ToString(),
            "a.yml:3:7: api.timeout: is bad");
  EXPECT_EQ((Problem{"a.yml", 3, 7, "", "is bad"}).ToString(),
            "a.yml:3:7: is bad");
  EXPECT_EQ((Problem{"a.yml", 0, 0, "", "is bad"}).ToString(), "a.yml: is bad");
  EXPECT_EQ((Problem{"", 0, 0, "--api.timeout", "is bad"}).ToString(),
            "--api.timeout: is bad");
  EXPECT_EQ((Problem{"", 0, 0, "", "is bad"}).ToString(), "is bad");
}

}  // namespace
}  // namespace serverspace::config
