#include "server/sd_route.h"

#include <atomic>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/fake_clock.h"
#include "metrics/exposition.h"
#include "server/sd_fixture.h"

namespace serverspace::server {
namespace {

using nlohmann::json;

class SdRouteTest : public testing::Test {
 protected:
  Response Get(std::string query = "", std::string if_none_match = "") {
    return route_.Answer({.path = "/sd",
                          .query = std::move(query),
                          .if_none_match = std::move(if_none_match)});
  }
  static std::string Text(const Response& response) {
    std::string text;
    for (const std::string_view part : response.body.parts) text += part;
    EXPECT_EQ(text.size(), response.body.size_bytes);
    return text;
  }
  static std::string Header(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "none";
  }
  std::string Metrics() {
    metrics::SampleSet samples("");
    route_.AddMetrics(samples);
    return std::move(samples).Render().ToString();
  }

  FakeClock clock_;
  std::size_t asked_ = 0;
  ServerListsOfAll lists_ = {
      MakeLists("a", {MakeList({WithTags(MakeServer("l1s1", 1), {"web"}),
                                MakeServer("l1s2", 2)})})};
  SdRoute route_{[this] {
                   ++asked_;
                   return lists_;
                 },
                 clock_};
};

TEST_F(SdRouteTest, SaysWhatPrometheusReads) {
  const Response response = Get("port=1&tag=web");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(Text(response),
            R"([
{"labels":{"__meta_serverspace_image":"Debian-12-X64","__meta_serverspace_location":"am2","__meta_serverspace_name":"web","__meta_serverspace_power":"on","__meta_serverspace_private_ip":"10.0.0.1","__meta_serverspace_project":"a","__meta_serverspace_public_ip":"203.0.113.1","__meta_serverspace_server_id":"l1s1","__meta_serverspace_state":"active","__meta_serverspace_tag_web":"true","__meta_serverspace_tags":",web,"},"targets":["203.0.113.1:1"]}
]
)");
}

TEST_F(SdRouteTest, HasAGroupForEachServer) {
  const json groups = json::parse(Text(Get()));
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0]["targets"], json::array({"203.0.113.1:9100"}));
  EXPECT_EQ(groups[1]["targets"], json::array({"203.0.113.2:9100"}));
}

TEST_F(SdRouteTest, SaysThatThereIsNothingOnlyIfSo) {
  lists_ = {};
  EXPECT_EQ(Text(Get()), "[]\n");
  lists_ = {MakeLists("a", {MakeList({})})};
  EXPECT_EQ(Text(Get()), "[]\n");
  EXPECT_EQ(Get().status, 200);
  EXPECT_EQ(Get().content_type, "application/json");
}

TEST_F(SdRouteTest, AsksToWaitWhileAListIsMissing) {
  lists_.push_back(MakeLists("b", {}));
  lists_.back().awaited = true;
  const Response response = Get();
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(Text(response),
            "{\"error\":\"no list of servers yet of project b\"}\n");
  EXPECT_EQ(Get("project=b").status, 503);
  EXPECT_EQ(Get("project=a").status, 200);
  lists_.back().awaited = false;
  lists_.back().refused = true;
  EXPECT_EQ(Get().status, 200);
  EXPECT_EQ(Get("project=b").status, 503);
}

TEST_F(SdRouteTest, RefusesWhatItDoesNotKnow) {
  for (const std::string query :
       {"prot=9100", "port=x", "project=x", "project=", "network=both", "%",
        "collect[]=servers"}) {
    const Response response = Get(query);
    EXPECT_EQ(response.status, 400) << query;
    EXPECT_EQ(response.content_type, "application/json");
    EXPECT_TRUE(json::parse(Text(response)).at("error").is_string());
  }
  // Even while nothing is known.
  lists_[0].awaited = true;
  EXPECT_EQ(Get("port=x").status, 400);
  EXPECT_EQ(Get("project=x").status, 400);
}

TEST_F(SdRouteTest, SendsNothingThatTheClientHas) {
  const Response first = Get();
  const std::string tag = Header(first, "ETag");
  EXPECT_TRUE(tag.starts_with('"')) << tag;
  EXPECT_EQ(Header(first, "Cache-Control"), "private, no-cache");
  const Response again = Get("", tag);
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body.size_bytes, 0U);
  EXPECT_EQ(Header(again, "ETag"), tag);
  EXPECT_EQ(Header(again, "Cache-Control"), "private, no-cache");
  EXPECT_EQ(Get("port=1", tag).status, 200);
  EXPECT_EQ(Get("", "\"other\"").status, 200);
  lists_ = {MakeLists("a", {MakeList({MakeServer("l1s1", 3)})})};
  EXPECT_EQ(Get("", tag).status, 200);
}

TEST_F(SdRouteTest, MakesAnAnswerOnce) {
  const Response first = Get("tag=web&port=1");
  const Response second = Get("port=1&tag=web");
  EXPECT_EQ(first.body.parts[0].data(), second.body.parts[0].data());
  EXPECT_EQ(asked_, 2U);
  lists_ = {MakeLists("a", {MakeList({MakeServer("l1s9", 9)})})};
  EXPECT_NE(Text(Get("tag=web&port=1")), Text(first));
}

TEST_F(SdRouteTest, IsTheSameForTheSameServers) {
  const Response first = Get();
  lists_[0].lists[0] = MakeList(*lists_[0].lists[0]);
  const Response second = Get();
  EXPECT_NE(first.body.parts[0].data(), second.body.parts[0].data());
  EXPECT_EQ(Text(first), Text(second));
  EXPECT_EQ(Header(first, "ETag"), Header(second, "ETag"));
}

