#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <string>

#include <gmock/gmock.h>

#include "base/scratch_directory.h"
#include "exporter/exporter_fixture.h"

namespace serverspace::exporter {
namespace {

using tasks::Verdict;
using testing::HasSubstr;
using testing::Not;

/// An exporter whose API knows tasks.
class ExporterTasksTest : public ExporterTest {
 protected:
  ExporterTasksTest() {
    transport_.Use([this](const http::Request& request) {
      constexpr std::string_view kRoute = "/api/v1/tasks/";
      if (!request.path.starts_with(kRoute)) {
        return works_ ? FakeTransport::Ok(request) : FakeTransport::Status(404);
      }
      const std::string id = request.path.substr(kRoute.size());
      std::lock_guard lock(mutex_);
      ++asked_;
      const auto state = states_.find(id);
      if (!works_ || state == states_.end()) return FakeTransport::Status(404);
      return FakeTransport::Body(R"({"task":{"id":")" + id +
                                 R"(","is_completed":")" + state->second +
                                 "\"}}");
    });
  }
  void Set(const std::string& id, const std::string& state) {
    std::lock_guard lock(mutex_);
    states_[id] = state;
  }
  int asked() {
    std::lock_guard lock(mutex_);
    return asked_;
  }
  void Append(const std::string& line) {
    std::ofstream(file_, std::ios::app) << line << "\n";
  }
  bool ShowsState(const std::string& id, const std::string& state) const {
    return Page().find("task_id=\"" + id + "\",state=\"" + state + "\"} 1\n") !=
           std::string::npos;
  }
  std::string Finished(const std::string& result) const {
    return Lines("serverspace_tasks_finished_total{project=\"prod\",result=\"" +
                 result + "\"}");
  }

