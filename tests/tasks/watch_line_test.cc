#include "tasks/watch_line.h"

#include <gtest/gtest.h>

namespace serverspace::tasks {
namespace {

TEST(WatchLineTest, ReadsAnIdAndPerhapsAProject) {
  const struct {
    std::string_view text;
    std::string_view id;
    std::string_view project;
  } kCases[] = {
      {"l3t1", "l3t1", ""},
      {"l3t1 prod", "l3t1", "prod"},
      {"  l3t1\tprod \r", "l3t1", "prod"},
      {"l3t1   my project ", "l3t1", "my project"},
      {"\xEF\xBB\xBFl3t1", "l3t1", ""},
      {"", "", ""},
      {" \t\r", "", ""},
      {"# l3t1", "", ""},
      {"  # a comment", "", ""},
      {"no-id", "no-id", ""},
  };
  for (const auto& [text, id, project] : kCases) {
    const WatchLine line = ParseWatchLine(text);
    EXPECT_EQ(line.task_id, id) << text;
    EXPECT_EQ(line.project, project) << text;
  }
}

}  // namespace
}  // namespace serverspace::tasks
