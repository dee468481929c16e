#include "metrics/page.h"

#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "metrics/page_store.h"
#include "metrics/page_testing.h"
#include "metrics/sample_set.h"

namespace serverspace::metrics {
namespace {

constexpr Desc kBuild{
    "exporter_build_info", Type::kInfo, "Build.", {"version"}};
constexpr Desc kServers{"servers", Type::kGauge, "Servers.", {}};
constexpr Desc kInfo{"server_info", Type::kInfo, "About.", {"server_id"}};
constexpr Desc kSpend{"spend_total", Type::kCounter, "Spent.", {"currency"}};
constexpr Desc kOperations{
    "operations", Type::kGauge, "Pending.", {"resource"}};

class PageTest : public testing::Test {
 protected:
  PageTest() {
    for (const std::string project : {"beta", "alpha"}) {
      SampleSet servers(project);
      servers.Add(kServers, {}, 1);
      servers.Add(kInfo, {project + "-1"}, 1);
      servers.Add(kOperations, {"server"}, 0);
      store_.Put(project, "servers", std::move(servers).Render());
      SampleSet money(project);
      money.Add(kSpend, {"USD"}, Money::FromMicros(1'500'000));
      money.Add(kOperations, {"network"}, 2);
      store_.Put(project, "money", std::move(money).Render());
    }
    SampleSet own("");
    own.Add(kBuild, {"1.0"}, 1);
    store_.Put("", "exporter", std::move(own).Render());
    store_.Rebuild();
    page_ = store_.Current();
  }

  std::string Filtered(const std::set<std::string>& collectors,
                       const std::set<std::string>& projects) {
    const auto page = page_->Filter(collectors, projects);
    const std::string plain =
        Join(page->Get(Format::kText, Encoding::kIdentity));
    EXPECT_EQ(Gunzip(Join(page->Get(Format::kText, Encoding::kGzip))), plain);
    return plain;
  }

