#include "tasks/task_book.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fake_clock.h"

namespace serverspace::tasks {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::SizeIs;

constexpr double kPerSecond = 2.5;

class TaskBookTest : public testing::Test {
 protected:
  void Restart(const TaskBook::Limits& limits = {}) {
    const auto saved = book_->Current();
    book_ = std::make_unique<TaskBook>(*saved, clock_, limits);
  }
  void Answer(std::string_view id, std::string state) {
    api::Task task;
    task.id = id;
    task.state = std::move(state);
    book_->Answered(id, std::move(task), kPerSecond);
  }
  /// One task as it is known.
  WatchedTask Find(std::string_view id) {
    for (const auto& task : book_->Current()->tasks) {
      if (task->id == id) return *task;
    }
    ADD_FAILURE() << "no " << id;
    return {};
  }
  std::ptrdiff_t Pending() {
    return std::ranges::count_if(book_->Current()->tasks, [](const auto& task) {
      return !task->outcome.has_value();
    });
  }
  std::uint64_t Finished(Outcome outcome) {
    return book_->Current()->totals.of(outcome);
  }

  FakeClock clock_;
  std::unique_ptr<TaskBook> book_ =
      std::make_unique<TaskBook>(Ledger(), clock_);
};

TEST_F(TaskBookTest, TakesAnIdOnce) {
  EXPECT_EQ(book_->Add("l3t1"), Verdict::kAdded);
  EXPECT_EQ(book_->Add("l3t1"), Verdict::kKnown);
  EXPECT_EQ(Pending(), 1);
  Answer("l3t1", "completed");
  EXPECT_EQ(book_->Add("l3t1"), Verdict::kKnown);
  EXPECT_EQ(Pending(), 0);
  EXPECT_EQ(Finished(Outcome::kCompleted), 1U);
}

TEST_F(TaskBookTest, AsksForANewTaskAtOnceAndThenMoreAndMoreSeldom) {
  book_->Add("l3t1");
  std::vector<long> pauses;
  for (int i = 0; i < 40; ++i) {
    ASSERT_EQ(book_->NextDue(clock_.Mono()), "l3t1");
    Answer("l3t1", "inprogress");
    EXPECT_EQ(book_->NextDue(clock_.Mono()), std::nullopt);
    const Duration pause = *book_->due() - clock_.Mono();
    pauses.push_back(
        std::chrono::duration_cast<std::chrono::seconds>(pause).count());
    clock_.Advance(pause);
  }
  EXPECT_EQ(pauses.front(), 5);
  EXPECT_EQ(pauses.back(), 300);
  EXPECT_TRUE(std::ranges::is_sorted(pauses));
}

TEST_F(TaskBookTest, AsksForTheNewestFirstButLeavesNoneWaiting) {
  for (int i = 0; i < 8; ++i) {
    book_->Add("l3t" + std::to_string(i));
    clock_.Advance(1s);
  }
  std::vector<std::string> order;
  while (const auto id = book_->NextDue(clock_.Mono())) {
    order.push_back(*id);
    Answer(*id, "inprogress");
  }
  EXPECT_THAT(order, ElementsAre("l3t7", "l3t6", "l3t5", "l3t0", "l3t4", "l3t3",
                                 "l3t2", "l3t1"));
}

TEST_F(TaskBookTest, GivesEveryOneOfTenThousandItsTurn) {
  constexpr int kTasks = 10'000;
  for (int i = 0; i < kTasks; ++i) book_->Add("l3t" + std::to_string(i));
  std::set<std::string> asked;
  // As many questions as the rate allows in four hours.
  const auto step = std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(1 / kPerSecond));
  for (int question = 0; question < 4 * 3600 * kPerSecond; ++question) {
    if (const auto id = book_->NextDue(clock_.Mono())) {
      asked.insert(*id);
      Answer(*id, "inprogress");
    }
    clock_.Advance(step);
    if (asked.size() == kTasks) break;
  }
  EXPECT_THAT(asked, SizeIs(kTasks));
}

