#include "collectors/example_fixture.h"
#include "collectors/factories.h"

namespace serverspace::collectors {
namespace {

class BackupsCollectorTest : public ExampleFixture {
 protected:
  std::string Lines() { return Collect(*collector_); }

  const std::unique_ptr<Collector> collector_ = MakeBackupsCollector();
};

TEST_F(BackupsCollectorTest, TellsAllOfTheExamples) {
  inventory_.Replace({{.id = "l3s4021"}, {.id = "l3s4077"}});
  client_.backup = [&](const api::Call&, std::string_view server) {
    return api::ReadBackup(
        api::Example(server == "l3s4021" ? "server-backup.json"
                                         : "server-backup-disabled.json"),
        drift_);
  };
  client_.restore_points = [&](const api::Call&, std::string_view server) {
    return api::ReadRestorePoints(
        server == "l3s4021" ? api::Example("restore-points.json") : "{}",
        drift_);
  };
  EXPECT_EQ(
      Lines(),
      R"(serverspace_operations_in_progress{project="prod",resource="backup"} 1
serverspace_operations_oldest_start_timestamp_seconds{project="prod",resource="backup"} 1
serverspace_server_backup_enabled{project="prod",server_id="l3s4021"} 1
serverspace_server_backup_enabled{project="prod",server_id="l3s4077"} 0
serverspace_server_backup_keep_restore_points{project="prod",server_id="l3s4021",rule="daily"} 5
serverspace_server_backup_keep_restore_points{project="prod",server_id="l3s4021",rule="weekly"} 4
serverspace_server_backup_keep_restore_points{project="prod",server_id="l3s4021",rule="monthly"} 6
serverspace_server_backup_newest_restore_point_timestamp_seconds{project="prod",server_id="l3s4021"} 1795058100
serverspace_server_backup_restore_points{project="prod",server_id="l3s4021",state="active"} 1
serverspace_server_backup_restore_points{project="prod",server_id="l3s4021",state="failed"} 1
serverspace_server_backup_restore_points{project="prod",server_id="l3s4021",state="in_progress"} 1
serverspace_server_backup_restore_points{project="prod",server_id="l3s4077",state="active"} 0
serverspace_server_backup_restore_points{project="prod",server_id="l3s4077",state="failed"} 0
serverspace_server_backup_restore_points{project="prod",server_id="l3s4077",state="in_progress"} 0
serverspace_server_backup_size_bytes{project="prod",server_id="l3s4021"} 53687091200
serverspace_server_backup_size_bytes{project="prod",server_id="l3s4077"} 0
)");
}

TEST_F(BackupsCollectorTest, TellsNoPlanWhereNoneIsVisible) {
  inventory_.Replace({{.id = "a"}});
  client_.backup =
      AnswerExample(api::ReadBackup, "server-backup-legacy-model.json");
  client_.restore_points = Answer(api::ReadRestorePoints, "{}");
  const std::string lines = Lines();
  EXPECT_TRUE(Has(lines, "enabled{project=\"prod\",server_id=\"a\"} 1\n"));
  EXPECT_FALSE(Has(lines, "keep_restore_points"));
  EXPECT_FALSE(Has(lines, "newest"));
}

TEST_F(BackupsCollectorTest, TakesTheNewestOfTheUsablePoints) {
  inventory_.Replace({{.id = "a"}});
  client_.backup = Answer(api::ReadBackup, R"({"enabled":true})");
  client_.restore_points = Answer(api::ReadRestorePoints, R"({"restore_points":[
      {"id":1,"state":"active","created":"2026-01-01T00:00:00"},
      {"id":2,"state":"Active","created":"2026-01-03T00:00:00"},
      {"id":3,"state":"active","created":"2026-01-02T00:00:00"},
      {"id":4,"state":"failed","created":"2026-01-09T00:00:00"},
      {"id":5,"state":"rotten"},{"id":6}]})");
  const std::string lines = Lines();
  EXPECT_TRUE(Has(lines,
                  "newest_restore_point_timestamp_seconds{project="
                  "\"prod\",server_id=\"a\"} 1767398400\n"));
  EXPECT_TRUE(Has(lines, "server_id=\"a\",state=\"rotten\"} 1\n"));
  EXPECT_TRUE(Has(lines, "server_id=\"a\",state=\"active\"} 3\n"));
}

TEST_F(BackupsCollectorTest, LeavesOutAServerThatVanishedBetweenItsCalls) {
  inventory_.Replace({{.id = "a"}, {.id = "b"}});
  client_.backup = Answer(api::ReadBackup, R"({"enabled":true})");
  client_.restore_points =
      [](const api::Call&,
         std::string_view server) -> Result<std::vector<api::RestorePoint>> {
    if (server == "b") return Error{ErrorCode::kNotFound, "gone"};
    return std::vector<api::RestorePoint>();
  };
  const std::string lines = Lines();
  EXPECT_TRUE(Has(lines, "server_id=\"a\""));
  EXPECT_FALSE(Has(lines, "server_id=\"b\""));
}

TEST_F(BackupsCollectorTest, NeedsTwoCallsAServer) {
  inventory_.Replace({{.id = "a"}, {.id = "b"}});
  budget_.calls = 3;
  EXPECT_TRUE(Lines().starts_with("error: a run needs 4 calls"));
}

}  // namespace
}  // namespace serverspace::collectors
