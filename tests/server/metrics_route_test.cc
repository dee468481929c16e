#include "server/metrics_route.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "exporter/collector_runner.h"
#include "metrics/page_store.h"

namespace serverspace::server {
namespace {

using metrics::Desc;
using metrics::Type;

constexpr Desc kServers = {"serverspace_servers", Type::kGauge, "Servers.", {}};
constexpr Desc kBalance = {
    "serverspace_project_balance", Type::kGauge, "Money.", {}};
constexpr Desc kUp = {"serverspace_up", Type::kGauge, "Up.", {}};
constexpr Desc kSuccess = {
    "serverspace_collector_success", Type::kGauge, "Success.", {}};
constexpr Desc kBuild = {
    "serverspace_exporter_build_info", Type::kInfo, "Build.", {}};
constexpr Desc kProcess = {
    "process_open_fds", Type::kGauge, "Descriptors.", {}};

std::function<std::set<std::string>()> Are(std::set<std::string> names) {
  return [names = std::move(names)] { return names; };
}

class MetricsRouteTest : public testing::Test {
 protected:
  MetricsRouteTest() {
    for (const std::string project : {"prod", "test & dev"}) {
      Put(project, "servers", kServers);
      Put(project, "project", kBalance);
      Put(project, exporter::kLastingSlot, kUp);
      Put(project, exporter::kSelfSlot, kSuccess);
    }
    Put("", exporter::kSelfSlot, kBuild);
    Put("", "process", kProcess);
    store_.Rebuild();
  }
  void Put(std::string_view project, std::string_view slot, const Desc& desc) {
    metrics::SampleSet samples(project);
    samples.Add(desc, {}, 1);
    store_.Put(project, slot, std::move(samples).Render());
  }

  Response Answer(std::string query) {
    request_.query = std::move(query);
    return AnswerMetrics(source_, request_);
  }
  static std::string Text(const Response& response) {
    std::string text;
    for (const std::string_view part : response.body.parts) text += part;
    EXPECT_EQ(text.size(), response.body.size_bytes);
    return text;
  }
  /// The sample lines without their values.
  static std::vector<std::string> Series(const Response& response) {
    std::vector<std::string> series;
    std::string text = Text(response);
    for (std::size_t end = 0; (end = text.find('\n')) != std::string::npos;
         text.erase(0, end + 1)) {
      if (!text.starts_with('#')) series.push_back(text.substr(0, end - 2));
    }
    return series;
  }
  static std::string Header(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }

