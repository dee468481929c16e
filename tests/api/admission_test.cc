#include "api/admission.h"

#include <array>
#include <atomic>
#include <latch>
#include <optional>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace serverspace::api {
namespace {

class AdmissionTest : public testing::Test {
 protected:
  AdmissionTest() {
    for (int n = 0; n < 20; ++n)
      admission_.AddProject(Name(n), "api.example.com");
    admission_.AddProject("elsewhere", "api.example.org");
    freed_ = 0;
  }

  static std::string Name(int n) { return "p" + std::to_string(n); }

  /// As many runs of project `n` as are admitted.
  int Fill(int n) {
    int count = 0;
    while (auto ticket = admission_.TryAdmit(Name(n))) {
      tickets_.push_back(std::move(*ticket));
      ++count;
    }
    return count;
  }

  /// As many long runs of project `n` as are admitted.
  int FillLong(int n) {
    int count = 0;
    while (auto ticket = admission_.TryAdmit(Name(n), RunKind::kLong)) {
      tickets_.push_back(std::move(*ticket));
      ++count;
    }
    return count;
  }

  std::atomic<int> freed_ = 0;
  Admission admission_{{}, [this] { ++freed_; }};
  std::vector<Admission::Ticket> tickets_;
};

TEST_F(AdmissionTest, AdmitsTwoRunsOfAProject) {
  EXPECT_EQ(Fill(0), 2);
  EXPECT_EQ(Fill(1), 2);
}

TEST_F(AdmissionTest, AdmitsAgainWhenATicketGoes) {
  Fill(0);
  tickets_.pop_back();
  EXPECT_EQ(freed_, 1);
  EXPECT_EQ(Fill(0), 1);
}

TEST_F(AdmissionTest, KeepsASlotOfAProjectFromLongRuns) {
  EXPECT_EQ(FillLong(0), 1);
  EXPECT_EQ(Fill(0), 1);
  tickets_.clear();
  EXPECT_EQ(Fill(0), 2);
  EXPECT_EQ(FillLong(0), 0);
}

TEST_F(AdmissionTest, KeepsHalfOfAHostFromLongRuns) {
  int count = 0;
  for (int n = 0; n < 20; ++n) count += FillLong(n);
  EXPECT_EQ(count, 8);
  for (int n = 0; n < 20; ++n) count += Fill(n);
  EXPECT_EQ(count, 16);
}

TEST_F(AdmissionTest, KeepsHalfOfTheThreadsFromLongRunsOfManyHosts) {
  int count = 0;
  for (int n = 0; n < 100; ++n) {
    const std::string name = "far" + std::to_string(n);
    admission_.AddProject(name, name + ".example.com");
    if (auto ticket = admission_.TryAdmit(name, RunKind::kLong)) {
      tickets_.push_back(std::move(*ticket));
      ++count;
    }
  }
  EXPECT_EQ(count, 24);
  EXPECT_TRUE(admission_.TryAdmit("far99"));
}

TEST_F(AdmissionTest, AdmitsALongRunAgainWhenItsTicketGoes) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(FillLong(0), 1);
    // A ticket keeps its kind as it moves.
    Admission::Ticket moved = std::move(tickets_.back());
    tickets_.clear();
    EXPECT_EQ(FillLong(0), 0);
  }
  EXPECT_EQ(FillLong(0), 1);
}

TEST_F(AdmissionTest, AdmitsSixteenRunsOfAHost) {
  int count = 0;
  for (int n = 0; n < 20; ++n) count += Fill(n);
  EXPECT_EQ(count, 16);
  EXPECT_TRUE(admission_.TryAdmit("elsewhere"));
}

TEST_F(AdmissionTest, LetsSlowProjectsShareAQuarter) {
  for (int n = 0; n < 10; ++n) admission_.MarkSlow(Name(n), true);
  int slow = 0;
  for (int n = 0; n < 10; ++n) slow += Fill(n);
  EXPECT_EQ(slow, 4);
  int others = 0;
  for (int n = 10; n < 20; ++n) others += Fill(n);
  EXPECT_EQ(others, 12);
}

TEST_F(AdmissionTest, CountsRunsThatBecameSlowWhileTheyLast) {
  for (int n = 0; n < 3; ++n) Fill(n);
  for (int n = 0; n < 4; ++n) admission_.MarkSlow(Name(n), true);
  EXPECT_EQ(Fill(3), 0);
  EXPECT_EQ(Fill(4), 2);
  admission_.MarkSlow("p0", false);
  admission_.MarkSlow("p1", false);
  EXPECT_EQ(freed_, 2);
  EXPECT_EQ(Fill(3), 2);
}

