#include "metrics/self_metrics.h"

#include <array>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace serverspace::metrics {
namespace {

constexpr Desc kErrors{
    "errors_total", Type::kCounter, "Errors.", {"project", "reason"}};
constexpr Desc kRetries{"retries_total", Type::kCounter, "Retries.", {}};
constexpr Desc kBuild{"build_info", Type::kInfo, "Build.", {"version"}};
constexpr Desc kOpen{"open", Type::kGauge, "Open.", {"host"}};
constexpr Desc kDuration{
    "duration_seconds", Type::kHistogram, "Took.", {"route"}};
constexpr std::array kBounds = {0.5, 1.0, 10.0};

TEST(SelfMetricsTest, RendersFamiliesByNameAndSeriesByLabels) {
  SelfMetrics metrics;
  metrics.GetCounter(kErrors, {"b", "auth"}).Increment(2);
  metrics.GetCounter(kErrors, {"a", "tls"});
  metrics.GetCounter(kErrors, {"a", "auth"}).Increment();
  metrics.GetGauge(kBuild, {"1.0"}).Set(1);
  Gauge open = metrics.GetGauge(kOpen, {"api.example.com"});
  open.Set(3);
  open.Increment(-0.5);
  metrics.GetCounter(kRetries, {});
  EXPECT_EQ(metrics.Render().ToString(),
            "build_info{version=\"1.0\"} 1\n"
            "errors_total{project=\"a\",reason=\"auth\"} 1\n"
            "errors_total{project=\"a\",reason=\"tls\"} 0\n"
            "errors_total{project=\"b\",reason=\"auth\"} 2\n"
            "open{host=\"api.example.com\"} 2.5\n"
            "retries_total 0\n");
}

TEST(SelfMetricsTest, RendersHistograms) {
  SelfMetrics metrics;
  Histogram duration = metrics.GetHistogram(kDuration, {"/servers"}, kBounds);
  for (const double seconds : {0.25, 0.5, 0.75, 20.0})
    duration.Observe(seconds);
  EXPECT_EQ(metrics.Render().ToString(),
            "duration_seconds_bucket{route=\"/servers\",le=\"0.5\"} 2\n"
            "duration_seconds_bucket{route=\"/servers\",le=\"1.0\"} 3\n"
            "duration_seconds_bucket{route=\"/servers\",le=\"10.0\"} 3\n"
            "duration_seconds_bucket{route=\"/servers\",le=\"+Inf\"} 4\n"
            "duration_seconds_sum{route=\"/servers\"} 21.5\n"
            "duration_seconds_count{route=\"/servers\"} 4\n");
}

TEST(SelfMetricsTest, HandlesOfOneSeriesCountTogether) {
  SelfMetrics metrics;
  metrics.GetCounter(kRetries, {}).Increment();
  Counter copy = metrics.GetCounter(kRetries, {});
  copy.Increment();
  copy.Increment(-5);
  EXPECT_EQ(metrics.Render().ToString(), "retries_total 2\n");
}

TEST(SelfMetricsTest, EscapesLabelValues) {
  SelfMetrics metrics;
  metrics.GetGauge(kOpen, {"a\"\n\\\xFF"}).Set(1);
  metrics.GetGauge(kOpen, {"a\"\n\\\xFE"}).Set(2);
  EXPECT_EQ(metrics.Render().ToString(),
            "open{host=\"a\\\"\\n\\\\\xEF\xBF\xBD\"} 2\n");
}

TEST(SelfMetricsTest, RemovesSeriesOfAProject) {
  SelfMetrics metrics;
  Counter counter = metrics.GetCounter(kErrors, {"a", "auth"});
  metrics.GetCounter(kErrors, {"a", "tls"});
  metrics.GetCounter(kErrors, {"b", "auth"});
  metrics.GetGauge(kOpen, {"a"});
  metrics.RemoveProject("a");
  counter.Increment();  // a run that was under way may still count
  EXPECT_EQ(
      metrics.Render().ToString(),
      "errors_total{project=\"b\",reason=\"auth\"} 0\nopen{host=\"a\"} 0\n");
  metrics.GetCounter(kErrors, {"a", "auth"});
  EXPECT_TRUE(metrics.Render().ToString().starts_with(
      "errors_total{project=\"a\",reason=\"auth\"} 0\n"));
}

TEST(SelfMetricsTest, RemovesASeries) {
  SelfMetrics metrics;
  metrics.GetGauge(kOpen, {"a"});
  metrics.GetGauge(kOpen, {"b"});
  metrics.Remove(kOpen, {"a"});
  metrics.Remove(kOpen, {"unknown"});
  metrics.Remove(kRetries, {});
  EXPECT_EQ(metrics.Render().ToString(), "open{host=\"b\"} 0\n");
}

TEST(SelfMetricsTest, RefusesWhatDoesNotFitTheDescriptor) {
  constexpr Desc kBad{"retries", Type::kCounter, "Retries.", {}};
  SelfMetrics metrics;
  EXPECT_THROW(metrics.GetCounter(kOpen, {"a"}), std::logic_error);
  EXPECT_THROW(metrics.GetGauge(kRetries, {}), std::logic_error);
  EXPECT_THROW(metrics.GetHistogram(kOpen, {"a"}, kBounds), std::logic_error);
  EXPECT_THROW(metrics.GetCounter(kErrors, {"a"}), std::logic_error);
  EXPECT_THROW(metrics.GetCounter(kBad, {}), std::logic_error);
  EXPECT_TRUE(metrics.Render().empty());
}

TEST(SelfMetricsTest, ThreadsMayShareIt) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 2'000;
  SelfMetrics metrics;
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&metrics, t] {
      const std::string project = std::to_string(t);
      Counter shared = metrics.GetCounter(kRetries, {});
      Histogram duration = metrics.GetHistogram(kDuration, {"/"}, kBounds);
      for (int i = 0; i < kRounds; ++i) {
        shared.Increment();
        duration.Observe(i);
        if (i % 100 != 0) continue;
        metrics.GetCounter(kErrors, {project, "auth"}).Increment();
        metrics.Render();
        metrics.RemoveProject(project);
      }
    });
  }
  threads.clear();
  const std::string text = metrics.Render().ToString();
  EXPECT_NE(text.find("duration_seconds_count{route=\"/\"} 8000\n"),
            std::string::npos);
  EXPECT_TRUE(text.ends_with("retries_total 8000\n"));
}

}  // namespace
}  // namespace serverspace::metrics
