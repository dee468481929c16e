#include "base/thread_priority.h"

#include <algorithm>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

namespace serverspace {
namespace {

int OwnPriority() {
  return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
}

TEST(ThreadPriorityTest, IsOfTheCallingThreadAlone) {
  constexpr int kLowest = 19;
  const int before = OwnPriority();
  int lowered = before;
  std::jthread([&] {
    LowerOwnPriority(3);
    lowered = OwnPriority();
  }).join();
  EXPECT_EQ(lowered, std::min(before + 3, kLowest));
  EXPECT_EQ(OwnPriority(), before);
}

}  // namespace
}  // namespace serverspace
