#include "config/problem.h"

#include <string>
#include <vector>

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

TEST(ProblemTest, IsOneLineWhateverAPathHolds) {
  const Problem problem{"a\x1b[31m.yml", 2, 30, "projects[0].api_key_file",
                        "cannot open a\n\nb\xff: No such file"};
  EXPECT_EQ(problem.ToString(),
            "a [31m.yml:2:30: projects[0].api_key_file: cannot open a  "
            "b\xEF\xBF\xBD: No such file");
}

TEST(FirstReasonsTest, HasALimit) {
  EXPECT_EQ(JoinFirstReasons({}), "");
  EXPECT_EQ(JoinFirstReasons(
                {{"a.yml", 1, 1, "x", "is odd"}, {"", 0, 0, "--y", "no"}}),
            "a.yml:1:1: x: is odd\n--y: no");
  const std::vector<Problem> many(21, Problem{"", 0, 0, "x", "is odd"});
  EXPECT_EQ(FirstReasons({many.begin(), many.end() - 1}),
            std::vector<std::string>(20, "x: is odd"));
  ASSERT_EQ(FirstReasons(many).size(), 21U);
  EXPECT_EQ(FirstReasons(many).back(), "and 1 more: check-config tells all");
}

}  // namespace
}  // namespace serverspace::config
