#include "app/check_balance.h"

#include <algorithm>
#include <chrono>

#include <gtest/gtest.h>

#include "app/config_fixture.h"
#include "base/fake_clock.h"
#include "exporter/fake_transport.h"

namespace serverspace::app {
namespace {

using exporter::FakeTransport;

std::optional<Money> Amount(const char* text) { return Money::Parse(text); }

class CheckBalanceTest : public testing::Test {
 protected:
  void Answer(const std::string& balance, const std::string& currency = "EUR") {
    transport_.Use([this, balance, currency](const http::Request& request) {
      ++requests_;
      last_deadline_ = request.deadline;
      return FakeTransport::Body(R"({"project":{"id":1042,"balance":)" +
                                 balance + R"(,"currency":")" + currency +
                                 R"(","state":"Active"}})");
    });
  }
  Report Check(const char* warning, const char* critical) {
    return CheckBalance(
        config_,
        {.project = project_,
         .warning = warning ? Amount(warning) : std::nullopt,
         .critical = critical ? Amount(critical) : std::nullopt},
        transport_, clock_);
  }

  FakeClock clock_;
  FakeTransport transport_{clock_};
  config::Config config_ = MakeConfig({"prod"});
  std::optional<std::string> project_;
  int requests_ = 0;
  MonoTime last_deadline_{};
};

struct Case {
  const char* balance;
  const char* warning;
  const char* critical;
  int status;
  const char* text;
};

class CheckBalanceTableTest : public CheckBalanceTest,
                              public testing::WithParamInterface<Case> {};

TEST_P(CheckBalanceTableTest, SaysWhatTheThresholdsMean) {
  const Case& c = GetParam();
  Answer(c.balance);
  const Report report = Check(c.warning, c.critical);
  EXPECT_EQ(report.status, c.status);
  EXPECT_EQ(report.text, std::string(c.text) + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    Balances, CheckBalanceTableTest,
    testing::Values(
        Case{"318.07", "50", "10", 0,
             "BALANCE OK - 318.07 EUR | balance=318.07;50;10"},
        Case{"50", "50", "10", 0, "BALANCE OK - 50 EUR | balance=50;50;10"},
        Case{"49.99", "50", "10", 1,
             "BALANCE WARNING - 49.99 EUR | balance=49.99;50;10"},
        Case{"10", "50", "10", 1,
             "BALANCE WARNING - 10 EUR | balance=10;50;10"},
        Case{"9.999999", "50", "10", 2,
             "BALANCE CRITICAL - 9.999999 EUR | balance=9.999999;50;10"},
        Case{"-0.5", "50", "10", 2,
             "BALANCE CRITICAL - -0.5 EUR | balance=-0.5;50;10"},
        Case{"0", "0", "0", 0, "BALANCE OK - 0 EUR | balance=0;0;0"},
        Case{"-0.01", "0", "-5", 1,
             "BALANCE WARNING - -0.01 EUR | balance=-0.01;0;-5"},
        Case{"-5", "0", "-5", 1, "BALANCE WARNING - -5 EUR | balance=-5;0;-5"},
        Case{"-5.01", "0", "-5", 2,
             "BALANCE CRITICAL - -5.01 EUR | balance=-5.01;0;-5"},
        Case{"1229549.07", nullptr, "10", 0,
             "BALANCE OK - 1229549.07 EUR | balance=1229549.07;;10"},
        Case{"3", "5", nullptr, 1, "BALANCE WARNING - 3 EUR | balance=3;5;"},
        Case{"3", "5", "10", 3,
             "BALANCE UNKNOWN - the warning threshold is below the critical "
             "one"},
        Case{"3", nullptr, nullptr, 3,
             "BALANCE UNKNOWN - no threshold: give --warning and "
             "--critical"}));

TEST_F(CheckBalanceTest, AsksOnceWithinTenSeconds) {
  Answer("100");
  Check("50", "10");
  EXPECT_EQ(requests_, 1);
  EXPECT_EQ(last_deadline_, clock_.Mono() + std::chrono::seconds(10));
}

TEST_F(CheckBalanceTest, KnowsNothingAfterAnError) {
  struct {
    FakeTransport::Answer answer;
    std::string text;
  } const cases[] = {
      {FakeTransport::Status(401, R"({"secret":1})"),
       "auth: GET /project: HTTP 401; the API refuses the key"},
      {FakeTransport::Status(503), "server_error: GET /project: HTTP 503"},
      {http::TransportError{{ErrorCode::kNetwork, "connection refused"}},
       "network: GET /project: connection refused"}};
  for (const auto& [answer, text] : cases) {
    int requests = 0;
    transport_.Use([&, &answer = answer](const http::Request&) {
      ++requests;
      return answer;
    });
    const Report report = Check("50", "10");
    EXPECT_EQ(report.status, 3);
    EXPECT_EQ(report.text, "BALANCE UNKNOWN - " + text + "\n");
    EXPECT_EQ(requests, 1);
  }
}

TEST_F(CheckBalanceTest, KnowsNothingAfterAnUnreadableAnswer) {
  transport_.Use([](const http::Request&) {
    return FakeTransport::Body("<html>| not an API</html>");
  });
  const Report report = Check("50", "10");
  EXPECT_EQ(report.status, 3);
  EXPECT_TRUE(report.text.starts_with("BALANCE UNKNOWN - bad_response: "));
  EXPECT_EQ(report.text.find("html"), std::string::npos);
  EXPECT_EQ(report.text.find('|'), std::string::npos);
}

TEST_F(CheckBalanceTest, TakesThresholdsFromTheConfiguration) {
  config_.balance_by_currency["EUR"] = {Amount("40"), Amount("20")};
  Answer("30");
  EXPECT_EQ(Check(nullptr, nullptr).text,
            "BALANCE WARNING - 30 EUR | balance=30;40;20\n");
  config_.projects[0].balance.critical = Amount("35");
  EXPECT_EQ(Check(nullptr, nullptr).text,
            "BALANCE CRITICAL - 30 EUR | balance=30;40;35\n");
  EXPECT_EQ(Check("10", "5").text, "BALANCE OK - 30 EUR | balance=30;10;5\n");
  Answer("30", "USD");
  config_.projects[0].balance = {};
  EXPECT_EQ(Check(nullptr, nullptr).status, 3);
}

TEST_F(CheckBalanceTest, WantsToKnowWhichOfSeveralProjects) {
  config_ = MakeConfig({"a", "b"});
  Answer("100");
  EXPECT_EQ(Check("50", "10").status, 3);
  EXPECT_EQ(requests_, 0);
  project_ = "b";
  EXPECT_EQ(Check("50", "10").status, 0);
  project_ = "c";
  EXPECT_EQ(Check("50", "10").text,
            "BALANCE UNKNOWN - no project has the name of --project\n");
}

TEST_F(CheckBalanceTest, KnowsNothingInAShardWithoutProjects) {
  config_ = MakeConfig({});
  EXPECT_EQ(Check("50", "10").text,
            "BALANCE UNKNOWN - this shard has no project\n");
}

TEST_F(CheckBalanceTest, KeepsToOneLineWhateverTheReason) {
  EXPECT_EQ(BalanceUnknown("a|b\nc\n").text, "BALANCE UNKNOWN - a/b c\n");
}

}  // namespace
}  // namespace serverspace::app