TEST_F(TaskBookTest, TakesAStateThatNobodyKnowsForWorkInProgress) {
  book_->Add("l3t1");
  Answer("l3t1", "queued");
  EXPECT_EQ(Find("l3t1").state, "queued");
  EXPECT_EQ(Pending(), 1);
}

TEST_F(TaskBookTest, CountsEachEndOnce) {
  const std::map<std::string, Outcome> kEnds = {
      {"completed", Outcome::kCompleted},
      {"failed", Outcome::kFailed},
      {"canceled", Outcome::kCanceled}};
  for (const auto& [state, outcome] : kEnds) {
    book_->Add("dns" + std::to_string(state.size()));
    Answer("dns" + std::to_string(state.size()), state);
    Answer("dns" + std::to_string(state.size()), "inprogress");
    Answer("dns" + std::to_string(state.size()), state);
    EXPECT_EQ(Finished(outcome), 1U) << state;
  }
  EXPECT_EQ(book_->due(), std::nullopt);
}

TEST_F(TaskBookTest, CountsTheDurationOfThoseThatCompleted) {
  const WallTime created = clock_.Wall();
  for (const char* state : {"completed", "failed"}) {
    book_->Add(std::string("dns") + (*state == 'c' ? "1" : "2"));
    api::Task task;
    task.state = state;
    task.created = created;
    task.completed = created + 7s;
    book_->Answered(std::string("dns") + (*state == 'c' ? "1" : "2"), task,
                    kPerSecond);
  }
  book_->Add("dns4");
  Answer("dns4", "completed");
  const Totals totals = book_->Current()->totals;
  EXPECT_EQ(totals.duration_sum, 7s);
  EXPECT_EQ(totals.durations[1], 1U);
}

TEST_F(TaskBookTest, CountsNoDurationThatCannotBeBelieved) {
  const WallTime now = clock_.Wall();
  const std::vector<std::pair<WallTime, WallTime>> kTimes = {
      {now, now - 1s},
      {now, now + 31 * 24h + 1s},
      {WallTime(-1s), WallTime(1s)},
      {WallTime::min(), now},
      {WallTime::min(), WallTime::max()},
      {WallTime::max(), WallTime::min()},
      {now, WallTime::max()}};
  int number = 0;
  for (const auto& [created, completed] : kTimes) {
    const std::string id = "dns" + std::to_string(++number);
    book_->Add(id);
    book_->Answered(
        id, {.state = "completed", .created = created, .completed = completed},
        kPerSecond);
    EXPECT_EQ(book_->Current()->totals.durations, Totals().durations) << number;
    EXPECT_EQ(book_->Current()->totals.duration_sum, 0s) << number;
  }
  EXPECT_EQ(Finished(Outcome::kCompleted), kTimes.size());
  book_->Add("dns9");
  book_->Answered(
      "dns9",
      {.state = "completed", .created = now, .completed = now + 31 * 24h},
      kPerSecond);
  EXPECT_EQ(book_->Current()->totals.duration_sum, 31 * 24h);
}

TEST_F(TaskBookTest, GivesUpATaskThatIsMissingForTheGraceTime) {
  book_->Add("l3t1");
  EXPECT_FALSE(book_->Missing("l3t1", kPerSecond));
  clock_.Advance(5min);
  EXPECT_FALSE(book_->Missing("l3t1", kPerSecond));
  clock_.Advance(5min);
  EXPECT_TRUE(book_->Missing("l3t1", kPerSecond));
  EXPECT_EQ(Finished(Outcome::kLost), 1U);
  EXPECT_EQ(Find("l3t1").state, "lost");
  EXPECT_FALSE(book_->Missing("l3t1", kPerSecond));
  EXPECT_EQ(Pending(), 0);
}

TEST_F(TaskBookTest, NeedsMoreThanTwoWordsToGiveUp) {
  book_->Add("l3t1");
  book_->Missing("l3t1", kPerSecond);
  clock_.Advance(1h);
  EXPECT_FALSE(book_->Missing("l3t1", kPerSecond));
  EXPECT_TRUE(book_->Missing("l3t1", kPerSecond));
}

