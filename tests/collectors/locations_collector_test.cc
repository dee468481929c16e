#include "collectors/example_fixture.h"
#include "collectors/factories.h"

namespace serverspace::collectors {
namespace {

class LocationsCollectorTest : public ExampleFixture {
 protected:
  std::string Lines() { return Collect(*collector_); }

  const std::unique_ptr<Collector> collector_ = MakeLocationsCollector();
};

TEST_F(LocationsCollectorTest, TellsAllOfTheExample) {
  client_.locations = AnswerExample(api::ReadLocations, "locations.json");
  EXPECT_EQ(
      Lines(),
      R"(serverspace_location_bandwidth_max_bytes_per_second{project="prod",location="am2"} 25000000
serverspace_location_bandwidth_min_bytes_per_second{project="prod",location="am2"} 6250000
serverspace_location_cpu_max_cores{project="prod",location="am2"} 8
serverspace_location_memory_max_bytes{project="prod",location="am2"} 17179869184
serverspace_location_volume_max_bytes{project="prod",location="am2"} 536870912000
serverspace_location_volume_min_bytes{project="prod",location="am2",kind="system"} 26843545600
serverspace_location_volume_min_bytes{project="prod",location="am2",kind="windows_system"} 42949672960
serverspace_location_volume_min_bytes{project="prod",location="am2",kind="additional"} 10737418240
serverspace_locations{project="prod"} 1
)");
}

TEST_F(LocationsCollectorTest, LeavesOutWhatIsAbsent) {
  client_.locations =
      Answer(api::ReadLocations,
             R"({"locations":[{"id":"am2","cpu_quantity_options":[]}]})");
  EXPECT_EQ(Lines(), "serverspace_locations{project=\"prod\"} 1\n");
}

TEST_F(LocationsCollectorTest, PassesErrorsOn) {
  client_.locations = Fails(ErrorCode::kNotFound);
  EXPECT_EQ(Lines(), "error: GET /x: no");
}

}  // namespace
}  // namespace serverspace::collectors
