#include "app/config_summary.h"

#include <gtest/gtest.h>

#include "app/config_fixture.h"

namespace serverspace::app {
namespace {

TEST(ConfigSummaryTest, NamesCollectorsHostsAndState) {
  config::Config config = MakeConfig({"b", "a"});
  const ConfigSummary summary = Summarize(config);
  EXPECT_EQ(summary.collectors, "project,servers");
  EXPECT_EQ(summary.api_hosts, "a.example.com,b.example.com");
  EXPECT_EQ(summary.state, "memory");
  config.state_file = "/var/lib/x/state.json";
  EXPECT_EQ(Summarize(config).state, "/var/lib/x/state.json");
}

TEST(ConfigSummaryTest, StaysShortWithManyHosts) {
  std::vector<std::string> names;
  for (char c = 'a'; c <= 'h'; ++c) names.emplace_back(1, c);
  EXPECT_EQ(Summarize(MakeConfig(names)).api_hosts,
            "a.example.com,b.example.com,c.example.com,d.example.com,"
            "e.example.com,3 more");
}

class LastLine final : public Logger {
 public:
  void Log(LogLevel level, std::string_view message,
           std::initializer_list<LogField> fields) override {
    line = FormatLogLine(LogFormat::kLogfmt, {}, level, message, fields);
  }
  std::string line;
};

TEST(LogWarningsTest, HasOneMessageForAll) {
  LastLine log;
  LogWarnings({{"a.yml", 3, 5, "projects[0]", "is odd"}}, log);
  EXPECT_EQ(log.line,
            "level=warn msg=\"configuration warning\" "
            "reason=\"a.yml:3:5: projects[0]: is odd\"");
}

}  // namespace
}  // namespace serverspace::app
