#include "app/process.h"

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

namespace serverspace::app {
namespace {

// What changes the process for good happens in a child.

TEST(ProcessDeathTest, HidesItsMemory) {
  const auto hide = [] {
    HideMemory();
    rlimit core{1, 1};
    getrlimit(RLIMIT_CORE, &core);
    const bool hidden = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 &&
                        core.rlim_cur == 0 && core.rlim_max == 0;
    _exit(hidden ? 42 : 1);
  };
  EXPECT_EXIT(hide(), testing::ExitedWithCode(42), "");
}

TEST(ProcessDeathTest, LeavesNoStandardStreamToAFile) {
  const auto open_after_closing = [] {
    for (const int stream : {0, 1, 2}) close(stream);
    HoldStandardDescriptors();
    const bool fails = write(1, "x", 1) == -1 && write(2, "x", 1) == -1;
    _exit(fails && open("/dev/null", O_RDONLY) > 2 ? 42 : 1);
  };
  EXPECT_EXIT(open_after_closing(), testing::ExitedWithCode(42), "");
}

class ProcessSignalDeathTest : public testing::TestWithParam<int> {};

TEST_P(ProcessSignalDeathTest, AwaitsTheSignalThatOtherwiseEndsIt) {
  const auto await = [] {
    BlockSignals();
    kill(getpid(), GetParam());
    _exit(AwaitSignal() == GetParam() ? 42 : 1);
  };
  EXPECT_EXIT(await(), testing::ExitedWithCode(42), "");
}

INSTANTIATE_TEST_SUITE_P(Signals, ProcessSignalDeathTest,
                         testing::Values(SIGTERM, SIGINT, SIGHUP));

class ProcessEndDeathTest : public testing::TestWithParam<int> {};

TEST_P(ProcessEndDeathTest, EndsThoughItIsToReloadToo) {
  const auto await = [] {
    BlockSignals();
    for (const int signal : {SIGHUP, GetParam()}) kill(getpid(), signal);
    const bool ends = AwaitSignal(std::chrono::minutes(1)) == GetParam();
    for (const int signal : {GetParam(), SIGHUP}) kill(getpid(), signal);
    _exit(ends && AwaitSignal() == GetParam() ? 42 : 1);
  };
  EXPECT_EXIT(await(), testing::ExitedWithCode(42), "");
}

INSTANTIATE_TEST_SUITE_P(Signals, ProcessEndDeathTest,
                         testing::Values(SIGTERM, SIGINT));

TEST(ProcessSignalTest, WaitsNoLongerThanAsked) {
  EXPECT_EQ(AwaitSignal(std::chrono::milliseconds(1)), 0);
}

TEST(ProcessDeathTest, OutlivesAPeerThatIsGone) {
  const auto write_to_nobody = [] {
    IgnoreBrokenPipes();
    int ends[2];
    if (pipe(ends) != 0) _exit(1);
    close(ends[0]);
    _exit(write(ends[1], "x", 1) == -1 && errno == EPIPE ? 42 : 1);
  };
  EXPECT_EXIT(write_to_nobody(), testing::ExitedWithCode(42), "");
}

}  // namespace
}  // namespace serverspace::app
