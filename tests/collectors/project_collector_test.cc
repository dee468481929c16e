#include "collectors/collector_fixture.h"
#include "collectors/factories.h"

namespace serverspace::collectors {
namespace {

class ProjectCollectorTest : public CollectorFixture {
 protected:
  std::string CollectOf(const api::Project& project) {
    client_.project = [project](const api::Call&) -> Result<api::Project> {
      return project;
    };
    return Collect(*collector_);
  }

  api::Project project_{
      .id = "p1042",
      .balance = Money::FromMicros(1'229'549'070'000),
      .currency = "USD",
      .state = "active",
      .created = WallTime(std::chrono::milliseconds(1'600'000'000'500))};
  const std::unique_ptr<Collector> collector_ = MakeProjectCollector();
};

TEST_F(ProjectCollectorTest, TellsAllOfAProject) {
  EXPECT_EQ(CollectOf(project_),
            "serverspace_project_balance"
            "{project=\"prod\",currency=\"USD\"} 1229549.07\n"
            "serverspace_project_created_timestamp_seconds"
            "{project=\"prod\"} 1600000000.5\n"
            "serverspace_project_info"
            "{project=\"prod\",project_id=\"p1042\",currency=\"USD\"} 1\n"
            "serverspace_project_state"
            "{project=\"prod\",state=\"active\"} 1\n");
}

TEST_F(ProjectCollectorTest, LeavesOutWhatIsAbsent) {
  project_.created.reset();
  project_.state.clear();
  EXPECT_EQ(CollectOf(project_),
            "serverspace_project_balance"
            "{project=\"prod\",currency=\"USD\"} 1229549.07\n"
            "serverspace_project_info"
            "{project=\"prod\",project_id=\"p1042\",currency=\"USD\"} 1\n");
}

TEST_F(ProjectCollectorTest, ShowsAStateThatNobodyKnewBesideTheKnown) {
  project_.state = "frozen";
  const std::string lines = CollectOf(project_);
  EXPECT_NE(lines.find("_state{project=\"prod\",state=\"active\"} 0\n"),
            std::string::npos);
  EXPECT_NE(lines.find("_state{project=\"prod\",state=\"frozen\"} 1\n"),
            std::string::npos);
}

TEST_F(ProjectCollectorTest, ShowsADebtAsANegativeBalance) {
  project_.balance = Money::FromMicros(-500'000);
  EXPECT_NE(CollectOf(project_).find("currency=\"USD\"} -0.5\n"),
            std::string::npos);
}

TEST_F(ProjectCollectorTest, ShowsAnEmptyAccountAsZero) {
  project_.balance = Money();
  EXPECT_NE(CollectOf(project_).find("currency=\"USD\"} 0\n"),
            std::string::npos);
}

TEST_F(ProjectCollectorTest, TellsTheLedgerEachBalance) {
  CollectOf(project_);
  project_.balance = Money::FromMicros(7);
  CollectOf(project_);
  EXPECT_EQ(ledger_.heard(), (std::vector<std::string>{"p1042 USD 1229549.07",
                                                       "p1042 USD 0.000007"}));
}

TEST_F(ProjectCollectorTest, TellsNobodyAnythingOnAnError) {
  client_.project = [](const api::Call&) -> Result<api::Project> {
    return Error{ErrorCode::kAuth, "GET /project: HTTP 401"};
  };
  metrics::SampleSet samples("prod");
  const auto outcome = collector_->Collect(MakeRun(), samples);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::kAuth);
  EXPECT_EQ(outcome.error().message, "GET /project: HTTP 401");
  EXPECT_EQ(samples.size(), 0U);
  EXPECT_TRUE(ledger_.heard().empty());
}

TEST_F(ProjectCollectorTest, AsksWithinTheBoundsOfTheRun) {
  std::stop_source stop;
  const api::Call call{.deadline = MonoTime(std::chrono::seconds(48)),
                       .stop = stop.get_token()};
  std::optional<api::Call> asked;
  client_.project = [&](const api::Call& given) -> Result<api::Project> {
    asked = given;
    return project_;
  };
  metrics::SampleSet samples("prod");
  const collectors::Run bounded{.api = client_,
                                .call = call,
                                .inventory = inventory_,
                                .first_seen = first_seen_,
                                .ledger = ledger_,
                                .operations = operations_};
  ASSERT_TRUE(collector_->Collect(bounded, samples).ok());
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->deadline, call.deadline);
  EXPECT_EQ(asked->stop, call.stop);
}

}  // namespace
}  // namespace serverspace::collectors
