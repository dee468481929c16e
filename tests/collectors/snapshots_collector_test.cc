#include "collectors/example_fixture.h"
#include "collectors/factories.h"

namespace serverspace::collectors {
namespace {

class SnapshotsCollectorTest : public ExampleFixture {
 protected:
  std::string Lines() { return Collect(*collector_); }

  const std::unique_ptr<Collector> collector_ = MakeSnapshotsCollector();
};

TEST_F(SnapshotsCollectorTest, TellsAllOfTheExamples) {
  inventory_.Replace({{.id = "l3s4021"}, {.id = "l3s4077"}});
  client_.snapshots = [&](const api::Call&, std::string_view server) {
    return api::ReadSnapshots(
        api::Example(server == "l3s4021" ? "snapshots.json"
                                         : "snapshots-none.json"),
        drift_);
  };
  EXPECT_EQ(
      Lines(),
      R"(serverspace_server_snapshot_created_timestamp_seconds{project="prod",server_id="l3s4021",snapshot_id="2210"} 1793657117.3301946
serverspace_server_snapshot_info{project="prod",server_id="l3s4021",snapshot_id="2210",name="pre-upgrade"} 1
serverspace_server_snapshot_size_bytes{project="prod",server_id="l3s4021",snapshot_id="2210"} 139586437120
serverspace_server_snapshots{project="prod",server_id="l3s4021"} 1
serverspace_server_snapshots{project="prod",server_id="l3s4077"} 0
)");
}

TEST_F(SnapshotsCollectorTest, LeavesOutAServerThatVanished) {
  inventory_.Replace({{.id = "a"}, {.id = "b"}});
  client_.snapshots =
      [](const api::Call&,
         std::string_view server) -> Result<std::vector<api::Snapshot>> {
    if (server == "b") return Error{ErrorCode::kNotFound, "gone"};
    return std::vector<api::Snapshot>();
  };
  EXPECT_EQ(Lines(),
            "serverspace_server_snapshots{project=\"prod\",server_id=\"a\"} "
            "0\n");
}

TEST_F(SnapshotsCollectorTest, PublishesNoPartOfARun) {
  inventory_.Replace({{.id = "a"}, {.id = "b"}});
  client_.snapshots =
      [](const api::Call&,
         std::string_view server) -> Result<std::vector<api::Snapshot>> {
    if (server == "b") return Error{ErrorCode::kServerError, "GET: HTTP 500"};
    return std::vector<api::Snapshot>();
  };
  EXPECT_EQ(Lines(), "error: GET: HTTP 500");
}

}  // namespace
}  // namespace serverspace::collectors
