#include <array>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdio.h>
#include <stdlib.h>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "metrics/page_store.h"
#include "metrics/page_testing.h"
#include "metrics/process_metrics.h"
#include "metrics/sample_set.h"
#include "metrics/self_metrics.h"

namespace serverspace::metrics {
namespace {

using namespace std::string_literals;

constexpr Desc kUp{
    "serverspace_up", Type::kGauge, "Whether the last read succeeded.", {}};
constexpr Desc kInfo{"serverspace_server_info",
                     Type::kInfo,
                     "A server, \"quoted\" \\ and\nbroken.",
                     {"server_id", "name"}};
constexpr Desc kState{"serverspace_server_state",
                      Type::kGauge,
                      "State of a server.",
                      {"server_id", "state"}};
constexpr Desc kSpend{"serverspace_project_spend_total",
                      Type::kCounter,
                      "Money spent.",
                      {"currency"}};
constexpr Desc kCreated{"serverspace_server_created_timestamp_seconds",
                        Type::kGauge,
                        "When it was made.",
                        {"server_id"}};
constexpr Desc kRatio{
    "serverspace_task_progress_ratio", Type::kGauge, "Progress.", {}};
constexpr Desc kDuration{"serverspace_api_request_duration_seconds",
                         Type::kHistogram,
                         "Time of a request.",
                         {"route"}};
constexpr Desc kRequests{"serverspace_api_requests_total",
                         Type::kCounter,
                         "Requests.",
                         {"route", "code"}};
constexpr std::array<std::string_view, 2> kStates = {"new", "active"};

struct Outcome {
  int status;
  std::string output;
};

/// A page that shows all types and all kinds of values, read by the tools that
/// the formats' authors wrote. A tool that is not installed is a failure: these
/// are the judges.
class PageLintTest : public testing::Test {
 protected:
  PageLintTest() {
    std::string path = testing::TempDir() + "page-XXXXXX";
    directory_ = ::mkdtemp(path.data());
    for (const std::string project : {"plain", "ho\"s\\t\nile\0\xFF"}) {
      SampleSet set(project);
      set.Add(kUp, {}, 1);
      for (const std::string& name :
           {"web"s, "a\"b"s, "a\\"s, "a\nb"s, "nul\0l"s, "\xFF\xFE"s,
            "} 1 # {"s, "服务器"s, "tab\tcr\r"s, "\x7F\x1B"s, "\xE2\x80\xA8"s})
        set.Add(kInfo, {"l1s1", name}, 1);
      set.AddStates(kState, {"l1s1"}, "odd", kStates);
      set.Add(kSpend, {"USD"}, Money::FromMicros(1'229'549'070'000));
      set.Add(kCreated, {"l1s1"},
              WallTime(std::chrono::nanoseconds(1'700'000'000'123'456'789)));
      int i = 0;
      for (const double value :
           {0.0, 1e22, 5e-324, -0.25, 1e-7, HUGE_VAL, -HUGE_VAL})
        set.Add(kCreated, {"v" + std::to_string(i++)}, value);
      set.Add(kRatio, {}, 0.1);
      store_.Put(project, "servers", std::move(set).Render());
    }
    SelfMetrics own;
    constexpr std::array kBounds = {0.00001, 0.05, 1.0, 10.0, 1e6};
    own.GetHistogram(kDuration, {"/servers/{id}"}, kBounds).Observe(0.3);
    own.GetHistogram(kDuration, {"/project"}, kBounds);
    own.GetCounter(kRequests, {"/project", "200"}).Increment();
    store_.Put("", "exporter", own.Render());
    store_.Put("", "process", ProcessMetrics().Render());
    store_.Rebuild();
    page_ = store_.Current();
  }
  ~PageLintTest() override { std::filesystem::remove_all(directory_); }

  std::string Write(Format format) const {
    const std::string path = directory_ / "page";
    std::ofstream(path, std::ios::binary)
        << Join(page_->Get(format, Encoding::kIdentity));
    return path;
  }

  static Outcome Run(const std::string& command) {
    Outcome outcome{-1, {}};
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr) return outcome;
    for (int c = ::fgetc(pipe); c != EOF; c = ::fgetc(pipe))
      outcome.output += static_cast<char>(c);
    outcome.status = ::pclose(pipe);
    return outcome;
  }

  PageStore store_;
  std::shared_ptr<const Page> page_;
  std::filesystem::path directory_;
};

TEST_F(PageLintTest, PromtoolHasNothingToSay) {
  const Outcome outcome =
      Run("promtool check metrics < " + Write(Format::kText));
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.output, "");
}

TEST_F(PageLintTest, TheStrictOpenMetricsParserReadsEverySample) {
  // Debian's interpreter by its path: another one in PATH has no such module.
  const Outcome outcome =
      Run("/usr/bin/python3 -c '"
          "import sys\n"
          "from prometheus_client.openmetrics import parser\n"
          "page = open(sys.argv[1], newline=\"\", encoding=\"utf-8\").read()\n"
          "families = list(parser.text_string_to_metric_families(page))\n"
          "print(sum(len(family.samples) for family in families))\n"
          "' " +
          Write(Format::kOpenMetrics));
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.output, std::to_string(page_->series()) + "\n");
}

}  // namespace
}  // namespace serverspace::metrics
