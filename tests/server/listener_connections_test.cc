#include "server/listener_connections.h"

#include <array>
#include <chrono>
#include <deque>
#include <optional>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace serverspace::server {
namespace {

using std::chrono::seconds;
using Phase = ConnectionList::Phase;
using Handle = ConnectionList::Handle;

// A socket in the list and its peer, on which one sees that it was ended.
class Pair {
 public:
  Pair() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()), 0); }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  ~Pair() {
    for (const int end : ends_) ::close(end);
  }

  int socket() const { return ends_[0]; }
  bool Ended() const {
    char byte = 0;
    return ::recv(ends_[1], &byte, 1, MSG_DONTWAIT) == 0;
  }

 private:
  std::array<int, 2> ends_{};
};

class ConnectionListTest : public testing::Test {
 protected:
  static MonoTime At(int second) { return MonoTime(seconds(second)); }

  // The socket of a new connection, admitted at a second, with 5 s to ask.
  Pair& Add(int second) {
    Pair& pair = pairs_.emplace_back();
    last_ = list_.Admit(pair.socket(), At(second), At(second + 5));
    return pair;
  }

  std::uint64_t Rejected(RejectReason reason) const {
    return counters_.Snapshot().Rejected(reason);
  }

  ListenerCounters counters_;
  ConnectionList list_{3, counters_};
  std::deque<Pair> pairs_;
  std::optional<Handle> last_;
};

TEST_F(ConnectionListTest, EndsARequestThatIsTooSlow) {
  const Pair& pair = Add(0);
  list_.Sweep(At(4));
  EXPECT_FALSE(pair.Ended());
  list_.Sweep(At(5));
  EXPECT_TRUE(pair.Ended());
  EXPECT_FALSE(list_.Update(*last_, Phase::kWriting, At(5), At(9)));
  list_.Sweep(At(6));
  EXPECT_EQ(Rejected(RejectReason::kSlowRequest), 1U);
  EXPECT_EQ(list_.size(), 1U);
  list_.Remove(*last_);
  EXPECT_EQ(list_.size(), 0U);
}

TEST_F(ConnectionListTest, TellsApartWhyItEnds) {
  Add(0);
  ASSERT_TRUE(list_.Update(*last_, Phase::kIdle, At(0), At(1)));
  Add(0);
  ASSERT_TRUE(list_.Update(*last_, Phase::kWriting, At(0), At(1)));
  Add(0);
  ASSERT_TRUE(list_.Update(*last_, Phase::kDraining, At(0), At(1)));
  list_.Sweep(At(1));
  for (const Pair& pair : pairs_) EXPECT_TRUE(pair.Ended());
  EXPECT_EQ(Rejected(RejectReason::kNotReading), 1U);
  EXPECT_EQ(Rejected(RejectReason::kSlowRequest), 0U);
}

TEST_F(ConnectionListTest, AtTheLimitTheLongestIdleGoes) {
  const Pair& first = Add(0);
  const auto first_handle = *last_;
  const Pair& second = Add(1);
  const Pair& third = Add(2);
  ASSERT_TRUE(list_.Update(first_handle, Phase::kIdle, At(3), At(100)));
  const Pair& fourth = Add(4);
  EXPECT_TRUE(last_.has_value());
  EXPECT_TRUE(second.Ended());
  EXPECT_FALSE(first.Ended() || third.Ended() || fourth.Ended());
  EXPECT_EQ(Rejected(RejectReason::kConnectionLimit), 1U);
}

TEST_F(ConnectionListTest, AtTheLimitAStalledAnswerGoesButNotOneThatMoves) {
  std::vector<Handle> handles;
  for (int i = 0; i < 3; ++i) {
    Add(0);
    handles.push_back(*last_);
    ASSERT_TRUE(list_.Update(*last_, Phase::kWriting, At(0), At(100)));
  }
  ASSERT_TRUE(list_.Update(handles[0], Phase::kWriting, At(2), At(100)));
  ASSERT_TRUE(list_.Update(handles[1], Phase::kWorking, At(0), At(100)));
  Add(2);
  EXPECT_TRUE(last_.has_value());
  EXPECT_FALSE(pairs_[0].Ended());
  EXPECT_FALSE(pairs_[1].Ended());
  EXPECT_TRUE(pairs_[2].Ended());
}

