#include "exporter/project_tasks.h"

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "base/recording_log.h"
#include "collectors/fake_project_client.h"
#include "exporter/fake_state_store.h"

namespace serverspace::exporter {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class ProjectTasksTest : public testing::Test {
 protected:
  void Answer(std::string_view id, std::string state) {
    api::Task task;
    task.state = std::move(state);
    tasks_->book().Answered(id, std::move(task), 1);
  }
  std::string News() {
    const auto news = tasks_->TakeNews(true);
    return news ? news->ToString() : "";
  }

  FakeClock clock_;
  RecordingLog log_;
  FakeStateStore store_;
  std::unique_ptr<ProjectTasks> tasks_ =
      std::make_unique<ProjectTasks>("prod", store_, clock_, log_);
};

TEST_F(ProjectTasksTest, SavesOnlyWhatChanged) {
  tasks_->Keep(1h);
  EXPECT_EQ(store_.task_saves(), 0);
  tasks_->book().Add("l3t1");
  tasks_->Keep(1h);
  tasks_->Keep(1h);
  EXPECT_EQ(store_.task_saves(), 1);
}

TEST_F(ProjectTasksTest, TellsOnlyWhatIsNew) {
  EXPECT_THAT(News(), HasSubstr("serverspace_tasks_pending"));
  EXPECT_EQ(News(), "");
  tasks_->book().Add("l3t1");
  EXPECT_THAT(News(), HasSubstr("_pending{project=\"prod\"} 1\n"));
  EXPECT_EQ(News(), "");
}

TEST_F(ProjectTasksTest, TellsAtOnceOfAQuestionThatFailed) {
  collectors::FakeProjectClient client;
  client.task = [](const api::Call&, std::string_view) -> Result<api::Task> {
    return Error{ErrorCode::kTls, "tls: it is said"};
  };
  tasks_->book().Add("l3t1");
  EXPECT_THAT(News(), HasSubstr("reason=\"tls\"} 0\n"));
  tasks_->Run({.client = client,
               .call = {.deadline = clock_.Mono() + 1min, .stop = {}}});
  EXPECT_THAT(News(), HasSubstr("reason=\"tls\"} 1\n"));
  EXPECT_EQ(News(), "");
}

TEST_F(ProjectTasksTest, ShowsTotalsOnceTheyAreKept) {
  store_.Hold();
  tasks_->book().Add("l3t1");
  Answer("l3t1", "completed");
  tasks_->Keep(1h);
  const std::string before = News();
  EXPECT_THAT(before, HasSubstr("result=\"completed\"} 0\n"));
  EXPECT_THAT(before, HasSubstr("state=\"completed\"} 1\n"));
  store_.KeepTasks();
  EXPECT_THAT(News(), HasSubstr("result=\"completed\"} 1\n"));
}

TEST_F(ProjectTasksTest, GoesOnAfterARestart) {
  tasks_->book().Add("l3t1");
  Answer("l3t1", "completed");
  tasks_->book().Add("l3t2");
  tasks_->Keep(1h);
  tasks_ = std::make_unique<ProjectTasks>("prod", store_, clock_, log_);
  EXPECT_THAT(News(), HasSubstr("result=\"completed\"} 1\n"));
  EXPECT_EQ(tasks_->Summary().pending, 1U);
  const int saves = store_.task_saves();
  tasks_->Keep(1h);
  EXPECT_EQ(store_.task_saves(), saves);
}

TEST_F(ProjectTasksTest, MayBeGoneWhenTheStoreHasKept) {
  store_.Hold();
  tasks_->book().Add("l3t1");
  tasks_->Keep(1h);
  tasks_.reset();
  store_.KeepTasks();
}

TEST_F(ProjectTasksTest, DropsWhatEndedLongAgo) {
  tasks_->book().Add("l3t1");
  Answer("l3t1", "failed");
  clock_.Advance(1h);
  tasks_->Keep(1h);
  EXPECT_THAT(News(), Not(HasSubstr("l3t1")));
}

TEST_F(ProjectTasksTest, SumsUpForPeople) {
  const WallTime start =
      std::chrono::floor<std::chrono::milliseconds>(clock_.Wall());
  for (const char* id : {"l3t1", "l3t2", "l3t3"}) {
    tasks_->book().Add(id);
    clock_.Advance(1s);
  }
  Answer("l3t2", "inprogress");
  Answer("l3t3", "failed");
  const TaskSummary summary = tasks_->Summary();
  EXPECT_EQ(summary.pending, 2U);
  EXPECT_EQ(summary.pending_by_state,
            (std::map<std::string, std::size_t>{{"", 1}, {"inprogress", 1}}));
  EXPECT_EQ(summary.oldest, start);
  EXPECT_EQ(summary.ended, (std::map<std::string, std::size_t>{{"failed", 1}}));
}

TEST_F(ProjectTasksTest, AsksForAWakeOnceUntilTheNextRun) {
  EXPECT_TRUE(tasks_->AskWake());
  EXPECT_FALSE(tasks_->AskWake());
}

}  // namespace
}  // namespace serverspace::exporter