  metrics::PageStore store_;
  const MetricsSource source_{.page = [this] { return store_.Current(); },
                              .projects = Are({"prod", "test & dev"}),
                              .collectors = Are({"project", "servers"})};
  Request request_;
};

TEST_F(MetricsRouteTest, AnswersThePageAsItStandsInMemory) {
  const Response response = Answer("");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(Header(response, "Vary"), "Accept, Accept-Encoding");
  EXPECT_EQ(Header(response, "Content-Encoding"), "");
  const auto& body = store_.Current()->Get(metrics::Format::kText,
                                           metrics::Encoding::kIdentity);
  EXPECT_EQ(response.body.parts.data(), body.parts.data());
  EXPECT_EQ(response.body.parts.size(), body.parts.size());
  EXPECT_EQ(response.body.size_bytes, body.size_bytes);
}

TEST_F(MetricsRouteTest, KeepsThePageOfAnAnswerWhileItIsWritten) {
  const Response response = Answer("");
  const std::string before = Text(response);
  Put("prod", "servers", kProcess);
  ASSERT_TRUE(store_.Rebuild());
  EXPECT_EQ(Text(response), before);
}

TEST_F(MetricsRouteTest, AnswersOpenMetricsWhenAskedFor) {
  request_.accept = "application/openmetrics-text;version=1.0.0";
  const Response response = Answer("");
  EXPECT_EQ(response.content_type,
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_TRUE(Text(response).ends_with("# EOF\n"));
}

TEST_F(MetricsRouteTest, AnswersGzipWhenAccepted) {
  request_.accept_encoding = "gzip";
  const Response response = Answer("");
  EXPECT_EQ(Header(response, "Content-Encoding"), "gzip");
  EXPECT_TRUE(Text(response).starts_with("\x1f\x8b"));
}

TEST_F(MetricsRouteTest, AnswersPartsInTheFormatAskedForToo) {
  request_.accept = "application/openmetrics-text;version=1.0.0";
  EXPECT_TRUE(Text(Answer("project=prod")).ends_with("# EOF\n"));
  request_.accept_encoding = "gzip";
  const Response response = Answer("project=prod");
  EXPECT_EQ(Header(response, "Content-Encoding"), "gzip");
  EXPECT_TRUE(Text(response).starts_with("\x1f\x8b"));
}

TEST_F(MetricsRouteTest, ShowsEverythingWithoutAFilter) {
  EXPECT_EQ(Series(Answer("")).size(), 10U);
}

struct FilterCase {
  std::string query;
  std::vector<std::string> series;
};

class MetricsRouteFilterTest : public MetricsRouteTest,
                               public testing::WithParamInterface<FilterCase> {
};

TEST_P(MetricsRouteFilterTest, ShowsThisPart) {
  const Response response = Answer(GetParam().query);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(Series(response), GetParam().series);
}

const std::string kProdBalance =
    R"(serverspace_project_balance{project="prod"})";
const std::string kProdServers = R"(serverspace_servers{project="prod"})";
const std::string kProdUp = R"(serverspace_up{project="prod"})";
const std::string kTestBalance =
    R"(serverspace_project_balance{project="test & dev"})";
const std::string kTestServers = R"(serverspace_servers{project="test & dev"})";
const std::string kTestUp = R"(serverspace_up{project="test & dev"})";

INSTANTIATE_TEST_SUITE_P(
    Queries, MetricsRouteFilterTest,
    testing::Values(
        FilterCase{"collect[]=servers", {kProdServers, kTestServers}},
        FilterCase{"collect%5B%5D=servers", {kProdServers, kTestServers}},
        // What never goes stale comes with the project's collector.
        FilterCase{"collect[]=project",
                   {kProdBalance, kTestBalance, kProdUp, kTestUp}},
        FilterCase{"collect[]=servers&collect[]=project",
                   {kProdBalance, kTestBalance, kProdServers, kTestServers,
                    kProdUp, kTestUp}},
        FilterCase{"collect[]=servers&collect[]=servers",
                   {kProdServers, kTestServers}},
        FilterCase{"project=prod", {kProdBalance, kProdServers, kProdUp}},
        FilterCase{"project=test+%26+dev",
                   {kTestBalance, kTestServers, kTestUp}},
        FilterCase{"project=prod&project=test+%26+dev&collect[]=servers",
                   {kProdServers, kTestServers}},
        FilterCase{"collect[]=servers&project=prod", {kProdServers}}));

class MetricsRouteRefusalTest
    : public MetricsRouteTest,
      public testing::WithParamInterface<std::string> {};

TEST_P(MetricsRouteRefusalTest, IsABadRequest) {
  const Response response = Answer(GetParam());
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.content_type, "text/plain; charset=utf-8");
  // What came is never sent back.
  EXPECT_EQ(Text(response).find("nosuch"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Queries, MetricsRouteRefusalTest,
    testing::Values("collect[]=nosuch", "project=nosuch", "collect[]=",
                    "project=", "collect[]=servers&project=nosuch",
                    "collect[]=servers&collect[]=nosuch", "nosuch=1",
                    "collect=servers", "exclude[]=servers", "project",
                    "project=%zz", "collect[]=exporter", "collect[]=process",
                    "collect[]=project.lasting"));

TEST_F(MetricsRouteTest, ShowsNothingOfAnUnreadCollectorRatherThanRefusing) {
  const MetricsSource source{
      .page = source_.page,
      .projects = Are({"prod", "new"}),
      .collectors = Are({"project", "servers", "networks"})};
  request_.query = "collect[]=networks&project=new";
  const Response response = AnswerMetrics(source, request_);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(Series(response), std::vector<std::string>());
}

TEST_F(MetricsRouteTest, LeavesTheEventLoopForPartsOnly) {
  EXPECT_FALSE(IsFiltered(Request{}));
  EXPECT_TRUE(IsFiltered(Request{.query = "project=prod"}));
}

}  // namespace
}  // namespace serverspace::server
