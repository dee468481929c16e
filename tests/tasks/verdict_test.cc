#include "tasks/verdict.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace serverspace::tasks {
namespace {

TEST(VerdictTest, EveryRefusalHasANameAndWords) {
  std::set<std::string_view> names;
  for (const Verdict verdict : Refusals()) {
    EXPECT_TRUE(IsRefusal(verdict));
    EXPECT_TRUE(names.insert(RefusalName(verdict)).second);
    EXPECT_NE(RefusalText(verdict), "");
  }
  EXPECT_EQ(names, (std::set<std::string_view>{
                       "full", "malformed", "no_project", "unknown_project"}));
}

TEST(VerdictTest, TheRestIsNoRefusal) {
  for (const Verdict verdict : {Verdict::kAdded, Verdict::kKnown,
                                Verdict::kNothing, Verdict::kElsewhere}) {
    EXPECT_FALSE(IsRefusal(verdict));
    EXPECT_EQ(RefusalName(verdict), "");
  }
}

}  // namespace
}  // namespace serverspace::tasks
