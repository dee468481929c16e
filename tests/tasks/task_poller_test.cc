#include "tasks/task_poller.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "base/recording_log.h"
#include "collectors/fake_project_client.h"

namespace serverspace::tasks {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::SizeIs;

class TaskPollerTest : public testing::Test {
 protected:
  TaskPollerTest() {
    client_.task = [this](const api::Call& call,
                          std::string_view id) -> Result<api::Task> {
      asked_.emplace_back(id);
      last_deadline_ = call.deadline;
      if (error_) return Error{*error_, "GET /tasks/{id}: it is said"};
      api::Task task;
      task.id = id;
      task.state = state_;
      return task;
    };
  }
  void Add(int count) {
    for (int i = 0; i < count; ++i) book_.Add("l3t" + std::to_string(i));
  }
  std::optional<Duration> Run(bool all = false) {
    return poller_.Run(
        {.client = client_,
         .max_requests_per_second = 5,
         .trusts_not_found = trusts_not_found_,
         .call = {.deadline = clock_.Mono() + 1min, .stop = stop_.get_token()},
         .all = all});
  }
  /// Runs whenever there is something to do.
  void RunFor(Duration time) {
    const MonoTime end = clock_.Mono() + time;
    while (clock_.Mono() < end) {
      const auto pause = Run();
      ASSERT_TRUE(pause);
      ASSERT_GT(*pause, 0s);
      clock_.Advance(std::min(*pause, end - clock_.Mono()));
    }
  }
  std::uint64_t Lost() { return book_.Current()->totals.of(Outcome::kLost); }
  std::ptrdiff_t Pending() {
    return std::ranges::count_if(book_.Current()->tasks, [](const auto& task) {
      return !task->outcome.has_value();
    });
  }

