#include "tasks/task_id.h"

#include <string>

#include <gtest/gtest.h>

namespace serverspace::tasks {
namespace {

TEST(TaskIdTest, KnowsEveryFamily) {
  for (const char* id : {"l3t70011", "l10t1", "lt55102", "dns9120", "vmw3307",
                         "k8s_f44", "k8s_m44", "l3t12345678901234567890"})
    EXPECT_TRUE(IsTaskId(id)) << id;
}

TEST(TaskIdTest, RefusesEverythingElse) {
  for (const char* id : {"",
                         "l",
                         "lt",
                         "l3t",
                         "l3",
                         "l3s4021",
                         "t70011",
                         "L3T70011",
                         "l3t7x",
                         "l3t-7",
                         "lxt7",
                         "l3tt7",
                         "l3t7 ",
                         " l3t7",
                         "l3t7\n",
                         "dns",
                         "dns1a",
                         "dns-1",
                         "vmw",
                         "vmw 1",
                         "k8s_44",
                         "k8s_f",
                         "k8s_x44",
                         "../project",
                         "l3t7/../../project",
                         "l3t123456789012345678901",
                         "70011",
                         "already_completed_task",
                         "l\xC3\xA9t7"})
    EXPECT_FALSE(IsTaskId(id)) << id;
  EXPECT_FALSE(IsTaskId(std::string("l3t7\0", 5)));
}

TEST(TaskIdTest, KnowsTheWordsForNoTask) {
  EXPECT_TRUE(IsNoTask("already_completed_task"));
  EXPECT_TRUE(IsNoTask("null"));
  EXPECT_FALSE(IsNoTask(""));
  EXPECT_FALSE(IsNoTask("l3t7"));
}

}  // namespace
}  // namespace serverspace::tasks
