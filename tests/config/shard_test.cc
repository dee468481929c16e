#include "config/shard.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace serverspace::config {
namespace {

constexpr int kProjects = 12'000;

std::string Name(int project) { return "customer-" + std::to_string(project); }

/// The one shard of `count` that owns the project; -1 if it is not one.
int Owner(const std::string& project, int count) {
  int owner = -1;
  for (int i = 0; i < count; ++i) {
    if (!Owns({.index = i, .count = count}, project)) continue;
    if (owner >= 0) return -1;
    owner = i;
  }
  return owner;
}

TEST(ShardTest, OwnsAllIfThereIsNoOther) {
  EXPECT_TRUE(Owns({}, "production"));
  EXPECT_TRUE(Owns({}, ""));
}

TEST(ShardTest, OwnsItsShareAndNoProjectTwice) {
  for (const int count : {2, 3, 7}) {
    std::vector<int> sizes(static_cast<std::size_t>(count));
    for (int project = 0; project < kProjects; ++project) {
      const int owner = Owner(Name(project), count);
      ASSERT_GE(owner, 0) << Name(project);
      ++sizes[static_cast<std::size_t>(owner)];
    }
    for (const int size : sizes)
      EXPECT_NEAR(size, 1.0 * kProjects / count, 0.06 * kProjects / count)
          << count;
  }
}

TEST(ShardTest, MovesToANewShardOnlyAndOnlyItsShare) {
  for (const int count : {1, 3, 9}) {
    int moved = 0;
    for (int project = 0; project < kProjects; ++project) {
      const int before = Owner(Name(project), count);
      const int after = Owner(Name(project), count + 1);
      if (before == after) continue;
      ++moved;
      EXPECT_EQ(after, count) << Name(project);
    }
    const double share = 1.0 * kProjects / (count + 1);
    EXPECT_NEAR(moved, share, 0.08 * share) << count;
  }
}

TEST(ShardTest, SharesOutAsEveryVersionDoes) {
  // Replicas of two versions run side by side during an update.
  std::string owners;
  for (const char* name : {"production", "staging", "default", "a", "b",
                           "customer-1", "customer-2", "\xd0\xb6"})
    owners += std::to_string(Owner(name, 5)) + " ";
  EXPECT_EQ(owners, "0 0 1 1 4 4 4 2 ");
}

TEST(ShardIndexOfHostTest, IsTheNumberAtTheEnd) {
  for (const auto& [host, index] : std::vector<std::pair<std::string, int>>{
           {"exporter-3", 3},
           {"exporter-0", 0},
           {"my-exporter-12", 12},
           {"exporter-7.exporter.monitoring.svc.example.com", 7},
           {"exporter-007", 7}}) {
    const auto found = ShardIndexOfHost(host);
    ASSERT_TRUE(found.ok()) << host;
    EXPECT_EQ(found.value(), index) << host;
  }
}

TEST(ShardIndexOfHostTest, SaysWhatItNeeds) {
  for (const std::string host :
       {"exporter", "exporter-", "exporter-a", "exporter3", "7", "exporter-1a",
        "exporter-+1", "exporter-99999999999", "", "exporter.a-1", "a--"}) {
    const auto found = ShardIndexOfHost(host);
    ASSERT_FALSE(found.ok()) << host;
    EXPECT_TRUE(found.error().message.starts_with(
        "auto needs a host name that ends in a dash and a number"));
    EXPECT_NE(found.error().message.find('"' + host.substr(0, host.find('.'))),
              std::string::npos)
        << found.error().message;
  }
}

}  // namespace
}  // namespace serverspace::config
