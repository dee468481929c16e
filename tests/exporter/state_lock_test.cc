#include "exporter/state_lock.h"

#include <csignal>
#include <optional>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/scratch_directory.h"

namespace serverspace::exporter {
namespace {

class StateLockTest : public testing::Test {
 protected:
  ScratchDirectory directory_;
  const std::string path_ = directory_.Path("state.json.lock");
};

TEST_F(StateLockTest, HasOneOwner) {
  StateLock first(path_);
  EXPECT_TRUE(first.Take().ok());
  EXPECT_TRUE(first.Take().ok());
  StateLock second(path_);
  const auto refused = second.Take();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kForbidden);
  EXPECT_EQ(refused.error().message, path_ + " is locked by another process");
}

TEST_F(StateLockTest, PassesToTheNextWhenItsOwnerGoes) {
  std::optional<StateLock> first(path_);
  ASSERT_TRUE(first->Take().ok());
  StateLock second(path_);
  ASSERT_FALSE(second.Take().ok());
  first.reset();
  EXPECT_TRUE(second.Take().ok());
}

TEST_F(StateLockTest, PassesToTheNextWhenItsOwnerIsKilled) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    StateLock lock(path_);
    const char said = lock.Take().ok() ? 'y' : 'n';
    if (::write(ready[1], &said, 1) == 1) ::pause();
    ::_exit(1);
  }
  char said = 0;
  ASSERT_EQ(::read(ready[0], &said, 1), 1);
  EXPECT_EQ(said, 'y');
  StateLock next(path_);
  EXPECT_FALSE(next.Take().ok());
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(next.Take().ok());
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_F(StateLockTest, TellsWhyItCannotBeMade) {
  StateLock lock(directory_.Path("no/state.json.lock"));
  const auto taken = lock.Take();
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().code, ErrorCode::kOther);
  EXPECT_EQ(taken.error().message, "cannot open " +
                                       directory_.Path("no/state.json.lock") +
                                       ": No such file or directory");
}

}  // namespace
}  // namespace serverspace::exporter