TEST_F(ConnectionListTest, RefusesWhenAllAreBusy) {
  for (int i = 0; i < 3; ++i) {
    Add(0);
    ASSERT_TRUE(list_.Update(*last_, Phase::kWorking, At(0), At(100)));
  }
  Add(50);
  EXPECT_FALSE(last_.has_value());
  EXPECT_EQ(list_.size(), 3U);
  EXPECT_EQ(Rejected(RejectReason::kConnectionLimit), 1U);
}

TEST_F(ConnectionListTest, EndedOnesMayNotPileUp) {
  for (int i = 0; i < 200; ++i) Add(0);
  EXPECT_EQ(list_.size(), 3U + 32U);
}

TEST_F(ConnectionListTest, WithoutDescriptorsTheOldestGo) {
  const Pair& busy = Add(0);
  ASSERT_TRUE(list_.Update(*last_, Phase::kWriting, At(0), At(100)));
  const Pair& old = Add(1);
  const Pair& young = Add(2);
  list_.EndOldest(1);
  EXPECT_TRUE(old.Ended());
  EXPECT_FALSE(busy.Ended() || young.Ended());
  list_.EndOldest(8);
  EXPECT_TRUE(busy.Ended() && young.Ended());
  EXPECT_EQ(Rejected(RejectReason::kDescriptorLimit), 3U);
}

TEST_F(ConnectionListTest, StoppingLetsOnlyAnswersGoOn) {
  const Pair& busy = Add(0);
  const auto handle = *last_;
  ASSERT_TRUE(list_.Update(handle, Phase::kWriting, At(0), At(100)));
  const Pair& idle = Add(0);
  const auto idle_handle = *last_;
  list_.StartStopping();
  EXPECT_TRUE(idle.Ended());
  EXPECT_FALSE(busy.Ended());
  EXPECT_TRUE(list_.Update(handle, Phase::kWriting, At(1), At(100)));
  EXPECT_FALSE(list_.Update(handle, Phase::kIdle, At(1), At(100)));
  Add(1);
  EXPECT_FALSE(last_.has_value());
  EXPECT_FALSE(list_.WaitUntilEmpty(std::chrono::milliseconds(1)));
  list_.EndAll();
  EXPECT_TRUE(busy.Ended());
  list_.Remove(handle);
  list_.Remove(idle_handle);
  EXPECT_TRUE(list_.WaitUntilEmpty(std::chrono::milliseconds(1)));
}

TEST_F(ConnectionListTest, OfTooManyHandshakesTheOldestEnds) {
  ConnectionList list(100, counters_);
  std::deque<Handle> handles;
  for (std::size_t i = 0; i < ConnectionList::kMaxHandshakes + 1; ++i) {
    const auto handle =
        list.Admit(pairs_.emplace_back().socket(), At(0), At(5));
    ASSERT_TRUE(handle);
    handles.push_back(*handle);
    ASSERT_TRUE(list.Update(*handle, Phase::kHandshaking, At(0), At(5)));
    if (i == 0) {
      ASSERT_TRUE(list.Update(*handle, Phase::kReading, At(0), At(5)));
    }
  }
  EXPECT_EQ(Rejected(RejectReason::kTlsHandshake), 0U);
  // The first was through and begins anew, so the second is the oldest.
  ASSERT_TRUE(list.Update(handles[0], Phase::kHandshaking, At(1), At(5)));
  EXPECT_TRUE(pairs_[1].Ended());
  EXPECT_FALSE(pairs_[0].Ended());
  EXPECT_FALSE(pairs_[2].Ended());
  EXPECT_EQ(Rejected(RejectReason::kTlsHandshake), 1U);
  EXPECT_FALSE(list.Update(handles[1], Phase::kReading, At(1), At(6)));
  for (const Handle handle : handles) list.Remove(handle);
  EXPECT_EQ(list.size(), 0U);
}

TEST_F(ConnectionListTest, AHandshakeHasItsTime) {
  const Pair& pair = Add(0);
  ASSERT_TRUE(list_.Update(*last_, Phase::kHandshaking, At(0), At(5)));
  list_.Sweep(At(4));
  EXPECT_FALSE(pair.Ended());
  list_.Sweep(At(5));
  EXPECT_TRUE(pair.Ended());
  EXPECT_EQ(Rejected(RejectReason::kTlsHandshake), 1U);
  EXPECT_EQ(Rejected(RejectReason::kSlowRequest), 0U);
  list_.Remove(*last_);
}

}  // namespace
}  // namespace serverspace::server
