#include "server/landing_page.h"

#include <algorithm>
#include <chrono>

#include <gtest/gtest.h>

namespace serverspace::server {
namespace {

using namespace std::chrono_literals;

class LandingPageTest : public testing::Test {
 protected:
  exporter::ProjectStatus& AddProject(std::string name) {
    status_.projects.push_back({.name = std::move(name),
                                .money = {},
                                .thresholds = {},
                                .api_key_expires = {},
                                .servers_by_state = {},
                                .collectors = {}});
    return status_.projects.back();
  }
  exporter::CollectorState& AddCollector(exporter::ProjectStatus& project) {
    project.collectors.push_back({.name = "servers", .state = {}});
    return project.collectors.back().state;
  }
  std::string Render() { return RenderLandingPage(status_, "1.2.3"); }
  bool Shows(std::string_view text) {
    return Render().find(text) != std::string::npos;
  }

  exporter::Status status_{.now = WallTime(1'700'000'000s),
                           .now_mono = MonoTime(1h),
                           .ready = true,
                           .healthy = true,
                           .unknown_values = {},
                           .bad_items = {},
                           .projects = {}};
};

TEST_F(LandingPageTest, SaysWhatItIsAndWhereToGo) {
  EXPECT_TRUE(Render().starts_with("<!DOCTYPE html>\n"));
  EXPECT_TRUE(Render().ends_with("</html>\n"));
  EXPECT_TRUE(Shows("Version 1.2.3, 2023-11-14T22:13:20Z"));
  EXPECT_TRUE(Shows("<a href=\"/metrics\">"));
  EXPECT_TRUE(Shows("No projects are configured."));
}

TEST_F(LandingPageTest, NeedsNeitherScriptsNorAnythingFromOutside) {
  AddProject("prod");
  for (const std::string_view outside :
       {"<script", "http:", "https:", "src=", "<link", "@import", "url("})
    EXPECT_FALSE(Shows(outside)) << outside;
}

TEST_F(LandingPageTest, SaysWhatIsNotKnownYet) {
  AddCollector(AddProject("prod"));
  EXPECT_TRUE(
      Shows("<h2>prod</h2>\n<p>Balance: not known yet<br>"
            "Servers: not known yet<br>"));
  EXPECT_TRUE(
      Shows("<td>servers</td><td>never</td><td>now</td><td>0</td>"
            "<td>none</td>"));
}

TEST_F(LandingPageTest, ShowsMoneyServersAndOperations) {
  exporter::ProjectStatus& project = AddProject("prod");
  project.money = {.project_id = "p1",
                   .currency = "USD",
                   .first_balance = {},
                   .balance = Money::FromMicros(-1'500'000),
                   .spend = {},
                   .topup = {}};
  project.servers_by_state = {{"active", 3}, {"busy", 1}, {"new", 2}, {"", 1}};
  EXPECT_TRUE(
      Shows("Balance: -1.5 USD<br>"
            "Servers: 7 (1 without a state, 3 active, 1 busy, 2 new)<br>"
            "Operations in progress: 3</p>"));
}

TEST_F(LandingPageTest, ShowsNoServersAsZero) {
  AddProject("prod").servers_by_state.emplace();
  EXPECT_TRUE(Shows("Servers: 0<br>Operations in progress: 0"));
}

TEST_F(LandingPageTest, ShowsHowACollectorFares) {
  exporter::CollectorState& state = AddCollector(AddProject("prod"));
  state.last_success_mono = status_.now_mono - 65s;
  state.next_run = status_.now_mono + 3min;
  state.series = 42;
  state.last_code = ErrorCode::kTimeout;
  state.last_error = "GET /servers: timed out";
  EXPECT_TRUE(
      Shows("<td>65 s ago</td><td>in 3 min</td><td>42</td>"
            "<td class=\"bad\">timeout: GET /servers: timed out</td>"));
}

TEST_F(LandingPageTest, ShowsAMissingProductAsNoError) {
  exporter::CollectorState& state = AddCollector(AddProject("prod"));
  state.supported = false;
  EXPECT_TRUE(Shows("<td>not available in this project</td>"));
}

TEST_F(LandingPageTest, ShowsEachProjectOnceInOrder) {
  AddProject("b");
  AddProject("a");
  const std::string page = Render();
  EXPECT_LT(page.find("<h2>b</h2>"), page.find("<h2>a</h2>"));
  EXPECT_FALSE(Shows("No projects"));
}

TEST_F(LandingPageTest, EscapesEverythingFromOutside) {
  exporter::ProjectStatus& project = AddProject("<b>&\"'");
  project.money = {.project_id = "p1",
                   .currency = "<i>",
                   .first_balance = {},
                   .balance = {},
                   .spend = {},
                   .topup = {}};
  project.servers_by_state = {{"<u>", 1}};
  exporter::CollectorState& state = AddCollector(project);
  project.collectors[0].name = "<s>";
  state.last_error = "<img onerror=alert(1)>";
  for (const std::string_view raw : {"<b>", "<i>", "<u>", "<s>", "<img"})
    EXPECT_FALSE(Shows(raw)) << raw;
  EXPECT_TRUE(Shows("&lt;b&gt;&amp;"));
  EXPECT_TRUE(Shows("&lt;img onerror=alert(1)&gt;"));
}

struct AgeCase {
  Duration age;
  std::string text;
};

class LandingPageAgeTest : public LandingPageTest,
                           public testing::WithParamInterface<AgeCase> {};

TEST_P(LandingPageAgeTest, IsReadable) {
  AddCollector(AddProject("prod")).last_success_mono =
      status_.now_mono - GetParam().age;
  EXPECT_TRUE(Shows("<td>" + GetParam().text + " ago</td>")) << Render();
}

INSTANTIATE_TEST_SUITE_P(
    Ages, LandingPageAgeTest,
    testing::Values(AgeCase{0s, "less than 1 s"},
                    AgeCase{999ms, "less than 1 s"}, AgeCase{1s, "1 s"},
                    AgeCase{119s, "119 s"}, AgeCase{120s, "2 min"},
                    AgeCase{7199s, "119 min"}, AgeCase{2h, "2 h"},
                    AgeCase{47h, "47 h"}, AgeCase{48h, "2 d"}));

}  // namespace
}  // namespace serverspace::server
