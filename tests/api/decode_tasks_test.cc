#include "api/decode_fixture.h"

namespace serverspace::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DecodeTasksTest : public DecodeFixture {};

TEST_F(DecodeTasksTest, ReadsATaskThatHasEnded) {
  const Task task = Good(ReadTask, Example("task-completed.json"));
  EXPECT_EQ(task.id, "l3t70011");
  EXPECT_EQ(task.type, "CreateServer");
  EXPECT_EQ(task.state, "completed");
  EXPECT_EQ(task.progress_percent, 100);
  EXPECT_EQ(task.created, ParseTimestamp("2026-11-20T08:44:12.0450077Z"));
  EXPECT_EQ(task.completed, ParseTimestamp("2026-11-20T08:46:57.3320115Z"));
  EXPECT_THAT(task.resources, ElementsAre(TaskResource{"server", "l3s4100"},
                                          TaskResource{"volume", "88410"}));
  ExpectNoDrift();
}

TEST_F(DecodeTasksTest, ReadsEveryStateOfTheExamples) {
  const struct {
    const char* example;
    const char* state;
  } kCases[] = {{"task-new.json", "new"},
                {"task-in-progress.json", "inprogress"},
                {"task-completed.json", "completed"},
                {"task-failed.json", "failed"},
                {"task-canceled.json", "canceled"},
                {"task-dns.json", "completed"},
                {"task-vmware.json", "completed"},
                {"task-k8s.json", "inprogress"},
                {"task-already-completed.json", "completed"}};
  for (const auto& [example, state] : kCases)
    EXPECT_EQ(Good(ReadTask, Example(example)).state, state) << example;
  ExpectNoDrift();
}

TEST_F(DecodeTasksTest, ReadsAnOlderTaskByItsIdMembers) {
  const Task task = Good(ReadTask, Example("task-completed-legacy.json"));
  EXPECT_EQ(task.id, "lt55102");
  EXPECT_EQ(task.type, "");
  EXPECT_EQ(task.state, "completed");
  EXPECT_EQ(task.progress_percent, std::nullopt);
  EXPECT_THAT(task.resources, ElementsAre(TaskResource{"server", "l3s1999"}));
  ExpectNoDrift();
}

TEST_F(DecodeTasksTest, PrefersTheListOfResourcesToOlderMembers) {
  const Task task = Good(ReadTask, Example("task-dns.json"));
  EXPECT_THAT(task.resources,
              ElementsAre(TaskResource{"domain", "example.org."},
                          TaskResource{"record", "9001"}));
  const Task cluster = Good(
      ReadTask,
      R"({"task":{"id":"k8s_m1","is_completed":"New","k8s_cluster_id":412}})");
  EXPECT_THAT(cluster.resources, ElementsAre(TaskResource{"cluster", "412"}));
}

TEST_F(DecodeTasksTest, ReadsTheOldestFormOfTheState) {
  EXPECT_EQ(
      Good(ReadTask, R"({"task":{"id":"lt1","is_completed":true}})").state,
      "completed");
  EXPECT_EQ(
      Good(ReadTask, R"({"task":{"id":"lt1","is_completed":false}})").state,
      "inprogress");
  ExpectNoDrift();
}

TEST_F(DecodeTasksTest, ReadsTheOldestFormOfTheStateAsAText) {
  EXPECT_EQ(
      Good(ReadTask, R"({"task":{"id":"lt1","is_completed":"true"}})").state,
      "completed");
  EXPECT_EQ(
      Good(ReadTask, R"({"task":{"id":"lt1","is_completed":"False"}})").state,
      "inprogress");
  // No contract has it, so it is worth a count.
  EXPECT_THAT(observer_.unknown(),
              ElementsAre("task.is_completed", "task.is_completed"));
}

TEST_F(DecodeTasksTest, PassesAndCountsAStateThatNobodyKnows) {
  const Task task =
      Good(ReadTask, R"({"task":{"id":"l1t1","is_completed":"Queued Again"}})");
  EXPECT_EQ(task.state, "queued again");
  EXPECT_THAT(observer_.unknown(), ElementsAre("task.is_completed"));
}

TEST_F(DecodeTasksTest, LeavesOutOddMembers) {
  const Task task =
      Good(ReadTask, R"({"task":{"id":"l1t1","is_completed":"InProgress",
                "progress_percent":"many","created":"yesterday",
                "password":"hush","resources":[{"type":"server"},7,
                {"type":"server","id":5}]}})");
  EXPECT_EQ(task.progress_percent, std::nullopt);
  EXPECT_EQ(task.created, std::nullopt);
  EXPECT_THAT(task.resources, ElementsAre(TaskResource{"server", "5"}));
  EXPECT_THAT(observer_.bad(),
              ElementsAre("task.progress_percent", "task.created",
                          "task.resources.id", "task.resources"));
}

TEST_F(DecodeTasksTest, RefusesWhatIsNoTask) {
  for (const char* body :
       {"{}", "[]", "null", "", R"({"task":null})", R"({"task":[]})",
        R"({"task":{"id":"l1t1"}})", R"({"task":{"is_completed":"New"}})",
        R"({"task":{"id":"l1t1","is_completed":7}})",
        R"({"task":{"id":"l1t1","is_completed":null}})",
        R"({"task":{"id":"l1t1","is_completed":"New"})", "<html></html>"}) {
    const auto task = ReadTask(body, drift_);
    ASSERT_FALSE(task.ok()) << body;
    EXPECT_EQ(task.error().code, ErrorCode::kBadResponse) << body;
    EXPECT_THAT(task.error().message, HasSubstr("GET /tasks/{id}:")) << body;
  }
}

}  // namespace
}  // namespace serverspace::api
