#include "tasks/task_metrics.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metrics/exposition.h"

namespace serverspace::tasks {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

void Add(Ledger& ledger, WatchedTask task) {
  ledger.tasks.push_back(std::make_shared<const WatchedTask>(std::move(task)));
}

std::string Text(const Ledger& ledger) {
  return RenderTasks("prod", ledger, ledger.totals, {}).ToString();
}

TEST(TaskMetricsTest, BeginsEverythingAtZero) {
  const std::string text = Text({});
  EXPECT_THAT(text, HasSubstr("serverspace_tasks_pending{project=\"prod\"} 0"));
  for (const char* result : {"completed", "failed", "canceled", "lost"}) {
    EXPECT_THAT(text, HasSubstr("serverspace_tasks_finished_total{project="
                                "\"prod\",result=\"" +
                                std::string(result) + "\"} 0\n"));
  }
  EXPECT_THAT(text, HasSubstr("serverspace_task_duration_seconds_count{project="
                              "\"prod\"} 0\n"));
  EXPECT_THAT(text, Not(HasSubstr("task_id")));
}

TEST(TaskMetricsTest, ShowsATask) {
  Ledger ledger;
  Add(ledger, {.id = "l3t1",
               .type = "CreateServer",
               .state = "inprogress",
               .progress_percent = 40,
               .created = WallTime(1'500ms),
               .resources = {{"server", "l3s1"}, {"volume", "7"}}});
  const std::string text = Text(ledger);
  for (const char* line :
       {"serverspace_tasks_pending{project=\"prod\"} 1\n",
        "serverspace_task_info{project=\"prod\",task_id=\"l3t1\",type="
        "\"CreateServer\"} 1\n",
        "serverspace_task_state{project=\"prod\",task_id=\"l3t1\",state="
        "\"inprogress\"} 1\n",
        "serverspace_task_state{project=\"prod\",task_id=\"l3t1\",state="
        "\"completed\"} 0\n",
        "serverspace_task_resource_info{project=\"prod\",task_id=\"l3t1\","
        "type=\"volume\",resource_id=\"7\"} 1\n",
        "serverspace_task_progress_ratio{project=\"prod\",task_id=\"l3t1\"} "
        "0.4\n",
        "serverspace_task_created_timestamp_seconds{project=\"prod\",task_id="
        "\"l3t1\"} 1.5\n"})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST(TaskMetricsTest, LeavesOutWhatIsNotKnown) {
  Ledger ledger;
  Add(ledger, {.id = "l3t1"});
  Add(ledger,
      {.id = "lt2", .state = "completed", .outcome = Outcome::kCompleted});
  const std::string text = Text(ledger);
  EXPECT_THAT(text, HasSubstr("serverspace_tasks_pending{project=\"prod\"} 1"));
  EXPECT_THAT(text, Not(HasSubstr("l3t1")));
  EXPECT_THAT(text, HasSubstr("task_id=\"lt2\",type=\"\"} 1"));
  EXPECT_THAT(text, Not(HasSubstr("_progress_")));
  EXPECT_THAT(text, Not(HasSubstr("created")));
}

TEST(TaskMetricsTest, ShowsStatesThatNobodyKnows) {
  Ledger ledger;
  Add(ledger, {.id = "l3t1", .state = "queued"});
  Add(ledger, {.id = "l3t2", .state = "lost", .outcome = Outcome::kLost});
  const std::string text = Text(ledger);
  EXPECT_THAT(text, HasSubstr("task_id=\"l3t1\",state=\"queued\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("task_id=\"l3t2\",state=\"lost\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("task_id=\"l3t2\",state=\"new\"} 0\n"));
}

TEST(TaskMetricsTest, AddsTheBucketsUp) {
  Ledger ledger;
  ledger.totals.AddDuration(4s);
  ledger.totals.AddDuration(20s);
  ledger.totals.AddDuration(3h);
  const std::string text = Text(ledger);
  const std::string name = "serverspace_task_duration_seconds";
  for (const char* line :
       {"_bucket{project=\"prod\",le=\"5.0\"} 1\n",
        "_bucket{project=\"prod\",le=\"15.0\"} 1\n",
        "_bucket{project=\"prod\",le=\"30.0\"} 2\n",
        "_bucket{project=\"prod\",le=\"3600.0\"} 2\n",
        "_bucket{project=\"prod\",le=\"+Inf\"} 3\n",
        "_sum{project=\"prod\"} 10824\n", "_count{project=\"prod\"} 3\n"})
    EXPECT_THAT(text, HasSubstr(name + line));
}

TEST(TaskMetricsTest, TellsTotalsAsTheyMayBeShown) {
  Ledger ledger;
  ledger.totals.of(Outcome::kFailed) = 2;
  Totals shown;
  shown.of(Outcome::kFailed) = 1;
  EXPECT_THAT(RenderTasks("prod", ledger, shown, {}).ToString(),
              HasSubstr("result=\"failed\"} 1\n"));
}

TEST(TaskMetricsTest, ShowsEveryReasonFromTheFirstTaskOn) {
  EXPECT_THAT(Text({}), Not(HasSubstr("_errors_total")));
  Ledger ledger;
  Add(ledger, {.id = "l3t1"});
  ReasonCounts errors{};
  errors.at(static_cast<std::size_t>(ErrorCode::kTls)) = 3;
  const std::string text = RenderTasks("prod", ledger, {}, errors).ToString();
  for (int code = 0; code < kReasonCount; ++code) {
    const auto reason = static_cast<ErrorCode>(code);
    EXPECT_THAT(text,
                HasSubstr("serverspace_task_errors_total{project=\"prod\","
                          "reason=\"" +
                          std::string(ReasonName(reason)) + "\"} " +
                          (reason == ErrorCode::kTls ? "3\n" : "0\n")));
  }
  // A counter does not go away with the last task.
  EXPECT_THAT(RenderTasks("prod", {}, {}, errors).ToString(),
              HasSubstr("reason=\"tls\"} 3\n"));
}

TEST(TaskMetricsTest, EscapesTheProject) {
  EXPECT_THAT(RenderTasks("a\"b", {}, {}, {}).ToString(),
              HasSubstr("_count{project=\"a\\\"b\"} 0\n"));
}

TEST(TaskMetricsTest, DescribesOnlyWhatAPageMayShow) {
  for (const metrics::Desc* desc : TaskDescs())
    EXPECT_NO_THROW(metrics::RequireValid(*desc)) << desc->name;
}

}  // namespace
}  // namespace serverspace::tasks