TEST_F(SdRouteTest, StaysJsonWhateverAServerIsCalled) {
  const std::string hostile[] = {"\"},{\"targets\":[\"evil.example.com\"]",
                                 "a\\",
                                 "line\nbreak",
                                 std::string("nul\0", 4),
                                 "\x7F\x01",
                                 "</script>",
                                 "\xE2\x80\xA8",
                                 "\xF0\x9F\x92\xA9"};
  for (const std::string& word : hostile) {
    InventoryServer server = WithTags(MakeServer("l1s1", 1), {word, "ok"});
    server.name = server.location = server.image = server.state = word;
    lists_ = {MakeLists(word, {MakeList({server})})};
    const json groups = json::parse(Text(Get()));
    ASSERT_EQ(groups.size(), 1U);
    const json& labels = groups[0]["labels"];
    EXPECT_EQ(groups[0]["targets"], json::array({"203.0.113.1:9100"}));
    for (const std::string name :
         {"name", "location", "image", "state", "project"})
      EXPECT_EQ(labels["__meta_serverspace_" + name], word);
    EXPECT_EQ(labels["__meta_serverspace_tag_ok"], "true");
    for (const auto& [name, value] : labels.items()) {
      EXPECT_EQ(name.find_first_not_of(
                    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
                    "0123456789"),
                std::string::npos)
          << name;
      EXPECT_TRUE(value.is_string());
    }
  }
  // The API client lets no such bytes in; a slip must not end discovery.
  InventoryServer server = MakeServer("l1s1", 1);
  server.name = "\xFF";
  lists_ = {MakeLists("a", {MakeList({server})})};
  EXPECT_EQ(json::parse(Text(Get())).size(), 1U);
}

TEST_F(SdRouteTest, CountsWhatItAnswers) {
  EXPECT_EQ(Metrics(),
            "serverspace_sd_requests_total{code=\"200\"} 0\n"
            "serverspace_sd_requests_total{code=\"304\"} 0\n"
            "serverspace_sd_requests_total{code=\"400\"} 0\n"
            "serverspace_sd_requests_total{code=\"503\"} 0\n");
  InventoryServer hidden = MakeServer("l1s3", 3);
  hidden.public_ip.clear();
  lists_[0].lists.push_back(MakeList({hidden}));
  Get();
  Get("", "*");
  Get("port=0");
  EXPECT_EQ(Metrics(),
            "serverspace_sd_requests_total{code=\"200\"} 1\n"
            "serverspace_sd_requests_total{code=\"304\"} 1\n"
            "serverspace_sd_requests_total{code=\"400\"} 1\n"
            "serverspace_sd_requests_total{code=\"503\"} 0\n"
            "serverspace_sd_targets_skipped{project=\"a\"} 1\n");
  for (const metrics::Desc* desc : SdRoute::Describe())
    EXPECT_NO_THROW(metrics::RequireValid(*desc));
}

TEST_F(SdRouteTest, TellsNothingOfAProjectThatIsGone) {
  InventoryServer hidden = MakeServer("l1s3", 3);
  hidden.public_ip.clear();
  lists_ = {MakeLists("goes", {MakeList({hidden})}),
            MakeLists("stays", {MakeList({hidden})})};
  Get();
  const std::string of_goes =
      "serverspace_sd_targets_skipped{project=\"goes\"} 1\n";
  EXPECT_NE(Metrics().find(of_goes), std::string::npos);
  route_.SetProjects({"stays"});
  EXPECT_EQ(Metrics().find("goes"), std::string::npos);
  EXPECT_NE(Metrics().find("{project=\"stays\"} 1\n"), std::string::npos);
  // An answer that was in the making meanwhile changes nothing.
  Get("port=1");
  EXPECT_EQ(Metrics().find("goes"), std::string::npos);
  route_.SetProjects({"goes", "stays"});
  EXPECT_NE(Metrics().find(of_goes), std::string::npos);
}

TEST_F(SdRouteTest, IsNeverAnsweredOnTheEventLoop) {
  const Route route = route_.MakeRoute();
  EXPECT_EQ(route.path, "/sd");
  EXPECT_EQ(route.max_body_bytes, 0U);
  EXPECT_TRUE(route.offload(Request{}));
  EXPECT_TRUE(route.methods.Has(Method::kHead));
  EXPECT_FALSE(route.methods.Has(Method::kPost));
  EXPECT_EQ(route.handler({.path = "/sd"}).status, 200);
}

TEST(SdRouteThreadsTest, MayBeAskedByManyAtOnce) {
  FakeClock clock;
  collectors::Inventory inventory;
  inventory.Replace({MakeServer("l1s1", 1)});
  SdRoute route(
      [&] { return ServerListsOfAll{MakeLists("a", {inventory.servers()})}; },
      clock);
  std::atomic<int> bad = 0;
  {
    std::vector<std::jthread> threads;
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i)
        inventory.Replace({MakeServer("l1s1", 1 + i % 250)});
    });
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        metrics::SampleSet samples("");
        route.AddMetrics(samples);
      }
    });
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 200; ++i) {
          const Response response = route.Answer(
              {.path = "/sd", .query = "port=" + std::to_string(1 + i % 3)});
          if (response.status != 200 || response.body.size_bytes < 10) ++bad;
        }
      });
    }
  }
  EXPECT_EQ(bad, 0);
}

}  // namespace
}  // namespace serverspace::server