  FakeClock clock_;
  RecordingLog log_;
  collectors::FakeProjectClient client_;
  std::stop_source stop_;
  TaskBook book_{Ledger(), clock_};
  TaskPoller poller_{"prod", book_, clock_, log_};
  std::vector<std::string> asked_;
  MonoTime last_deadline_;
  std::optional<ErrorCode> error_;
  std::string state_ = "inprogress";
  bool trusts_not_found_ = true;
};

TEST_F(TaskPollerTest, HasNothingToDoWithoutTasks) {
  EXPECT_EQ(Run(), 1h);
  EXPECT_THAT(asked_, SizeIs(0));
}

TEST_F(TaskPollerTest, AsksUntilATaskHasEnded) {
  Add(1);
  EXPECT_EQ(Run(), 5s);
  clock_.Advance(5s);
  state_ = "completed";
  EXPECT_EQ(Run(), 1h);
  clock_.Advance(1h);
  Run();
  EXPECT_THAT(asked_, ElementsAre("l3t0", "l3t0"));
  EXPECT_EQ(Pending(), 0);
}

TEST_F(TaskPollerTest, TakesHalfOfTheRateAtMostHoweverManyThereAre) {
  Add(10'000);
  RunFor(10min);
  EXPECT_LE(asked_.size(), 10U * 60 * 5 / 2 + 5);
  EXPECT_GE(asked_.size(), 10U * 60 * 5 / 2 - 5);
}

TEST_F(TaskPollerTest, IsNotHurriedByBeingCalledTooEarly) {
  Add(100);
  for (int i = 0; i < 50; ++i) {
    Run();
    clock_.Advance(10ms);
  }
  EXPECT_THAT(asked_, SizeIs(5));
}

TEST_F(TaskPollerTest, BoundsARoundAndEachQuestion) {
  Add(100);
  const auto pass = [&](const api::Call& call,
                        std::string_view id) -> Result<api::Task> {
    EXPECT_EQ(call.deadline - clock_.Mono(), 10s);
    asked_.emplace_back(id);
    clock_.Advance(1500ms);
    return api::Task{.state = "inprogress"};
  };
  client_.task = pass;
  Run();
  EXPECT_THAT(asked_, SizeIs(2));
}

TEST_F(TaskPollerTest, AsksForAllOnceIfToldSo) {
  Add(100);
  Run(true);
  EXPECT_THAT(asked_, SizeIs(100));
}

TEST_F(TaskPollerTest, AsksForEachOnceHoweverLongItTakes) {
  Add(60);
  client_.task = [&](const api::Call&,
                     std::string_view id) -> Result<api::Task> {
    asked_.emplace_back(id);
    clock_.Advance(200ms);
    return api::Task{.state = "inprogress"};
  };
  Run(true);
  EXPECT_THAT(asked_, SizeIs(60));
  EXPECT_THAT(std::set(asked_.begin(), asked_.end()), SizeIs(60));
}

TEST_F(TaskPollerTest, StopsAtTheFirstErrorThatIsNotOfTheTask) {
  for (const ErrorCode code :
       {ErrorCode::kAuth, ErrorCode::kForbidden, ErrorCode::kRateLimited,
        ErrorCode::kTimeout, ErrorCode::kNetwork, ErrorCode::kTls,
        ErrorCode::kServerError}) {
    Add(10);
    asked_.clear();
    error_ = code;
    clock_.Advance(1h);
    EXPECT_TRUE(Run());
    EXPECT_THAT(asked_, SizeIs(1)) << static_cast<int>(code);
  }
}

TEST_F(TaskPollerTest, CountsQuestionsThatFailedByReason) {
  Add(2);
  Run();
  EXPECT_EQ(poller_.errors(), ReasonCounts{});
  for (const ErrorCode code : {ErrorCode::kForbidden, ErrorCode::kTimeout,
                               ErrorCode::kBadResponse, ErrorCode::kNotFound}) {
    error_ = code;
    clock_.Advance(1h);
    Run();
  }
  ReasonCounts expected{};
  expected.at(static_cast<std::size_t>(ErrorCode::kAuth)) = 1;
  expected.at(static_cast<std::size_t>(ErrorCode::kTimeout)) = 1;
  // One after the other, since another task's answer may be read.
  expected.at(static_cast<std::size_t>(ErrorCode::kBadResponse)) = 2;
  // What is not found is no failure of the question.
  EXPECT_EQ(poller_.errors(), expected);

  trusts_not_found_ = false;
  clock_.Advance(1h);
  Run();
  expected.at(static_cast<std::size_t>(ErrorCode::kOther)) = 2;
  EXPECT_EQ(poller_.errors(), expected);
}

TEST_F(TaskPollerTest, AsksLessAndLessWhileTheApiFails) {
  Add(10'000);
  error_ = ErrorCode::kServerError;
  RunFor(1h);
  EXPECT_LT(asked_.size(), 70U);
  EXPECT_EQ(Pending(), 10'000);
  EXPECT_EQ(Lost(), 0U);
  EXPECT_THAT(log_.Lines("warn watched tasks cannot be read"), SizeIs(1));

  error_.reset();
  asked_.clear();
  RunFor(2min);
  EXPECT_GT(asked_.size(), 100U);
  EXPECT_THAT(log_.Lines("info watched tasks are read again"), SizeIs(1));
}

TEST_F(TaskPollerTest, IsNotStoppedByOneTaskThatAlwaysFails) {
  Add(2);
  client_.task = [&](const api::Call&,
                     std::string_view id) -> Result<api::Task> {
    if (id == "l3t1") return Error{ErrorCode::kServerError, "HTTP 500"};
    return api::Task{.state = "completed"};
  };
  RunFor(1min);
  EXPECT_EQ(Pending(), 1);
}

TEST_F(TaskPollerTest, GoesOnAfterAnAnswerThatCannotBeRead) {
  Add(3);
  for (const ErrorCode code : {ErrorCode::kBadResponse, ErrorCode::kOther}) {
    asked_.clear();
    error_ = code;
    Run();
    EXPECT_THAT(asked_, SizeIs(3));
    clock_.Advance(1min);
  }
  EXPECT_EQ(Pending(), 3);
}

TEST_F(TaskPollerTest, TellsOnceAnHourOfTasksThatCannotBeRead) {
  Add(3);
  error_ = ErrorCode::kBadResponse;
  RunFor(50min);
  constexpr auto kLine = "warn a watched task cannot be read";
  EXPECT_THAT(log_.Lines(kLine), SizeIs(1));
  EXPECT_TRUE(log_.Mentions("l3t"));
  RunFor(1h);
  EXPECT_THAT(log_.Lines(kLine), SizeIs(2));
  EXPECT_EQ(Pending(), 3);
}

TEST_F(TaskPollerTest, DoesNotTakeAnotherTaskForTheOneAskedFor) {
  Add(3);
  client_.task = [](const api::Call&,
                    std::string_view id) -> Result<api::Task> {
    api::Task task;
    if (id == "l3t0") task.id = "l3t9";
    if (id == "l3t1") task.id = "already_completed_task";
    task.state = "completed";
    return task;
  };
  RunFor(10min);
  EXPECT_EQ(Pending(), 1);
  EXPECT_THAT(log_.Lines("warn a watched task cannot be read"), SizeIs(1));
}

TEST_F(TaskPollerTest, GivesUpWhatTheApiDoesNotKnowForLong) {
  Add(1);
  error_ = ErrorCode::kNotFound;
  RunFor(9min);
  EXPECT_EQ(Lost(), 0U);
  RunFor(5min);
  EXPECT_EQ(Lost(), 1U);
  EXPECT_THAT(log_.Lines("warn the API does not know this task any more"),
              SizeIs(1));
}

TEST_F(TaskPollerTest, DoesNotBelieveAnApiThatFindsNothingAtAll) {
  Add(1);
  error_ = ErrorCode::kNotFound;
  trusts_not_found_ = false;
  RunFor(10h);
  EXPECT_EQ(Lost(), 0U);
  EXPECT_EQ(Pending(), 1);
}

TEST_F(TaskPollerTest, SaysWhenItWasStopped) {
  Add(3);
  client_.task = [&](const api::Call&, std::string_view) -> Result<api::Task> {
    stop_.request_stop();
    return Error{ErrorCode::kCancelled, "cancelled"};
  };
  EXPECT_EQ(Run(), std::nullopt);
  EXPECT_EQ(Pending(), 3);
}

}  // namespace
}  // namespace serverspace::tasks