TEST_F(AdmissionTest, SaysOnceThatAProjectIsNoLongerSlow) {
  admission_.MarkSlow("p0", false);
  EXPECT_EQ(freed_, 0);
  admission_.MarkSlow("p0", true);
  admission_.MarkSlow("p0", true);
  EXPECT_EQ(freed_, 0);
  admission_.MarkSlow("p0", false);
  EXPECT_EQ(freed_, 1);
}

TEST_F(AdmissionTest, DoesNotKnowOtherProjects) {
  EXPECT_FALSE(admission_.TryAdmit("stranger"));
  admission_.MarkSlow("stranger", true);
  admission_.RemoveProject("p0");
  EXPECT_FALSE(admission_.TryAdmit("p0"));
}

TEST_F(AdmissionTest, KeepsTicketsGoodWhenAProjectGoesOrMoves) {
  Fill(0);
  Fill(1);
  admission_.RemoveProject("p0");
  admission_.AddProject("p1", "api.example.org");
  int count = 4;
  for (int n = 2; n < 20; ++n) count += Fill(n);
  EXPECT_EQ(count, 16) << "the runs still are at the host";
  EXPECT_EQ(Fill(1), 2);
  tickets_.clear();
  count = 0;
  for (int n = 2; n < 20; ++n) count += Fill(n);
  EXPECT_EQ(count, 16);
}

TEST_F(AdmissionTest, ForgetsThatAProjectIsSlowWhenItMoves) {
  Fill(0);
  Fill(1);
  for (int n = 0; n < 3; ++n) admission_.MarkSlow(Name(n), true);
  EXPECT_EQ(Fill(2), 0);
  admission_.AddProject("p2", "api.example.org");
  EXPECT_EQ(Fill(2), 2);
}

TEST_F(AdmissionTest, ReturnsATicketOnce) {
  auto ticket = admission_.TryAdmit("p0");
  ASSERT_TRUE(ticket);
  Admission::Ticket moved = std::move(*ticket);
  ticket.reset();
  EXPECT_EQ(freed_, 0);
  auto other = admission_.TryAdmit("p1");
  ASSERT_TRUE(other);
  moved = std::move(*other);
  EXPECT_EQ(freed_, 1);
  other.reset();
  EXPECT_EQ(freed_, 1);
}

TEST(AdmissionCallbackTest, MayAskAgain) {
  std::optional<Admission> admission;
  std::optional<Admission::Ticket> next;
  admission.emplace(Admission::Limits{.per_host = 1}, [&] {
    if (!next) next = admission->TryAdmit("b");
  });
  admission->AddProject("a", "api.example.com");
  auto first = admission->TryAdmit("a");
  admission->AddProject("b", "api.example.com");
  EXPECT_FALSE(next);
  first.reset();
  EXPECT_TRUE(next);
  EXPECT_FALSE(admission->TryAdmit("a"));
}

TEST_F(AdmissionTest, HoldsItsBoundsAmongThreads) {
  std::atomic<int> running = 0;
  std::latch start(8);
  std::array<std::atomic<int>, 20> own{};
  std::atomic<bool> broken = false;
  std::vector<std::jthread> threads;
  for (unsigned t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      std::minstd_rand random(t + 1);
      start.arrive_and_wait();
      std::vector<Admission::Ticket> held;
      std::vector<std::size_t> of;
      for (int i = 0; i < 2000; ++i) {
        const std::size_t n = random() % 20;
        if (random() % 8 == 0)
          admission_.MarkSlow(Name(static_cast<int>(n)), random() % 2 == 0);
        if (held.size() < 4) {
          if (auto ticket = admission_.TryAdmit(Name(static_cast<int>(n)))) {
            if (++own[n] > 2) broken = true;
            if (++running > 16) broken = true;
            held.push_back(std::move(*ticket));
            of.push_back(n);
          }
        } else {
          --running;
          --own[of.back()];
          of.pop_back();
          held.pop_back();
        }
      }
      for (const std::size_t n : of) {
        --running;
        --own[n];
      }
    });
  }
  threads.clear();
  EXPECT_FALSE(broken);
  int count = 0;
  for (int n = 0; n < 20; ++n) admission_.MarkSlow(Name(n), false);
  for (int n = 0; n < 20; ++n) count += Fill(n);
  EXPECT_EQ(count, 16) << "all slots are free again";
}

}  // namespace
}  // namespace serverspace::api
