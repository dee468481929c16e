#include "server/landing_page.h"

#include <algorithm>
#include <chrono>

#include <gtest/gtest.h>

namespace serverspace::server {
namespace {

using namespace std::chrono_literals;

Money Units(std::int64_t units) { return Money::FromMicros(units * 1'000'000); }

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
  exporter::CollectorState& AddCollector(exporter::ProjectStatus& project,
                                         std::string name = "servers") {
    project.collectors.push_back({.name = std::move(name), .state = {}});
    return project.collectors.back().state;
  }
  void SetBalance(exporter::ProjectStatus& project, Money balance,
                  std::string currency = "USD") {
    project.money = exporter::SavedMoney{.project_id = "p1",
                                         .currency = std::move(currency),
                                         .first_balance = {},
                                         .balance = balance,
                                         .spend = {},
                                         .topup = {}};
  }
  void Succeed(exporter::CollectorState& state) {
    state.success = true;
    state.published = true;
    state.last_success_mono = status_.now_mono - 65s;
  }
  void Fail(exporter::CollectorState& state) {
    state.success = false;
    state.failures = 3;
    state.last_code = ErrorCode::kTimeout;
    state.last_error = "GET /servers: timed out";
  }
  std::string Render() { return RenderLandingPage(status_, "1.2.3"); }
  bool Shows(std::string_view text) { return Count(text) > 0; }
  std::size_t Count(std::string_view text) {
    const std::string page = Render();
    std::size_t count = 0;
    for (std::size_t at = page.find(text); at != std::string::npos;
         at = page.find(text, at + text.size()))
      ++count;
    return count;
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
  EXPECT_TRUE(Shows("Version 1.2.3, as of 2023-11-14T22:13:20Z</p>"));
  for (const std::string_view path : {"/metrics", "/-/ready", "/-/healthy"})
    EXPECT_TRUE(Shows("<a href=\"" + std::string(path) + "\">")) << path;
}

TEST_F(LandingPageTest, SaysThatThereIsNothingToShow) {
  EXPECT_TRUE(Shows("No projects are configured."));
  EXPECT_FALSE(Shows("<table"));
  EXPECT_FALSE(Shows("<h2>"));
}

TEST_F(LandingPageTest, SaysThatTheExporterIsNotReadyOrHangs) {
  EXPECT_FALSE(Shows("not ready yet"));
  EXPECT_FALSE(Shows("hangs"));
  status_.ready = false;
  status_.healthy = false;
  EXPECT_TRUE(Shows(", not ready yet</p>"));
  EXPECT_TRUE(Shows("class=\"verdict critical\""));
  EXPECT_TRUE(Shows("Polling hangs: restart the exporter."));
}

TEST_F(LandingPageTest, NeedsNeitherScriptsNorAnythingFromOutside) {
  AddProject("prod");
  for (const std::string_view outside :
       {"<script", "http:", "https:", "src=", "<link", "@import", "url("})
    EXPECT_FALSE(Shows(outside)) << outside;
}

TEST_F(LandingPageTest, SaysWhatIsNotKnownYet) {
  AddCollector(AddProject("prod"));
  EXPECT_TRUE(Shows("Waiting for the first answers of 1 project."));
  for (const std::string_view fact : {"Balance", "Servers", "In progress"}) {
    EXPECT_TRUE(Shows("<dt>" + std::string(fact) +
                      "<dd><span class=\"quiet\">not known yet</span>"))
        << fact;
  }
  EXPECT_TRUE(
      Shows("<tr><th scope=\"row\">servers<td>"
            "<span class=\"quiet\">waiting</span><td>never<td>now"
            "<td class=\"n\">0\n"));
}

TEST_F(LandingPageTest, ShowsTheBalanceAndItsLimits) {
  exporter::ProjectStatus& project = AddProject("prod");
  SetBalance(project, Money::FromMicros(-1'500'000));
  EXPECT_TRUE(Shows("<dt>Balance<dd>-1.5 USD<dt>"));
  project.thresholds = {{"warning", Units(50)}, {"critical", Units(10)}};
  EXPECT_TRUE(
      Shows("<dt>Balance<dd><span class=\"critical\">-1.5 USD</span> "
            "<span class=\"quiet\">(warning below 50, critical below "
            "10)</span><dt>"));
}

TEST_F(LandingPageTest, ShowsServersByState) {
  exporter::ProjectStatus& project = AddProject("prod");
  project.servers_by_state.emplace();
  EXPECT_TRUE(Shows("<dt>Servers<dd>0<dt>"));
  project.servers_by_state = {{"active", 3}, {"busy", 1}, {"", 1}};
  EXPECT_TRUE(
      Shows("<dt>Servers<dd>5 (1 without a state, 3 active, 1 busy)<dt>"));
}

TEST_F(LandingPageTest, ShowsWatchedTasks) {
  auto& project = AddProject("prod");
  EXPECT_FALSE(Shows("Watched tasks"));
  project.tasks = {.pending = 3,
                   .pending_by_state = {{"", 1}, {"inprogress", 2}},
                   .oldest = status_.now - 12min,
                   .ended = {{"completed", 5}, {"failed", 1}}};
  EXPECT_TRUE(
      Shows("<dt>Watched tasks<dd>1 not asked yet, 2 inprogress <span "
            "class=\"quiet\">(the oldest for 12 min"));
  EXPECT_TRUE(Shows("; ended lately: 5 completed, 1 failed"));
  project.tasks = {.pending = 0,
                   .pending_by_state = {},
                   .oldest = {},
                   .ended = {{"<lost>", 1}}};
  EXPECT_TRUE(Shows("none pending; ended lately: 1 &lt;lost&gt;"));
}

TEST_F(LandingPageTest, ShowsWhatIsInProgressByResource) {
  exporter::ProjectStatus& project = AddProject("prod");
  AddCollector(project, "servers").operations = {{"server", 0, {}}};
  AddCollector(project, "ssh_keys");
  EXPECT_TRUE(Shows("<dt>In progress<dd>none<"));
  AddCollector(project, "kubernetes").operations = {
      {"kubernetes_cluster", 1, status_.now - 50s}};
  AddCollector(project, "vmware").operations = {
      {"vmware_server", 2, status_.now - 5min}, {"vmware_network", 0, {}}};
  EXPECT_TRUE(
      Shows("<dt>In progress<dd>1 kubernetes cluster, 2 vmware servers "
            "<span class=\"quiet\">(the oldest for 5 min)</span><"));
}

TEST_F(LandingPageTest, ShowsWhenTheKeyEnds) {
  exporter::ProjectStatus& project = AddProject("prod");
  EXPECT_FALSE(Shows("<dt>API key"));
  project.api_key_expires = status_.now + 240h;
  EXPECT_TRUE(Shows("<dt>API key<dd>ends 2023-11-24, in 10 d"));
  project.api_key_expires = status_.now - 240h;
  EXPECT_TRUE(
      Shows("<dt>API key<dd><span class=\"critical\">ended 2023-11-04, 10 d "
            "ago</span>"));
}

TEST_F(LandingPageTest, ShowsHowACollectorFares) {
  exporter::CollectorState& state = AddCollector(AddProject("prod"));
  Succeed(state);
  state.next_run = status_.now_mono + 3min;
  state.series = 42;
  EXPECT_TRUE(
      Shows("<tr><th scope=\"row\">servers<td><span class=\"ok\">ok</span>"
            "<td>65 s ago<td>in 3 min<td class=\"n\">42\n"));
  EXPECT_TRUE(Shows("All is well</span> with 1 project."));
  EXPECT_FALSE(Shows("class=\"note\""));

  Fail(state);
  EXPECT_TRUE(Shows("<span class=\"warning\">warning</span><td>65 s ago"));
  EXPECT_TRUE(
      Shows("<tr class=\"note\"><td colspan=\"5\"><span class=\"warning\">"
            "timeout</span>: GET /servers: timed out <span class=\"quiet\">"
            "(3 failed runs in a row)</span>\n"));
}

TEST_F(LandingPageTest, ShowsAMissingProductAsNoError) {
  exporter::CollectorState& state = AddCollector(AddProject("prod"), "vmware");
  Succeed(state);
  state.supported = false;
  EXPECT_TRUE(Shows("vmware<td><span class=\"quiet\">not in this project"));
  EXPECT_TRUE(Shows("All is well"));
}

TEST_F(LandingPageTest, SaysOfOneProjectAtOnceWhatIsWrong) {
  exporter::ProjectStatus& project = AddProject("prod");
  Fail(AddCollector(project));
  EXPECT_TRUE(Shows("<div class=\"verdict critical\""));
  EXPECT_TRUE(
      Shows("Needs attention</span></p><ul><li><span class=\"critical\">"
            "critical</span>: servers: timeout: GET /servers: timed out (there "
            "was no data yet)</ul></div>"));
  EXPECT_FALSE(Shows("<h2>Overview</h2>"));
}

TEST_F(LandingPageTest, ShowsAKeyFileWithoutAKeyAndAnOddState) {
  exporter::ProjectStatus& project = AddProject("prod");
  project.state = "active";
  EXPECT_FALSE(Shows("<dt>Project"));
  EXPECT_FALSE(Shows("<dt>API key"));
  project.state = "frozen";
  project.api_key_readable = false;
  EXPECT_TRUE(Shows("<dt>Project<dd><span class=\"critical\">frozen</span>"));
  EXPECT_TRUE(
      Shows("<dt>API key<dd><span class=\"warning\">the file gives no "
            "key</span></dl>"));
  project.api_key_expires = status_.now + 240h;
  EXPECT_TRUE(Shows("no key</span>; ends 2023-11-24, in 10 d"));
}

TEST_F(LandingPageTest, ShowsWhatIsWrongWithTheExporterItself) {
  Succeed(AddCollector(AddProject("prod")));
  const std::string page = RenderLandingPage(
      status_, "1.2.3", {{Health::kWarning, "configuration: <refused>"}});
  EXPECT_NE(page.find("<div class=\"verdict warning\""), std::string::npos);
  EXPECT_NE(page.find("No trouble</span> with 1 project."), std::string::npos);
  EXPECT_NE(page.find("<li><span class=\"warning\">warning</span>: "
                      "configuration: &lt;refused&gt;"),
            std::string::npos);
}

TEST_F(LandingPageTest, ShowsManyProjectsTheWorstFirst) {
  Succeed(AddCollector(AddProject("good-b")));
  Succeed(AddCollector(AddProject("good-a")));
  AddCollector(AddProject("new"));
  exporter::ProjectStatus& poor = AddProject("poor");
  SetBalance(poor, Units(40), "EUR");
  poor.thresholds = {{"warning", Units(50)}};
  poor.servers_by_state = {{"active", 3}, {"busy", 1}};
  exporter::CollectorState& servers = AddCollector(poor);
  Succeed(servers);
  servers.operations = {{"server", 1, {}}};
  Fail(AddCollector(AddProject("blind")));

  EXPECT_TRUE(
      Shows("2 of 5 projects need attention</span> (1 critical, 1 warning)"));
  EXPECT_TRUE(
      Shows("<tr><th scope=\"row\"><a href=\"#p1\">poor</a><td>"
            "<span class=\"warning\">warning</span><td class=\"n\">"
            "<span class=\"warning\">40 EUR</span><td class=\"n\">4"
            "<td class=\"n\">1\n<tr class=\"note\"><td colspan=\"5\"><ul><li>"
            "<span class=\"warning\">warning</span>: balance: 40 EUR is below "
            "50</ul>"));
  EXPECT_TRUE(
      Shows("good-a</a><td><span class=\"ok\">ok</span><td "
            "class=\"n\">?<td class=\"n\">?<td class=\"n\">?\n"));
  const std::string page = Render();
  std::size_t last = 0;
  for (const std::string_view name :
       {"blind", "poor", "new", "good-b", "good-a"}) {
    const std::size_t at =
        page.find("<summary><h3>" + std::string(name) + "</h3>");
    ASSERT_NE(at, std::string::npos) << name;
    EXPECT_GT(at, last) << name;
    last = at;
  }
  EXPECT_EQ(Count("id=\"p1\""), 1U);
}

TEST_F(LandingPageTest, QuotesAFewOfManyTroublesInTheOverview) {
  AddProject("good");
  exporter::ProjectStatus& project = AddProject("prod");
  for (const std::string_view name : {"a", "b", "c", "d", "e"})
    Fail(AddCollector(project, std::string(name)));
  for (std::size_t i = 0; i < project.collectors.size(); ++i)
    project.collectors[i].state.last_code = static_cast<ErrorCode>(i);
  EXPECT_EQ(Count("<li><span"), 3U);
  EXPECT_TRUE(Shows("<li>and 2 more</ul>"));
}

TEST_F(LandingPageTest, OpensTheDetailsOfAFewProjectsOnly) {
  for (int i = 0; i < 5; ++i) AddProject("p" + std::to_string(i));
  EXPECT_EQ(Count("<details open>"), 5U);
  AddProject("p5");
  EXPECT_EQ(Count("<details open>"), 0U);
  EXPECT_EQ(Count("<details>"), 6U);
}

TEST_F(LandingPageTest, StaysOfReasonableSizeWithManyProjects) {
  for (int i = 0; i < 500; ++i) {
    exporter::ProjectStatus& project = AddProject("p" + std::to_string(i));
    for (int collector = 0; collector < 13; ++collector)
      Succeed(AddCollector(project, "affinity_groups"));
  }
  EXPECT_LT(Render().size(), 1024U * 1024U);
}

TEST_F(LandingPageTest, ShowsWhereTheApiDiffers) {
  EXPECT_FALSE(Shows("Differences"));
  status_.unknown_values = {{"servers.state", 12, {"asleep", "melting"}}};
  EXPECT_TRUE(Shows("<h2>Differences of the API</h2>"));
  EXPECT_TRUE(
      Shows("<tr><th scope=\"row\">servers.state<td>asleep, melting"
            "<td class=\"n\">12\n"));
  EXPECT_FALSE(Shows("left out</caption>"));
  status_.bad_items = {{"servers.cpu", 3, {}}};
  EXPECT_TRUE(Shows("left out</caption>"));
  EXPECT_TRUE(
      Shows("<tr><th scope=\"row\">servers.cpu<td><td class=\"n\">3\n"));
}

TEST_F(LandingPageTest, EscapesEverythingFromOutside) {
  for (int i = 0; i < 2; ++i) {
    exporter::ProjectStatus& project = AddProject("<b>&\"'");
    SetBalance(project, Units(1), "<i>");
    project.state = "<tt>";
    project.thresholds = {{"<sub>", Units(2)}};
    project.servers_by_state = {{"<u>", 1}};
    exporter::CollectorState& state = AddCollector(project, "<s>");
    state.operations = {{"<em>", 1, {}}};
    Fail(state);
    state.last_error = "<img onerror=alert(1)>";
  }
  status_.unknown_values = {{"<dfn>", 1, {"<var>"}}};
  status_.bad_items = {{"<kbd>", 1, {}}};
  for (const std::string_view raw :
       {"<b>", "<i>", "<u>", "<s>", "<img", "<sub>", "<em>", "<dfn>", "<var>",
        "<kbd>", "<tt>"}) {
    EXPECT_FALSE(Shows(raw)) << raw;
    EXPECT_TRUE(Shows("&lt;" + std::string(raw.substr(1, 1)))) << raw;
  }
  EXPECT_TRUE(Shows("&lt;b&gt;&amp;"));
  EXPECT_TRUE(Shows("&lt;img onerror=alert(1)&gt;"));
}

}  // namespace
}  // namespace serverspace::server
