#include "collectors/example_fixture.h"
#include "collectors/factories.h"

namespace serverspace::collectors {
namespace {

class AffinityGroupsCollectorTest : public ExampleFixture {
 protected:
  std::string Lines() { return Collect(*collector_); }

  const std::unique_ptr<Collector> collector_ = MakeAffinityGroupsCollector();
};

TEST_F(AffinityGroupsCollectorTest, TellsAllOfTheExample) {
  client_.affinity_groups =
      AnswerExample(api::ReadAffinityGroups, "affinity-groups.json");
  EXPECT_EQ(
      Lines(),
      R"(serverspace_affinity_group_info{project="prod",affinity_group_id="l3g12",name="db-spread",location="am2",placement="apart"} 1
serverspace_affinity_group_servers{project="prod",affinity_group_id="l3g12"} 1
serverspace_affinity_groups{project="prod"} 1
)");
}

TEST_F(AffinityGroupsCollectorTest, NamesThePlacementOnlyIfItIsKnown) {
  client_.affinity_groups =
      Answer(api::ReadAffinityGroups,
             R"({"affinity_groups":[{"id":"a","affinity":true},{"id":"b"}]})");
  const std::string lines = Lines();
  EXPECT_TRUE(Has(lines, "placement=\"together\"} 1\n"));
  EXPECT_TRUE(Has(lines, "placement=\"\"} 1\n"));
}

TEST_F(AffinityGroupsCollectorTest, PassesErrorsOn) {
  client_.affinity_groups = Fails(ErrorCode::kNotFound);
  EXPECT_EQ(Lines(), "error: GET /x: no");
}

}  // namespace
}  // namespace serverspace::collectors
