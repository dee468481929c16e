#include "app/targets.h"

#include <memory>

#include <gtest/gtest.h>

#include "app/config_fixture.h"

namespace serverspace::app {
namespace {

exporter::ServerLists Lists(std::string project) {
  collectors::InventoryServer server;
  server.id = project + "-1";
  server.public_ip = "203.0.113.1";
  return {.project = std::move(project),
          .lists = {
              std::make_shared<const std::vector<collectors::InventoryServer>>(
                  1, server)}};
}

TEST(ConfigForTargetsTest, LeavesWhatTheListsNeed) {
  config::Config config = MakeConfig({"a", "b"});
  config.state_file = "state.json";
  for (auto& [name, settings] : config.collectors) settings.enabled = true;
  config.collectors["vmware"].enabled = false;
  const config::Config reduced = ConfigForTargets(config, {.projects = {"b"}});
  for (const auto& [name, settings] : reduced.collectors) {
    EXPECT_EQ(settings.enabled, name == "project" || name == "servers") << name;
  }
  ASSERT_EQ(reduced.projects.size(), 1U);
  EXPECT_EQ(reduced.projects[0].name, "b");
  // Somebody else may own the file.
  EXPECT_EQ(reduced.state_file, "");
  EXPECT_EQ(ConfigForTargets(config, {}).projects.size(), 2U);
}

TEST(MakeTargetsTest, WritesWhatDiscoveryWouldSay) {
  const auto text =
      MakeTargets({Lists("a"), Lists("b")}, {.port = 80, .projects = {"b"}});
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(text.value(),
            "[\n{\"labels\":{\"__meta_serverspace_project\":\"b\","
            "\"__meta_serverspace_public_ip\":\"203.0.113.1\","
            "\"__meta_serverspace_server_id\":\"b-1\"},"
            "\"targets\":[\"203.0.113.1:80\"]}\n]\n");
}

TEST(MakeTargetsTest, WritesNothingWithoutAList) {
  for (const bool refused : {false, true}) {
    exporter::ServerLists missing{.project = "b", .lists = {}};
    missing.refused = refused;
    missing.awaited = !refused;
    const auto text = MakeTargets({Lists("a"), missing}, {});
    ASSERT_FALSE(text.ok());
    EXPECT_EQ(text.error().message, "no list of the servers of project b");
    EXPECT_TRUE(MakeTargets({Lists("a"), missing}, {.projects = {"a"}}).ok());
  }
}

TEST(MakeTargetsTest, WritesNothingWhileNobodyReadsTheServers) {
  exporter::ServerLists vmware_only = Lists("a");
  vmware_only.unread = true;
  const auto text = MakeTargets({vmware_only}, {});
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().message,
            "no list of the servers of project a: the collector servers is "
            "off");
}

}  // namespace
}  // namespace serverspace::app
