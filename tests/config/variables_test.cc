#include "config/variables.h"

#include <gtest/gtest.h>

namespace serverspace::config {
namespace {

const std::vector<std::string> kCollectors = {"servers", "ssh_keys"};

std::string Warnings(const std::map<std::string, std::string>& variables) {
  std::string text;
  for (const Problem& problem :
       UnknownVariables(FakeEnvironment(variables), kCollectors)) {
    text += problem.ToString() + "\n";
  }
  return text;
}

TEST(UnknownVariablesTest, SuggestsWhatWasMeant) {
  EXPECT_EQ(Warnings({{"SERVERSPACE_API_KEY_FLIE", "x"}}),
            "SERVERSPACE_API_KEY_FLIE: is no variable of this program and has "
            "no effect: did you mean SERVERSPACE_API_KEY_FILE?\n");
  EXPECT_EQ(Warnings({{"SERVERSPACE_COLLECTOR_SSHKEYS_INTERVAL", "1h"}}),
            "SERVERSPACE_COLLECTOR_SSHKEYS_INTERVAL: is no variable of this "
            "program and has no effect: did you mean "
            "SERVERSPACE_COLLECTOR_SSH_KEYS_INTERVAL?\n");
  EXPECT_EQ(Warnings({{"SERVERSPACE_COLOUR", "x"}}),
            "SERVERSPACE_COLOUR: is no variable of this program and has no "
            "effect\n");
}

TEST(UnknownVariablesTest, KnowsItsOwn) {
  EXPECT_EQ(Warnings({{"SERVERSPACE_KEY", "x"},
                      {"SERVERSPACE_HOST", "x"},
                      {"SERVERSPACE_CONFIG_FILE", "x"},
                      {"SERVERSPACE_COLLECTOR_SERVERS", "true"},
                      {"SERVERSPACE_COLLECTOR_SSH_KEYS_STALE_AFTER", "1h"},
                      {"SERVERSPACE_WEB_LISTEN_ADDRESS", ":1"},
                      {"PATH", "x"}}),
            "");
}

TEST(UnknownVariablesTest, LeavesTheLinksOfServicesAlone) {
  EXPECT_EQ(Warnings({{"SERVERSPACE_EXPORTER_SERVICE_HOST", "192.0.2.1"},
                      {"SERVERSPACE_EXPORTER_SERVICE_PORT", "10066"},
                      {"SERVERSPACE_EXPORTER_SERVICE_PORT_HTTP", "10066"},
                      {"SERVERSPACE_EXPORTER_PORT", "tcp://192.0.2.1:10066"},
                      {"SERVERSPACE_EXPORTER_PORT_10066_TCP_ADDR", "x"}}),
            "");
  EXPECT_NE(Warnings({{"SERVERSPACE_EXPORTER_PORT", "1"}}), "");
}

TEST(UnknownVariablesTest, ShowsNoKey) {
  const std::string key(64, 'k');
  EXPECT_EQ(Warnings({{"SERVERSPACE_KEY_" + key, key}}).find(key),
            std::string::npos);
}

}  // namespace
}  // namespace serverspace::config
