#include "api/decode_fixture.h"

namespace serverspace::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class DecodeCatalogueTest : public DecodeFixture {};

TEST_F(DecodeCatalogueTest, ReadsSshKeysUnderEitherName) {
  for (const char* example : {"ssh-keys.json", "ssh-keys-as-documented.json"}) {
    const auto keys = Good(ReadSshKeys, Example(example));
    ASSERT_THAT(keys, SizeIs(1)) << example;
    EXPECT_EQ(keys[0].id, "311");
    EXPECT_EQ(keys[0].name, "ops-laptop");
  }
  ExpectNoDrift();
}

TEST_F(DecodeCatalogueTest, TakesOneNameOfTheListOfSshKeysAndNotBoth) {
  EXPECT_THAT(Good(ReadSshKeys, R"({"ssh_key":null})"), IsEmpty());
  EXPECT_THAT(Good(ReadSshKeys, "{}"), IsEmpty());
  for (const char* body :
       {R"({"ssh_keys":[],"ssh_key":[]})", R"({"keys":[]})",
        R"({"ssh_key":{"id":311}})", R"({"id":311,"name":"x"})"}) {
    const auto keys = ReadSshKeys(body, drift_);
    ASSERT_FALSE(keys.ok()) << body;
    EXPECT_EQ(keys.error().code, ErrorCode::kBadResponse) << body;
  }
}

TEST_F(DecodeCatalogueTest, ReadsAffinityGroups) {
  const auto groups = Good(ReadAffinityGroups, Example("affinity-groups.json"));
  ASSERT_THAT(groups, SizeIs(1));
  EXPECT_EQ(groups[0].id, "l3g12");
  EXPECT_EQ(groups[0].name, "db-spread");
  EXPECT_EQ(groups[0].location, "am2");
  EXPECT_EQ(groups[0].together, false);
  EXPECT_EQ(groups[0].servers, 1);
  ExpectNoDrift();
}

TEST_F(DecodeCatalogueTest, ReadsLocations) {
  const auto locations = Good(ReadLocations, Example("locations.json"));
  ASSERT_THAT(locations, SizeIs(1));
  const Location& location = locations[0];
  EXPECT_EQ(location.id, "am2");
  EXPECT_EQ(location.system_volume_min_bytes, 26'843'545'600);
  EXPECT_EQ(location.windows_system_volume_min_bytes, 42'949'672'960);
  EXPECT_EQ(location.additional_volume_min_bytes, 10'737'418'240);
  EXPECT_EQ(location.volume_max_bytes, 536'870'912'000);
  EXPECT_EQ(location.bandwidth_min_bytes_per_second, 6'250'000);
  EXPECT_EQ(location.bandwidth_max_bytes_per_second, 25'000'000);
  EXPECT_THAT(location.cpu_cores_options, ElementsAre(1, 2, 4, 8));
  EXPECT_THAT(location.memory_bytes_options,
              ElementsAre(1'073'741'824, 2'147'483'648, 4'294'967'296,
                          8'589'934'592, 17'179'869'184));
  ExpectNoDrift();
}

TEST_F(DecodeCatalogueTest, DropsOddOptionsOfALocationOnly) {
  const auto locations = Good(
      ReadLocations,
      R"({"locations":[{"id":"am2","cpu_quantity_options":[1,"2",-4,null,8]}]})");
  ASSERT_THAT(locations, SizeIs(1));
  EXPECT_THAT(locations[0].cpu_cores_options, ElementsAre(1, 8));
  EXPECT_THAT(observer_.bad(), ElementsAre("locations.cpu_quantity_options",
                                           "locations.cpu_quantity_options"));
}

TEST_F(DecodeCatalogueTest, ReadsImages) {
  const auto images = Good(ReadImages, Example("images.json"));
  ASSERT_THAT(images, SizeIs(2));
  EXPECT_EQ(images[1].id, "Windows-Server 2022-X64");
  EXPECT_EQ(images[1].location, "am2");
  ExpectNoDrift();
}

}  // namespace
}  // namespace serverspace::api
