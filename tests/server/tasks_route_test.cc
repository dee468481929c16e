#include "server/tasks_route.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace serverspace::server {
namespace {

using nlohmann::json;
using tasks::Verdict;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class TasksRouteTest : public testing::Test {
 protected:
  TasksSource Source() {
    return {.watch =
                [this](std::string_view project, std::string_view id) {
                  handed_.emplace_back(project, id);
                  const auto verdict = verdicts_.find(std::string(id));
                  return verdict == verdicts_.end() ? Verdict::kAdded
                                                    : verdict->second;
                },
            .list =
                [this](std::string_view project) {
                  std::vector<exporter::ProjectTaskList> found;
                  for (const auto& list : lists_) {
                    if (project.empty() || list.project == project)
                      found.push_back(list);
                  }
                  return found;
                }};
  }
  Response Answer(const Request& request) {
    return AnswerTasks(Source(), request);
  }
  Response Post(std::string body, std::string query = "",
                std::string type = "application/json") {
    return Answer({.method = Method::kPost,
                   .path = "/api/v1/tasks",
                   .query = std::move(query),
                   .content_type = std::move(type),
                   .body = std::move(body)});
  }
  static std::string Text(const Response& response) {
    std::string text;
    for (const std::string_view part : response.body.parts) text += part;
    return text;
  }
  static json Tree(const Response& response) {
    EXPECT_EQ(response.content_type, "application/json");
    return json::parse(Text(response));
  }

  std::vector<std::pair<std::string, std::string>> handed_;
  std::map<std::string, Verdict> verdicts_;
  std::vector<exporter::ProjectTaskList> lists_;
};

TEST_F(TasksRouteTest, TakesAnId) {
  const Response response = Post(R"({"project":"prod","task_id":"l3t70011"})");
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(Tree(response), json::parse(R"({"tasks":[
      {"task_id":"l3t70011","result":"added"}]})"));
  EXPECT_THAT(handed_, ElementsAre(Pair("prod", "l3t70011")));
}

TEST_F(TasksRouteTest, TakesAnAnswerOfTheApiAsItIs) {
  EXPECT_EQ(Post(R"({"server_id":60150,"task_id":"vmw3310"})", "project=my%20p",
                 "application/json; charset=utf-8")
                .status,
            202);
  EXPECT_EQ(Post(R"({"task_ids":["vmw3311","vmw3312"]})").status, 202);
  EXPECT_THAT(handed_, ElementsAre(Pair("my p", "vmw3310"), Pair("", "vmw3311"),
                                   Pair("", "vmw3312")));
  handed_.clear();
  EXPECT_EQ(Post(R"({"task_id":null})").status, 200);
  EXPECT_EQ(Post(R"({"task_ids":[]})").status, 200);
  EXPECT_THAT(handed_, IsEmpty());
}

TEST_F(TasksRouteTest, SaysWhatBecameOfEachId) {
  verdicts_ = {
      {"known", Verdict::kKnown},           {"nothing", Verdict::kNothing},
      {"bad", Verdict::kMalformed},         {"whose", Verdict::kNoProject},
      {"nobody", Verdict::kUnknownProject}, {"full", Verdict::kFull},
      {"there", Verdict::kElsewhere}};
  const struct {
    const char* id;
    int status;
    const char* result;
  } kCases[] = {
      {"known", 200, "known"},    {"nothing", 200, "nothing to watch"},
      {"bad", 400, "refused"},    {"whose", 400, "refused"},
      {"nobody", 404, "refused"}, {"full", 503, "refused"},
      {"there", 404, "elsewhere"}};
  for (const auto& [id, status, result] : kCases) {
    const Response response = Post(json{{"task_id", id}}.dump());
    EXPECT_EQ(response.status, status) << id;
    const json told = Tree(response)["tasks"][0];
    EXPECT_EQ(told["task_id"], id);
    EXPECT_EQ(told["result"], result) << id;
    EXPECT_EQ(told.contains("error"), status >= 400) << id;
  }
  // The good ones of a list are taken whatever the others are.
  const Response mixed = Post(R"({"task_ids":["l3t1","bad","known"]})");
  EXPECT_EQ(mixed.status, 400);
  EXPECT_EQ(Tree(mixed)["tasks"][0]["result"], "added");
  EXPECT_EQ(Post(R"({"task_ids":["known","l3t1","known"]})").status, 202);
}