TEST_F(TaskBookTest, BeginsTheGraceTimeAnewWhenTheTaskIsThereAgain) {
  book_->Add("l3t1");
  for (int i = 0; i < 3; ++i) book_->Missing("l3t1", kPerSecond);
  clock_.Advance(9min);
  Answer("l3t1", "inprogress");
  clock_.Advance(2min);
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(book_->Missing("l3t1", kPerSecond));
}

TEST_F(TaskBookTest, LearnsNothingFromAnOutage) {
  book_->Add("l3t1");
  for (int i = 0; i < 1000; ++i) {
    book_->Postpone("l3t1", kPerSecond);
    clock_.Advance(1min);
  }
  EXPECT_EQ(Pending(), 1);
  EXPECT_EQ(Finished(Outcome::kLost), 0U);
}

TEST_F(TaskBookTest, DropsWhatEndedLongAgoAndKnowsItStill) {
  book_->Add("l3t1");
  book_->Add("l3t2");
  Answer("l3t1", "failed");
  clock_.Advance(59min);
  book_->DropFinished(1h);
  EXPECT_THAT(book_->Current()->tasks, SizeIs(2));
  clock_.Advance(1min);
  book_->DropFinished(1h);
  EXPECT_THAT(book_->Current()->tasks, SizeIs(1));
  EXPECT_EQ(book_->Add("l3t1"), Verdict::kKnown);
  EXPECT_EQ(Finished(Outcome::kFailed), 1U);
}

TEST_F(TaskBookTest, DropsAtOnceIfNothingIsKept) {
  book_->Add("l3t1");
  Answer("l3t1", "completed");
  book_->DropFinished(0s);
  EXPECT_THAT(book_->Current()->tasks, SizeIs(0));
}

TEST_F(TaskBookTest, IsBounded) {
  Restart({.tasks = 3, .forgotten = 2});
  for (const char* id : {"l3t1", "l3t2", "l3t3"}) book_->Add(id);
  EXPECT_EQ(book_->Add("l3t4"), Verdict::kFull);
  // What has ended makes room, the first to end first.
  Answer("l3t2", "completed");
  clock_.Advance(1s);
  Answer("l3t1", "completed");
  EXPECT_EQ(book_->Add("l3t4"), Verdict::kAdded);
  EXPECT_EQ(Find("l3t1").state, "completed");
  EXPECT_EQ(book_->Add("l3t5"), Verdict::kAdded);
  EXPECT_EQ(book_->Add("l3t6"), Verdict::kFull);
  EXPECT_THAT(*book_->Current()->forgotten, ElementsAre("l3t2", "l3t1"));
  Answer("l3t3", "completed");
  EXPECT_EQ(book_->Add("l3t6"), Verdict::kAdded);
  EXPECT_THAT(*book_->Current()->forgotten, ElementsAre("l3t1", "l3t3"));
}

TEST_F(TaskBookTest, AnswersAtOnceWhereItIsFull) {
  constexpr int kTasks = 20'000;
  const auto id = [](int number) { return "l3t" + std::to_string(number); };
  for (int i = 0; i < kTasks; ++i) book_->Add(id(i));
  // A look at every entry for each would be 400 million of them and more.
  const auto started = std::chrono::steady_clock::now();
  for (int i = kTasks; i < 2 * kTasks; ++i)
    ASSERT_EQ(book_->Add(id(i)), Verdict::kFull);
  for (int i = 0; i < kTasks; ++i) Answer(id(i), "completed");
  for (int i = kTasks; i < 2 * kTasks; ++i)
    ASSERT_EQ(book_->Add(id(i)), Verdict::kAdded);
  EXPECT_LT(std::chrono::steady_clock::now() - started, 10s);
  EXPECT_THAT(*book_->Current()->forgotten, SizeIs(kTasks));
  EXPECT_EQ(Pending(), kTasks);
}