  PageStore store_;
  std::shared_ptr<const Page> page_;
};

TEST_F(PageTest, GoldenText) {
  constexpr std::string_view kGolden =
      "# HELP exporter_build_info Build.\n"
      "# TYPE exporter_build_info gauge\n"
      "exporter_build_info{version=\"1.0\"} 1\n"
      "# HELP operations Pending.\n"
      "# TYPE operations gauge\n"
      "operations{project=\"alpha\",resource=\"network\"} 2\n"
      "operations{project=\"alpha\",resource=\"server\"} 0\n"
      "operations{project=\"beta\",resource=\"network\"} 2\n"
      "operations{project=\"beta\",resource=\"server\"} 0\n"
      "# HELP server_info About.\n"
      "# TYPE server_info gauge\n"
      "server_info{project=\"alpha\",server_id=\"alpha-1\"} 1\n"
      "server_info{project=\"beta\",server_id=\"beta-1\"} 1\n"
      "# HELP servers Servers.\n"
      "# TYPE servers gauge\n"
      "servers{project=\"alpha\"} 1\n"
      "servers{project=\"beta\"} 1\n"
      "# HELP spend_total Spent.\n"
      "# TYPE spend_total counter\n"
      "spend_total{project=\"alpha\",currency=\"USD\"} 1.5\n"
      "spend_total{project=\"beta\",currency=\"USD\"} 1.5\n";
  EXPECT_EQ(Join(page_->Get(Format::kText, Encoding::kIdentity)), kGolden);
  EXPECT_EQ(Gunzip(Join(page_->Get(Format::kText, Encoding::kGzip))), kGolden);
}

TEST_F(PageTest, GoldenOpenMetrics) {
  constexpr std::string_view kGolden =
      "# HELP exporter_build Build.\n"
      "# TYPE exporter_build info\n"
      "exporter_build_info{version=\"1.0\"} 1\n"
      "# HELP operations Pending.\n"
      "# TYPE operations gauge\n"
      "operations{project=\"alpha\",resource=\"network\"} 2\n"
      "operations{project=\"alpha\",resource=\"server\"} 0\n"
      "operations{project=\"beta\",resource=\"network\"} 2\n"
      "operations{project=\"beta\",resource=\"server\"} 0\n"
      "# HELP server About.\n"
      "# TYPE server info\n"
      "server_info{project=\"alpha\",server_id=\"alpha-1\"} 1\n"
      "server_info{project=\"beta\",server_id=\"beta-1\"} 1\n"
      "# HELP servers Servers.\n"
      "# TYPE servers gauge\n"
      "servers{project=\"alpha\"} 1\n"
      "servers{project=\"beta\"} 1\n"
      "# HELP spend Spent.\n"
      "# TYPE spend counter\n"
      "spend_total{project=\"alpha\",currency=\"USD\"} 1.5\n"
      "spend_total{project=\"beta\",currency=\"USD\"} 1.5\n"
      "# EOF\n";
  EXPECT_EQ(Join(page_->Get(Format::kOpenMetrics, Encoding::kIdentity)),
            kGolden);
  EXPECT_EQ(Gunzip(Join(page_->Get(Format::kOpenMetrics, Encoding::kGzip))),
            kGolden);
}

TEST_F(PageTest, CountsSeries) { EXPECT_EQ(page_->series(), 11U); }

TEST_F(PageTest, AnEmptyPageIsValidInAllForms) {
  const Page page({});
  ExpectSame(page, NaivePage());
  EXPECT_EQ(page.series(), 0U);
}

TEST_F(PageTest, FilterTakesTheFamiliesOfACollector) {
  EXPECT_EQ(Filtered({"money"}, {}),
            "# HELP operations Pending.\n"
            "# TYPE operations gauge\n"
            "operations{project=\"alpha\",resource=\"network\"} 2\n"
            "operations{project=\"beta\",resource=\"network\"} 2\n"
            "# HELP spend_total Spent.\n"
            "# TYPE spend_total counter\n"
            "spend_total{project=\"alpha\",currency=\"USD\"} 1.5\n"
            "spend_total{project=\"beta\",currency=\"USD\"} 1.5\n");
}

TEST_F(PageTest, FilterTakesProjects) {
  EXPECT_EQ(Filtered({"servers"}, {"beta"}),
            "# HELP operations Pending.\n"
            "# TYPE operations gauge\n"
            "operations{project=\"beta\",resource=\"server\"} 0\n"
            "# HELP server_info About.\n"
            "# TYPE server_info gauge\n"
            "server_info{project=\"beta\",server_id=\"beta-1\"} 1\n"
            "# HELP servers Servers.\n"
            "# TYPE servers gauge\n"
            "servers{project=\"beta\"} 1\n");
}

TEST_F(PageTest, FilterNeverTakesTheExportersOwnFamilies) {
  EXPECT_EQ(page_->Filter({}, {})->series(), page_->series() - 1);
  EXPECT_EQ(Filtered({"exporter"}, {}), "");
  EXPECT_EQ(Filtered({}, {""}), "");
}

TEST_F(PageTest, FilterOfNothingKnownIsEmpty) {
  EXPECT_EQ(Filtered({}, {"gamma"}), "");
  EXPECT_EQ(Join(page_->Filter({"x"}, {})->Get(Format::kOpenMetrics,
                                               Encoding::kIdentity)),
            "# EOF\n");
}

TEST_F(PageTest, ASmallGzipBodyIsOnePart) {
  for (const Format format : {Format::kText, Format::kOpenMetrics}) {
    const Page::Body& body = page_->Get(format, Encoding::kGzip);
    EXPECT_EQ(body.parts.size(), 1U);
    EXPECT_EQ(Join(body).size(), body.size_bytes);
  }
}

TEST_F(PageTest, ALargeGzipBodyRefersToItsBlocks) {
  // Ids that do not compress well.
  std::mt19937_64 random(1);
  SampleSet servers("gamma");
  for (int i = 0; i < 40'000; ++i)
    servers.Add(kInfo, {std::to_string(random())}, 1);
  const Fragment fragment = std::move(servers).Render();
  NaivePage naive;
  naive.Put("gamma", "servers", fragment);
  PageStore store;
  store.Put("gamma", "servers", fragment);
  store.Rebuild();
  const auto page = store.Current();
  const Page::Body& body = page->Get(Format::kText, Encoding::kGzip);
  EXPECT_GT(body.size_bytes, 256U * 1024);
  EXPECT_GE(body.parts.size(), page->blocks());
  EXPECT_EQ(Join(body).size(), body.size_bytes);
  ExpectSame(*page, naive);
}

TEST_F(PageTest, AFilteredPageOutlivesItsOrigin) {
  const auto filtered = page_->Filter({"servers"}, {});
  page_.reset();
  store_.RemoveProject("alpha");
  store_.RemoveProject("beta");
  store_.Rebuild();
  EXPECT_EQ(filtered->series(), 6U);
  EXPECT_TRUE(Gunzip(Join(filtered->Get(Format::kText, Encoding::kGzip)))
                  .value_or("")
                  .ends_with("servers{project=\"beta\"} 1\n"));
}

TEST(ContentTypeTest, NamesTheVersions) {
  EXPECT_EQ(ContentType(Format::kText),
            "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(ContentType(Format::kOpenMetrics),
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

}  // namespace
}  // namespace serverspace::metrics
