#include "collectors/server_walk.h"

#include <set>

#include "collectors/collector_fixture.h"

namespace serverspace::collectors {
namespace {

class ServerWalkTest : public CollectorFixture {
 protected:
  using Ids = std::vector<std::string>;

  void Know(const Ids& ids) {
    std::vector<InventoryServer> servers;
    for (const std::string& id : ids) servers.push_back({.id = id});
    inventory_.Replace(std::move(servers));
  }
  void List(const Ids& ids) {
    client_.servers =
        [this, ids](const api::Call&) -> Result<std::vector<api::Server>> {
      ++lists_;
      std::vector<api::Server> servers;
      for (const std::string& id : ids) servers.emplace_back().id = id;
      return servers;
    };
  }
  Result<void> Walk(std::size_t calls_per_server = 1) {
    return ForEachServer(MakeRun(), calls_per_server,
                         [&](const std::string& id) -> Result<void> {
                           asked_.push_back(id);
                           if (id == failing_) return failure_;
                           if (missing_.contains(id))
                             return Error{ErrorCode::kNotFound, "no " + id};
                           return {};
                         });
  }

  Ids asked_;
  std::set<std::string> missing_;
  std::string failing_;
  Error failure_{ErrorCode::kServerError, "GET: HTTP 500"};
  int lists_ = 0;
};

TEST_F(ServerWalkTest, ReadsTheServersThatAreKnown) {
  Know({"a", "b", "c"});
  EXPECT_TRUE(Walk().ok());
  EXPECT_EQ(asked_, (Ids{"a", "b", "c"}));
}

TEST_F(ServerWalkTest, AsksForTheListWhileThereIsNone) {
  List({"a", "b"});
  EXPECT_TRUE(Walk().ok());
  EXPECT_EQ(asked_, (Ids{"a", "b"}));
  EXPECT_EQ(lists_, 1);
}

TEST_F(ServerWalkTest, TakesAMissingListForNoEmptyProject) {
  client_.servers = [](const api::Call&) -> Result<std::vector<api::Server>> {
    return Error{ErrorCode::kNetwork, "GET /servers: unreachable"};
  };
  const auto walked = Walk();
  ASSERT_FALSE(walked.ok());
  EXPECT_EQ(walked.error().code, ErrorCode::kNetwork);
}

TEST_F(ServerWalkTest, HasNothingToDoInAnEmptyProject) {
  Know({});
  EXPECT_TRUE(Walk().ok());
  EXPECT_TRUE(asked_.empty());
}

TEST_F(ServerWalkTest, PassesOverAServerThatVanished) {
  Know({"a", "b", "c"});
  missing_ = {"b", "c"};
  EXPECT_TRUE(Walk().ok());
  EXPECT_EQ(asked_, (Ids{"a", "b", "c"}));
}

TEST_F(ServerWalkTest, PassesOverTheFirstServerThatVanished) {
  Know({"a", "b", "c"});
  missing_ = {"a", "b"};
  List({"c"});
  EXPECT_TRUE(Walk().ok());
  EXPECT_EQ(asked_, (Ids{"a", "c"}));
  EXPECT_EQ(lists_, 1);
}

TEST_F(ServerWalkTest, PassesOverAllServersIfTheyVanished) {
  Know({"a", "b"});
  missing_ = {"a", "b"};
  List({});
  EXPECT_TRUE(Walk().ok());
  EXPECT_EQ(lists_, 1);
}

TEST_F(ServerWalkTest, ReadsTheServersThatCameForThoseThatVanished) {
  Know({"a", "b"});
  missing_ = {"a", "b"};
  List({"c", "d"});
  EXPECT_TRUE(Walk().ok());
  EXPECT_EQ(asked_, (Ids{"a", "c", "d"}));
  EXPECT_EQ(lists_, 1);
}

TEST_F(ServerWalkTest, DoesNotBeginALongerListThatItCannotEnd) {
  Know({"a"});
  missing_ = {"a"};
  List({"b", "c", "d"});
  budget_.calls = 2;
  const auto walked = Walk();
  ASSERT_FALSE(walked.ok());
  EXPECT_EQ(walked.error().code, ErrorCode::kTooManyCalls);
  EXPECT_EQ(asked_, (Ids{"a"}));
}

TEST_F(ServerWalkTest, TellsAMissingRouteFromAServerThatVanished) {
  Know({"a", "b", "c"});
  missing_ = {"a", "b", "c"};
  List({"a", "b", "c"});
  const auto walked = Walk();
  ASSERT_FALSE(walked.ok());
  EXPECT_EQ(walked.error().code, ErrorCode::kNotFound);
  // It does not take a call per server to know.
  EXPECT_EQ(asked_, (Ids{"a"}));
}

TEST_F(ServerWalkTest, FailsWhereItCannotTell) {
  Know({"a"});
  missing_ = {"a"};
  client_.servers = [](const api::Call&) -> Result<std::vector<api::Server>> {
    return Error{ErrorCode::kTimeout, "GET /servers: timed out"};
  };
  const auto walked = Walk();
  ASSERT_FALSE(walked.ok());
  EXPECT_EQ(walked.error().code, ErrorCode::kTimeout);
}

TEST_F(ServerWalkTest, EndsWithTheFirstErrorOfAServer) {
  Know({"a", "b", "c"});
  failing_ = "b";
  const auto walked = Walk();
  ASSERT_FALSE(walked.ok());
  EXPECT_EQ(walked.error().message, failure_.message);
  EXPECT_EQ(asked_, (Ids{"a", "b"}));
}

TEST_F(ServerWalkTest, DoesNotBeginWhatItCannotEnd) {
  Know({"a", "b", "c"});
  budget_.calls = 5;
  const auto walked = Walk(2);
  ASSERT_FALSE(walked.ok());
  EXPECT_EQ(walked.error().code, ErrorCode::kTooManyCalls);
  EXPECT_TRUE(asked_.empty());
  budget_.calls = 6;
  EXPECT_TRUE(Walk(2).ok());
}

}  // namespace
}  // namespace serverspace::collectors