TEST_F(TaskBookTest, TakesASavedTaskOnce) {
  Ledger saved;
  WatchedTask task;
  task.id = "l3t1";
  saved.tasks = {std::make_shared<const WatchedTask>(task),
                 std::make_shared<const WatchedTask>(task)};
  saved.forgotten = std::make_shared<const std::vector<std::string>>(
      std::vector<std::string>{"l3t2", "l3t2"});
  book_ = std::make_unique<TaskBook>(saved, clock_);
  EXPECT_EQ(Pending(), 1);
  Answer("l3t1", "completed");
  EXPECT_EQ(Pending(), 0);
}

TEST_F(TaskBookTest, DropsInTimeWhatEndedInTheFuture) {
  Ledger saved;
  WatchedTask task;
  task.id = "l3t1";
  task.state = "completed";
  task.outcome = Outcome::kCompleted;
  task.ended = clock_.Wall() + 10'000h;
  saved.tasks = {std::make_shared<const WatchedTask>(task)};
  book_ = std::make_unique<TaskBook>(saved, clock_);
  clock_.Advance(1h);
  book_->DropFinished(1h);
  EXPECT_THAT(book_->Current()->tasks, SizeIs(0));
}

TEST_F(TaskBookTest, BoundsWhatAnAnswerPutsOnThePage) {
  book_->Add("l3t1");
  api::Task task;
  task.state = "inprogress";
  task.type = std::string(1000, 'x') + "\n";
  task.progress_percent = 101;
  task.resources.assign(100, {"Server", std::string(1000, 'y')});
  book_->Answered("l3t1", task, kPerSecond);
  const WatchedTask known = Find("l3t1");
  EXPECT_EQ(known.type, std::string(64, 'x'));
  EXPECT_EQ(known.progress_percent, std::nullopt);
  EXPECT_THAT(known.resources, SizeIs(16));
  EXPECT_EQ(known.resources[0].type, "server");
  EXPECT_EQ(known.resources[0].id, std::string(128, 'y'));
}

TEST_F(TaskBookTest, GoesOnAfterARestart) {
  for (const char* id : {"l3t9", "l3t1", "l3t5"}) {
    book_->Add(id);
    clock_.Advance(1s);
  }
  Answer("l3t9", "completed");
  book_->Add("l3t7");
  Answer("l3t7", "failed");
  clock_.Advance(1h);
  book_->DropFinished(1h);
  const auto before = book_->Current();
  Restart();
  const auto after = book_->Current();
  ASSERT_THAT(after->tasks, SizeIs(2));
  EXPECT_EQ(after->totals, before->totals);
  EXPECT_EQ(*after->forgotten, *before->forgotten);
  EXPECT_EQ(Pending(), 2);
  EXPECT_EQ(book_->Add("l3t7"), Verdict::kKnown);
  // The order of arrival is that of the times, not of the ids.
  EXPECT_EQ(book_->NextDue(clock_.Mono()), "l3t5");
}

TEST_F(TaskBookTest, SaysThatNothingChangedByTheSamePointer) {
  book_->Add("l3t1");
  Answer("l3t1", "inprogress");
  const auto current = book_->Current();
  Answer("l3t1", "inprogress");
  book_->Postpone("l3t1", kPerSecond);
  book_->Missing("l3t1", kPerSecond);
  book_->DropFinished(1h);
  EXPECT_EQ(book_->Current(), current);
  Answer("l3t1", "completed");
  EXPECT_NE(book_->Current(), current);
}

TEST_F(TaskBookTest, PassesOverWhatItDoesNotKnow) {
  Answer("l3t1", "completed");
  EXPECT_FALSE(book_->Missing("l3t1", kPerSecond));
  book_->Postpone("l3t1", kPerSecond);
  EXPECT_THAT(book_->Current()->tasks, SizeIs(0));
  EXPECT_EQ(book_->NextDue(clock_.Mono()), std::nullopt);
}

}  // namespace
}  // namespace serverspace::tasks
