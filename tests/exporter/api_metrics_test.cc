#include "exporter/api_metrics.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "metrics/exposition.h"

namespace serverspace::exporter {
namespace {

using namespace std::chrono_literals;

class ApiMetricsTest : public testing::Test {
 protected:
  bool Shows(const std::string& line) {
    const std::string text = "\n" + registry_.Render().ToString();
    return text.find("\n" + line + "\n") != std::string::npos;
  }

  metrics::SelfMetrics registry_;
  ApiMetrics metrics_{registry_};
};

TEST_F(ApiMetricsTest, BeginsAtZeroWhereTheSeriesAreKnown) {
  metrics_.AddProject("prod");
  metrics_.AddHost("api.example.com");
  EXPECT_EQ(registry_.Render().ToString(),
            "serverspace_api_circuit_open{host=\"api.example.com\"} 0\n"
            "serverspace_api_limiter_wait_seconds_total{project=\"prod\"} 0\n"
            "serverspace_api_request_retries_total 0\n");
}

TEST_F(ApiMetricsTest, CountsAttemptsByRouteAndCode) {
  metrics_.OnAttempt("/servers", "200", 300ms);
  metrics_.OnAttempt("/servers", "200", 30s);
  metrics_.OnAttempt("/servers", "timeout", 20s);
  EXPECT_TRUE(Shows(
      R"(serverspace_api_requests_total{route="/servers",code="200"} 2)"));
  EXPECT_TRUE(Shows(
      R"(serverspace_api_requests_total{route="/servers",code="timeout"} 1)"));
  const std::string histogram = "serverspace_api_request_duration_seconds_";
  EXPECT_TRUE(Shows(histogram + R"(bucket{route="/servers",le="0.25"} 0)"));
  EXPECT_TRUE(Shows(histogram + R"(bucket{route="/servers",le="0.5"} 1)"));
  EXPECT_TRUE(Shows(histogram + R"(bucket{route="/servers",le="20.0"} 2)"));
  EXPECT_TRUE(Shows(histogram + R"(bucket{route="/servers",le="+Inf"} 3)"));
  EXPECT_TRUE(Shows(histogram + R"(sum{route="/servers"} 50.3)"));
  EXPECT_TRUE(Shows(histogram + R"(count{route="/servers"} 3)"));
}

TEST_F(ApiMetricsTest, CountsRetriesAndWaits) {
  metrics_.OnRetry();
  metrics_.OnRetry();
  metrics_.OnLimiterWait("prod", 1500ms);
  metrics_.OnLimiterWait("prod", 500ms);
  EXPECT_TRUE(Shows("serverspace_api_request_retries_total 2"));
  EXPECT_TRUE(
      Shows(R"(serverspace_api_limiter_wait_seconds_total{project="prod"} 2)"));
}

TEST_F(ApiMetricsTest, ShowsTheHostAsItIs) {
  metrics_.OnCircuit("api.example.com", true);
  metrics_.OnClockOffset("api.example.com", -90s);
  EXPECT_TRUE(
      Shows(R"(serverspace_api_circuit_open{host="api.example.com"} 1)"));
  EXPECT_TRUE(Shows(
      R"(serverspace_api_clock_offset_seconds{host="api.example.com"} -90)"));
  metrics_.OnCircuit("api.example.com", false);
  EXPECT_TRUE(
      Shows(R"(serverspace_api_circuit_open{host="api.example.com"} 0)"));
}

TEST_F(ApiMetricsTest, CountsWhatAnswersHadThatNobodyKnew) {
  metrics_.OnUnknownValue("servers.state");
  metrics_.OnBadItem("servers.cpu");
  EXPECT_TRUE(Shows(
      R"(serverspace_api_unknown_values_total{field="servers.state"} 1)"));
  EXPECT_TRUE(
      Shows(R"(serverspace_api_bad_items_total{field="servers.cpu"} 1)"));
}

TEST_F(ApiMetricsTest, TellsPeopleOfThemByField) {
  EXPECT_TRUE(metrics_.unknown_values().empty());
  EXPECT_TRUE(metrics_.bad_items().empty());
  metrics_.OnUnknownValue("servers.state");
  metrics_.OnUnknownValue("servers.state");
  metrics_.OnBadItem("servers.cpu");
  EXPECT_EQ(metrics_.unknown_values(),
            (ApiMetrics::FieldCounts{{"servers.state", 2}}));
  EXPECT_EQ(metrics_.bad_items(),
            (ApiMetrics::FieldCounts{{"servers.cpu", 1}}));
}

TEST_F(ApiMetricsTest, DescribesAllThatItShows) {
  metrics_.AddProject("prod");
  metrics_.AddHost("api.example.com");
  metrics_.OnAttempt("/servers", "200", 1s);
  metrics_.OnClockOffset("api.example.com", 0s);
  metrics_.OnUnknownValue("servers.state");
  metrics_.OnBadItem("servers.cpu");
  std::set<std::string_view> described;
  for (const metrics::Desc* desc : ApiMetrics::Describe()) {
    EXPECT_NO_THROW(metrics::RequireValid(*desc));
    described.insert(desc->name);
  }
  std::set<std::string_view> shown;
  const metrics::Fragment fragment = registry_.Render();
  for (const auto& family : fragment.families())
    shown.insert(family->desc().name);
  EXPECT_EQ(shown, described);
}

}  // namespace
}  // namespace serverspace::exporter