TEST_F(TasksRouteTest, RefusesWhatItCannotRead) {
  for (const char* body :
       {"", "{", "[]", "null", "7", "l3t1", "{}", R"({"project":"prod"})",
        R"({"task_id":7})", R"({"task_id":["l3t1"]})", R"({"task_ids":"l3t1"})",
        R"({"task_ids":[7]})", R"({"task_id":"l3t1","project":7})",
        R"({"task_id":"l3t1"} x)", "{\"task_id\":\"\xFF\"}"}) {
    const Response response = Post(body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_TRUE(Tree(response).contains("error")) << body;
  }
  EXPECT_EQ(Post(std::string(60'000, '[')).status, 400);
  EXPECT_THAT(handed_, IsEmpty());
}

TEST_F(TasksRouteTest, TakesNothingThatAPageOfAnotherSiteCanSend) {
  for (const char* type :
       {"", "text/plain", "application/x-www-form-urlencoded",
        "multipart/form-data"})
    EXPECT_EQ(Post(R"({"task_id":"l3t1"})", "", type).status, 415) << type;
  EXPECT_THAT(handed_, IsEmpty());
}

TEST_F(TasksRouteTest, RefusesAQueryThatItDoesNotKnow) {
  EXPECT_EQ(Post(R"({"task_id":"l3t1"})", "projekt=prod").status, 400);
  EXPECT_EQ(Post(R"({"task_id":"l3t1"})", "project=a&project=b").status, 400);
  EXPECT_EQ(Post(R"({"task_id":"l3t1"})", "project=%zz").status, 400);
  EXPECT_EQ(Answer({.query = "state=new"}).status, 400);
  EXPECT_THAT(handed_, IsEmpty());
}

TEST_F(TasksRouteTest, EchoesAnyTextSafely) {
  const std::string odd = std::string("\"<\n") + '\0' + "\u2028";
  verdicts_ = {{odd, Verdict::kMalformed}};
  const Response response = Post(json{{"task_id", odd}}.dump());
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(Tree(response)["tasks"][0]["task_id"], odd);
}

TEST_F(TasksRouteTest, ListsWhatIsWatched) {
  tasks::Ledger ledger;
  const WallTime noon(std::chrono::seconds(1'700'000'000));
  ledger.tasks.push_back(std::make_shared<const tasks::WatchedTask>(
      tasks::WatchedTask{.id = "l3t1", .added = noon}));
  ledger.tasks.push_back(std::make_shared<const tasks::WatchedTask>(
      tasks::WatchedTask{.id = "l3t2",
                         .added = noon,
                         .type = "CreateServer",
                         .state = "completed",
                         .progress_percent = 100,
                         .created = noon,
                         .completed = noon,
                         .resources = {{"server", "l3s1"}},
                         .outcome = tasks::Outcome::kCompleted,
                         .ended = noon}));
  lists_ = {{"prod", std::make_shared<const tasks::Ledger>(ledger)},
            {"test", std::make_shared<const tasks::Ledger>()}};
  const Response response = Answer({});
  EXPECT_EQ(response.status, 200);
  const json tree = Tree(response);
  ASSERT_EQ(tree["tasks"].size(), 2U);
  EXPECT_EQ(tree["tasks"][0]["task_id"], "l3t1");
  EXPECT_FALSE(tree["tasks"][0].contains("state"));
  EXPECT_EQ(tree["tasks"][1], json::parse(R"({
      "project":"prod","task_id":"l3t2","added":"2023-11-14T22:13:20Z",
      "type":"CreateServer","state":"completed","progress_ratio":1.0,
      "created":"2023-11-14T22:13:20Z","completed":"2023-11-14T22:13:20Z",
      "result":"completed","resources":[{"type":"server","id":"l3s1"}]})"));
  EXPECT_EQ(Tree(Answer({.query = "project=test"}))["tasks"].size(), 0U);
  EXPECT_EQ(Answer({.query = "project=nobody"}).status, 404);
}

TEST_F(TasksRouteTest, IsOffUnlessTurnedOn) {
  const Route off = MakeTasksRoute(Source(), false);
  const Response response = off.handler({.method = Method::kPost});
  EXPECT_EQ(response.status, 403);
  EXPECT_THAT(Text(response), testing::HasSubstr("--web.enable-task-api"));
  EXPECT_THAT(handed_, IsEmpty());
}

TEST_F(TasksRouteTest, WantsToKnowWhoAsks) {
  std::vector<Route> routes;
  routes.push_back(MakeTasksRoute(Source(), true));
  const Router router(std::move(routes));
  Request request{.method = Method::kPost, .path = "/api/v1/tasks"};
  Response refusal;
  EXPECT_EQ(router.Find(request, refusal), nullptr);
  EXPECT_EQ(refusal.status, 403);
  EXPECT_THAT(Text(refusal), testing::HasSubstr("--web.config.file"));
  request.authenticated = true;
  const Route* route = router.Find(request, refusal);
  ASSERT_NE(route, nullptr);
  EXPECT_EQ(route->max_body_bytes, 65'536U);
  EXPECT_TRUE(route->offload(request));
}

}  // namespace
}  // namespace serverspace::server
