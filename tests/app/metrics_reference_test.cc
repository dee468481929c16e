#include "app/metrics_reference.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "app/reference.h"
#include "base/file.h"
#include "collectors/registry.h"

namespace serverspace::app {
namespace {

class MetricsReferenceTest : public testing::Test {
 protected:
  bool Shows(std::string_view text) const {
    return reference_.find(text) != std::string::npos;
  }
  std::size_t Count(std::string_view text) const {
    std::size_t count = 0;
    for (std::size_t at = reference_.find(text); at != std::string::npos;
         at = reference_.find(text, at + 1))
      ++count;
    return count;
  }

  const std::string reference_ = MetricsReference();
};

TEST_F(MetricsReferenceTest, SaysAllOfAFamily) {
  EXPECT_TRUE(
      Shows("| `serverspace_server_volume_size_bytes` | gauge | bytes | "
            "`project`, `server_id`, `volume_id` | Size of the volume. |\n"));
  EXPECT_TRUE(
      Shows("| `serverspace_api_circuit_open` | gauge | 0 or 1 | `host` | "));
  EXPECT_TRUE(
      Shows("| `process_start_time_seconds` | gauge | seconds since 1970 |  "
            "| "));
  EXPECT_TRUE(
      Shows("| `serverspace_project_spend_total` | counter | currency units | "
            "`project`, `currency` | "));
  EXPECT_TRUE(Shows(
      "| `serverspace_project_balance_threshold` | gauge | currency units | "));
  EXPECT_TRUE(Shows(
      "| `serverspace_api_limiter_wait_seconds_total` | counter | seconds | "));
  EXPECT_TRUE(Shows(
      "| `serverspace_api_request_duration_seconds` | histogram | seconds | "));
  EXPECT_TRUE(Shows("| `serverspace_server_info` | info | always 1 | "));
  EXPECT_TRUE(Shows("| `serverspace_server_state` | gauge | 0 or 1 | "));
  EXPECT_TRUE(Shows("| `serverspace_servers` | gauge | number | "));
}

TEST_F(MetricsReferenceTest, SaysWhatEachCollectorCosts) {
  EXPECT_TRUE(Shows("| [`servers`](#servers) | on | 1m | 1 | "));
  EXPECT_TRUE(Shows("| [`backups`](#backups) | off | 15m | 2 per server | "));
  EXPECT_TRUE(
      Shows("| [`domains`](#domains) | on | 15m | 1 + 1 per domain | "));
}

TEST_F(MetricsReferenceTest, HasEveryFamilyOfEveryCollectorOnce) {
  for (const collectors::CollectorRow& row : collectors::AllCollectors()) {
    EXPECT_EQ(Count("\n## " + std::string(row.name) + "\n"), 1U) << row.name;
    const auto collector = row.make();
    for (const metrics::Desc* desc : collector->Describe()) {
      EXPECT_EQ(Count("\n| `" + std::string(desc->name) + "` |"), 1U)
          << desc->name;
    }
  }
}

TEST_F(MetricsReferenceTest, NamesWhoTellsOfOperations) {
  const std::size_t at =
      reference_.find("- `serverspace_operations_in_progress`: ");
  ASSERT_NE(at, std::string::npos);
  const std::string line =
      reference_.substr(at, reference_.find('\n', at) - at);
  for (const std::string_view name : {"`gateways`", "`servers`", "`vmware`"})
    EXPECT_NE(line.find(name), std::string::npos) << name;
  EXPECT_EQ(line.find("`ssh_keys`"), std::string::npos);
}

TEST_F(MetricsReferenceTest, IsThePageInDocs) {
  constexpr std::size_t kMostBytes = 1024 * 1024;
  const auto page = ReadFile(
      std::string(SERVERSPACE_TESTDATA) + "/../../docs/metrics.md", kMostBytes);
  ASSERT_TRUE(page.ok()) << page.error().message;
  const auto renewed = ReplaceGenerated(page.value(), reference_);
  ASSERT_TRUE(renewed);
  EXPECT_EQ(page.value(), *renewed)
      << "renew it: BUILD_DIR/bin/serverspace_generate_reference docs";
}

}  // namespace
}  // namespace serverspace::app