  ScratchDirectory directory_;
  const std::string file_ = directory_.Path("tasks");
  std::atomic<bool> works_ = true;
  std::mutex mutex_;  // guards the rest
  std::map<std::string, std::string> states_;
  int asked_ = 0;
};

TEST_F(ExporterTasksTest, FollowsATaskUntilItHasEnded) {
  AddProject("prod");
  Set("l1t1", "InProgress");
  Start();
  Pass(2s);
  EXPECT_THAT(Page(),
              HasSubstr("serverspace_tasks_pending{project=\"prod\"} 0"));
  EXPECT_EQ(exporter_->WatchTask("", "l1t1"), Verdict::kAdded);
  EXPECT_EQ(exporter_->WatchTask("prod", "l1t1"), Verdict::kKnown);
  Pass(3s);
  EXPECT_TRUE(ShowsState("l1t1", "inprogress"));
  Set("l1t1", "Completed");
  Pass(10s);
  EXPECT_TRUE(ShowsState("l1t1", "completed"));
  EXPECT_THAT(Finished("completed"), HasSubstr("} 1\n"));
  EXPECT_THAT(Page(),
              HasSubstr("serverspace_tasks_pending{project=\"prod\"} 0"));
  const int asked_until_then = asked();
  Pass(60s, 500ms);
  EXPECT_EQ(asked(), asked_until_then);
  EXPECT_EQ(exporter_->GetStatus().projects[0].tasks.ended.at("completed"), 1U);
  EXPECT_EQ(exporter_->WatchedTasks("prod").at(0).ledger->tasks.size(), 1U);
  EXPECT_TRUE(exporter_->WatchedTasks("other").empty());
}

TEST_F(ExporterTasksTest, SaysWhyItDoesNotWatchAnId) {
  AddProject("a");
  AddProject("b");
  Start();
  EXPECT_EQ(exporter_->WatchTask("", "l1t1"), Verdict::kNoProject);
  EXPECT_EQ(exporter_->WatchTask("c", "l1t1"), Verdict::kUnknownProject);
  EXPECT_EQ(exporter_->WatchTask("a", "../project"), Verdict::kMalformed);
  EXPECT_EQ(exporter_->WatchTask("c", "already_completed_task"),
            Verdict::kNothing);
  EXPECT_EQ(exporter_->WatchTask("a", "l1t1"), Verdict::kAdded);
  exporter_->Refresh();
  for (const char* reason : {"malformed", "no_project", "unknown_project"}) {
    EXPECT_THAT(Page(), HasSubstr("serverspace_tasks_refused_total{reason=\"" +
                                  std::string(reason) + "\"} 1\n"));
  }
  EXPECT_THAT(
      Page(),
      HasSubstr("serverspace_tasks_refused_total{reason=\"full\"} 0\n"));
}

TEST_F(ExporterTasksTest, LeavesToOtherShardsWhatIsTheirs) {
  AddProject("a");
  options_.tasks.sharded = true;
  Start();
  EXPECT_EQ(exporter_->WatchTask("", "l1t1"), Verdict::kNoProject);
  EXPECT_EQ(exporter_->WatchTask("c", "l1t1"), Verdict::kElsewhere);
  EXPECT_EQ(exporter_->WatchTask("a", "l1t1"), Verdict::kAdded);
}

TEST_F(ExporterTasksTest, BelievesThatATaskIsGoneOnlyWhileTheProjectIsThere) {
  AddProject("prod");
  Start();
  Pass(2s);
  works_ = false;
  Pass(2min, 1s);
  exporter_->WatchTask("prod", "l1t1");
  Pass(20min, 1s);
  EXPECT_THAT(Finished("lost"), HasSubstr("} 0\n"));
  works_ = true;
  Pass(20min, 1s);
  EXPECT_THAT(Finished("lost"), HasSubstr("} 1\n"));
  EXPECT_TRUE(ShowsState("l1t1", "lost"));
}

TEST_F(ExporterTasksTest, ReadsWatchedFiles) {
  AddProject("prod");
  options_.tasks.watch = {file_};
  Set("l1t1", "Failed");
  Make();
  ++threads_;
  exporter_->Start();
  Pass(6s);
  const std::string readable =
      "serverspace_tasks_watch_path_readable{path=\"" + file_ + "\"} ";
  EXPECT_THAT(Page(), HasSubstr(readable + "0\n"));
  Append("l1t1");
  Pass(10s);
  EXPECT_TRUE(ShowsState("l1t1", "failed"));
  EXPECT_THAT(Page(), HasSubstr(readable + "1\n"));
}

TEST_F(ExporterTasksTest, GoesOnWithOtherFilesAfterAReload) {
  AddProject("prod");
  options_.tasks.watch = {file_};
  Append("l1t1");
  Set("l1t1", "InProgress");
  Set("l1t2", "InProgress");
  Make();
  ++threads_;
  exporter_->Start();
  Pass(5s);
  EXPECT_TRUE(ShowsState("l1t1", "inprogress"));
  // The same one, then none.
  AddProject("prod");
  options_.tasks.watch = {file_};
  Apply();
  ++threads_;
  Append("l1t2");
  Pass(5s);
  EXPECT_TRUE(ShowsState("l1t1", "inprogress"));
  EXPECT_TRUE(ShowsState("l1t2", "inprogress"));
  AddProject("prod");
  Apply();
  Append("l1t3");
  Pass(5s);
  EXPECT_TRUE(ShowsState("l1t2", "inprogress"));
  EXPECT_EQ(exporter_->WatchedTasks("prod").at(0).ledger->tasks.size(), 2U);
  EXPECT_THAT(Lines("serverspace_tasks_watch_path_readable"), "");
}

TEST_F(ExporterTasksTest, GoesOnWithItsFilesOverAReload) {
  AddProject("prod");
  const std::string missing = directory_.Path("missing");
  options_.tasks.watch = {file_, missing};
  Append("l1t1");
  Set("l1t1", "InProgress");
  Set("l1t2", "InProgress");
  Make();
  ++threads_;
  exporter_->Start();
  Pass(10s);
  constexpr auto kMissing = "info a watched path cannot be read";
  EXPECT_EQ(log_.Lines(kMissing).size(), 1U);
  // Somebody has the file open still that was removed.
  std::ofstream writer(file_, std::ios::app);
  std::filesystem::remove(file_);
  AddProject("prod");
  options_.tasks.watch = {file_, missing};
  Apply();
  ++threads_;
  EXPECT_THAT(Lines("serverspace_tasks_watch_path_readable{path=\"" + file_),
              HasSubstr("} 1\n"));
  writer << "l1t2\n" << std::flush;
  Pass(5s);
  EXPECT_TRUE(ShowsState("l1t2", "inprogress"));
  EXPECT_EQ(log_.Lines(kMissing + std::string(" path=") + missing).size(), 1U);
}

TEST_F(ExporterTasksTest, ForgetsTheTasksOfAProjectThatGoes) {
  AddProject("prod");
  AddProject("other");
  Start();
  exporter_->WatchTask("other", "l1t1");
  Pass(2s);
  AddProject("prod");
  Apply();
  Pass(2s);
  EXPECT_THAT(Page(), Not(HasSubstr("project=\"other\"")));
  EXPECT_EQ(exporter_->WatchTask("other", "l1t1"), Verdict::kUnknownProject);
}

TEST_F(ExporterTasksTest, AsksForEachOnceInASinglePass) {
  AddProject("prod");
  options_.tasks.watch = {file_};
  for (int i = 0; i < 20; ++i) {
    Append("l1t" + std::to_string(i));
    Set("l1t" + std::to_string(i), i % 2 == 0 ? "Completed" : "InProgress");
  }
  options_.max_requests_per_second = 100;
  SystemClock clock;
  exporter_ = std::make_unique<Exporter>(
      TakeOptions(), ExporterContext{.transport = transport_,
                                     .store = store_,
                                     .clock = clock,
                                     .random = random_,
                                     .log = log_});
  exporter_->RunOnce(30s);
  EXPECT_EQ(asked(), 20);
  EXPECT_THAT(Finished("completed"), HasSubstr("} 10\n"));
  EXPECT_THAT(Page(),
              HasSubstr("serverspace_tasks_pending{project=\"prod\"} 10\n"));
  exporter_.reset();  // before its clock
}

}  // namespace
}  // namespace serverspace::exporter
