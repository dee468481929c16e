#include "app/check_config.h"

#include <atomic>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "app/config_fixture.h"
#include "base/fake_clock.h"
#include "exporter/fake_transport.h"

namespace serverspace::app {
namespace {

using exporter::FakeTransport;

class CheckConfigTest : public testing::Test {
 protected:
  void Expect(const Report& report, const std::string& text) {
    EXPECT_NE(report.text.find(text), std::string::npos)
        << text << "\nis not in\n"
        << report.text;
    EXPECT_EQ(report.text.find(kTestKey), std::string::npos);
  }

  FakeClock clock_;
  FakeTransport transport_{clock_};
};

TEST_F(CheckConfigTest, AsksNothingOffline) {
  const Report report =
      CheckConfig(MakeConfig({"a", "b"}), 10, nullptr, clock_);
  EXPECT_EQ(report.status, 0);
  Expect(report, "the configuration is good\n");
  Expect(report, "a        a.example.com  10 assumed  2.00       ");
  Expect(report, "in all: 4.00 calls per minute, about ");
  Expect(report, "snapshots        off\n");
}

TEST_F(CheckConfigTest, TellsTheShard) {
  config::Config config = MakeConfig({"a"});
  Expect(CheckConfig(config, 10, nullptr, clock_),
         "shard         the only one\n");
  config.shard = {.index = 1, .count = 3};
  Expect(CheckConfig(config, 10, nullptr, clock_),
         "shard         1 of 3 (from 0)");
}

TEST_F(CheckConfigTest, ReadsEachProjectAndItsServersOnline) {
  std::atomic<int> requests = 0;
  transport_.Use([&](const http::Request& request) {
    ++requests;
    return FakeTransport::Ok(request);
  });
  const Report report =
      CheckConfig(MakeConfig({"a", "b"}), 10, &transport_, clock_);
  EXPECT_EQ(report.status, 0);
  EXPECT_EQ(requests, 4);
  Expect(report, "a        ok      318.07 USD  active  1\n");
  Expect(report, "a        a.example.com  1        2.00       ");
}

TEST_F(CheckConfigTest, SaysWhatIsWrongWithAKey) {
  transport_.Use([](const http::Request& request) {
    return request.base.host == "b.example.com" ? FakeTransport::Status(401)
                                                : FakeTransport::Ok(request);
  });
  const Report report =
      CheckConfig(MakeConfig({"a", "b"}), 10, &transport_, clock_);
  EXPECT_EQ(report.status, 1);
  Expect(report, "a        ok ");
  EXPECT_TRUE(
      report.text.starts_with("1 of 2 projects could not be read (see below)"));
  Expect(report,
         "b        auth: GET /project: HTTP 401; the API refuses the key\n");
  Expect(report, "b        b.example.com  10 assumed  2.00");
}

TEST_F(CheckConfigTest, TellsOfAClockThatIsWrong) {
  transport_.Use([&](const http::Request& request) {
    auto answer = FakeTransport::Ok(request).value();
    answer.date = request.base.host == "a.example.com"
                      ? "Thu, 01 Jan 1970 01:00:00 GMT"
                      : "";
    return FakeTransport::Answer(answer);
  });
  const Report report =
      CheckConfig(MakeConfig({"a", "b"}), 10, &transport_, clock_);
  EXPECT_EQ(report.status, 0);
  Expect(report, "clock of a.example.com: ");
  Expect(report, " s behind ours (one of the two is wrong");
  EXPECT_EQ(report.text.find("clock of b"), std::string::npos);
}

}  // namespace
}  // namespace serverspace::app
