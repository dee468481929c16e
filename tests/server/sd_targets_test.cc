#include "server/sd_targets.h"

#include <gtest/gtest.h>

#include "server/sd_fixture.h"

namespace serverspace::server {
namespace {

using Addresses = std::vector<std::string>;
using Labels = std::map<std::string, std::string>;
using Skipped = std::map<std::string, std::size_t>;

Addresses AddressesOf(const SdSelection& selection) {
  Addresses addresses;
  for (const SdTarget& target : selection.targets)
    addresses.push_back(target.address);
  return addresses;
}

Addresses Selected(const ServerListsOfAll& projects, const SdFilter& filter) {
  return AddressesOf(SelectTargets(projects, filter));
}

Labels LabelsOfOne(const InventoryServer& server) {
  return LabelsOf({.project = "prod", .server = server, .address = ""});
}

TEST(ChooseProjectsTest, TakesAllUnlessSomeAreNamed) {
  const ServerListsOfAll all = {MakeLists("a", {}), MakeLists("b", {}),
                                MakeLists("c", {})};
  EXPECT_EQ(ChooseProjects(all, {}).value().size(), 3U);
  const auto chosen = ChooseProjects(all, {.projects = {"a", "c"}});
  ASSERT_TRUE(chosen.ok());
  ASSERT_EQ(chosen.value().size(), 2U);
  EXPECT_EQ(chosen.value()[0].project, "a");
  EXPECT_EQ(chosen.value()[1].project, "c");
}

TEST(ChooseProjectsTest, RefusesAnUnknownOne) {
  for (const std::string name : {"x", "", "A"}) {
    const auto chosen =
        ChooseProjects({MakeLists("a", {})}, {.projects = {"a", name}});
    ASSERT_FALSE(chosen.ok());
    EXPECT_EQ(chosen.error().code, ErrorCode::kInvalidInput);
  }
}

TEST(WhyNotKnownTest, AwaitsEveryList) {
  exporter::ServerLists known = MakeLists("a", {MakeList({})});
  exporter::ServerLists awaited = MakeLists("b", {});
  awaited.awaited = true;
  EXPECT_EQ(WhyNotKnown({known}), std::nullopt);
  EXPECT_EQ(WhyNotKnown({known, awaited}),
            "no list of servers yet of project b");
  // One of two kinds is not all.
  awaited.lists = {MakeList({})};
  EXPECT_NE(WhyNotKnown({awaited}), std::nullopt);
  known.unread = true;
  EXPECT_EQ(WhyNotKnown({known, awaited}),
            "no list of servers of project a: the collector servers is off");
}

TEST(WhyNotKnownTest, LetsARefusedKeyKeepNobodyWaiting) {
  exporter::ServerLists known = MakeLists("a", {MakeList({})});
  exporter::ServerLists refused = MakeLists("b", {});
  refused.refused = true;
  EXPECT_EQ(WhyNotKnown({known, refused}), std::nullopt);
  // But nothing is known of no project at all.
  EXPECT_EQ(WhyNotKnown({refused}),
            "no list of servers: the API refuses the key");
  EXPECT_EQ(WhyNotKnown({refused, refused}),
            "no list of servers: the API refuses the key");
}

TEST(WhyNotKnownTest, KnowsThatThereIsNothing) {
  EXPECT_EQ(WhyNotKnown({}), std::nullopt);
  EXPECT_EQ(WhyNotKnown({MakeLists("a", {MakeList({})})}), std::nullopt);
}

TEST(SelectTargetsTest, TakesTheAddressOfTheNetwork) {
  const ServerListsOfAll projects = {
      MakeLists("a", {MakeList({MakeServer("l1s1", 1)})})};
  EXPECT_EQ(Selected(projects, {}), (Addresses{"203.0.113.1:9100"}));
  EXPECT_EQ(
      Selected(projects, {.port = 80, .network = SdFilter::Network::kPrivate}),
      (Addresses{"10.0.0.1:80"}));
}

TEST(SelectTargetsTest, GoesByProjectKindAndId) {
  const ServerListsOfAll projects = {
      MakeLists("a", {MakeList({MakeServer("l1s1", 1), MakeServer("l1s2", 2)}),
                      MakeList({MakeServer("7", 3)})}),
      MakeLists("b", {MakeList({MakeServer("l1s0", 4)})})};
  EXPECT_EQ(Selected(projects, {.port = 1}),
            (Addresses{"203.0.113.1:1", "203.0.113.2:1", "203.0.113.3:1",
                       "203.0.113.4:1"}));
}

TEST(SelectTargetsTest, LeavesOutAndCountsWhatHasNoAddress) {
  InventoryServer only_private = MakeServer("l1s1", 1);
  only_private.public_ip.clear();
  InventoryServer none = MakeServer("l1s2", 2);
  none.public_ip.clear();
  none.private_ip.clear();
  const ServerListsOfAll projects = {
      MakeLists("a", {MakeList({only_private}), MakeList({none})}),
      MakeLists("b", {MakeList({})})};
  SdSelection selection = SelectTargets(projects, {});
  EXPECT_EQ(AddressesOf(selection), Addresses());
  EXPECT_EQ(selection.skipped, (Skipped{{"a", 2}, {"b", 0}}));
  selection = SelectTargets(projects, {.network = SdFilter::Network::kPrivate});
  EXPECT_EQ(AddressesOf(selection), (Addresses{"10.0.0.1:9100"}));
  EXPECT_EQ(selection.skipped, (Skipped{{"a", 1}, {"b", 0}}));
  // Nobody asked for those, so they are not missing.
  EXPECT_EQ(SelectTargets(projects, {.tags = {"x"}}).skipped,
            (Skipped{{"a", 0}, {"b", 0}}));
}

TEST(SelectTargetsTest, WantsEveryTag) {
  const ServerListsOfAll projects = {MakeLists(
      "a", {MakeList({WithTags(MakeServer("1", 1), {"web"}),
                      WithTags(MakeServer("2", 2), {"prod", "web"}),
                      WithTags(MakeServer("3", 3), {"Web", "we", "webb"}),
                      MakeServer("4", 4)})})};
  EXPECT_EQ(Selected(projects, {.port = 1, .tags = {"web"}}),
            (Addresses{"203.0.113.1:1", "203.0.113.2:1"}));
  EXPECT_EQ(Selected(projects, {.port = 1, .tags = {"prod", "web"}}),
            (Addresses{"203.0.113.2:1"}));
}

TEST(SelectTargetsTest, LeavesOutWhatIsKnownToBeOff) {
  InventoryServer off = MakeServer("2", 2);
  off.power_on = false;
  InventoryServer unknown = MakeServer("3", 3);
  unknown.power_on.reset();
  const ServerListsOfAll projects = {
      MakeLists("a", {MakeList({MakeServer("1", 1), off, unknown})})};
  EXPECT_EQ(Selected(projects, {}).size(), 3U);
  EXPECT_EQ(Selected(projects, {.port = 1, .powered_on = true}),
            (Addresses{"203.0.113.1:1", "203.0.113.3:1"}));
}

TEST(SdLabelsTest, TellAllThatIsKnown) {
  EXPECT_EQ(LabelsOfOne(WithTags(MakeServer("l1s1", 1), {"web", "prod-eu"})),
            (Labels{{"__meta_serverspace_image", "Debian-12-X64"},
                    {"__meta_serverspace_location", "am2"},
                    {"__meta_serverspace_name", "web"},
                    {"__meta_serverspace_power", "on"},
                    {"__meta_serverspace_private_ip", "10.0.0.1"},
                    {"__meta_serverspace_project", "prod"},
                    {"__meta_serverspace_public_ip", "203.0.113.1"},
                    {"__meta_serverspace_server_id", "l1s1"},
                    {"__meta_serverspace_state", "active"},
                    {"__meta_serverspace_tag_prod_eu", "true"},
                    {"__meta_serverspace_tag_web", "true"},
                    {"__meta_serverspace_tags", ",prod-eu,web,"}}));
}

TEST(SdLabelsTest, SayNothingOfWhatIsNotKnown) {
  InventoryServer server;
  server.id = "l1s1";
  EXPECT_EQ(LabelsOfOne(server),
            (Labels{{"__meta_serverspace_project", "prod"},
                    {"__meta_serverspace_server_id", "l1s1"}}));
  server.power_on = false;
  EXPECT_EQ(LabelsOfOne(server).at("__meta_serverspace_power"), "off");
}

TEST(SdLabelsTest, HaveNamesThatPrometheusTakes) {
  const struct {
    std::string tag;
    std::string name;
  } kCases[] = {{"web", "web"},
                {"Web_2", "Web_2"},
                {"9", "9"},
                {"a-b.c d", "a_b_c_d"},
                {"a\"}\n{__address__=", "a______address___"},
                {"\xD0\xB1\xD0\xB0\xD0\xB7\xD0\xB0", "____"},
                {"caf\xC3\xA9", "caf_"},
                {std::string("a\0b", 3), "a_b"},
                {std::string(300, 'x'), std::string(300, 'x')}};
  for (const auto& test : kCases) {
    const Labels labels = LabelsOfOne(WithTags(MakeServer("1", 1), {test.tag}));
    EXPECT_EQ(labels.count("__meta_serverspace_tag_" + test.name), 1U)
        << test.tag;
    EXPECT_EQ(labels.at("__meta_serverspace_tags"), "," + test.tag + ",");
  }
}

TEST(SdLabelsTest, AreOneForTagsThatCollide) {
  const Labels labels =
      LabelsOfOne(WithTags(MakeServer("1", 1), {"a-b", "a_b", "a.b", "", ","}));
  EXPECT_EQ(labels.at("__meta_serverspace_tag_a_b"), "true");
  EXPECT_EQ(labels.count("__meta_serverspace_tag_"), 0U);
  EXPECT_EQ(labels.at("__meta_serverspace_tags"), ",,_,a-b,a.b,a_b,");
}

}  // namespace
}  // namespace serverspace::server
