#include "exporter/state_store.h"

#include <gtest/gtest.h>

namespace serverspace::exporter {
namespace {

TEST(MemoryStateTest, SaysAtOnceThatItKeptAndRemembersNothing) {
  MemoryState store;
  bool kept = false;
  store.SaveMoney("prod", {.project_id = "p1", .currency = "USD"},
                  [&kept] { kept = true; });
  EXPECT_TRUE(kept);
  EXPECT_EQ(store.LoadMoney("prod"), std::nullopt);
  store.SaveFirstSeen(
      "prod", {{"server", std::make_shared<const std::vector<SeenThing>>()}});
  EXPECT_TRUE(store.LoadFirstSeen("prod").empty());
  kept = false;
  store.SaveTasks("prod", std::make_shared<const tasks::Ledger>(),
                  [&kept] { kept = true; });
  EXPECT_TRUE(kept);
  EXPECT_TRUE(store.LoadTasks("prod")->tasks.empty());
  store.SaveTaskFiles(std::make_shared<const std::vector<tasks::FilePosition>>(
      std::vector<tasks::FilePosition>(1)));
  EXPECT_TRUE(store.LoadTaskFiles()->empty());
  EXPECT_FALSE(store.stats().persistent);
  EXPECT_EQ(store.stats().write_errors, 0U);
}

}  // namespace
}  // namespace serverspace::exporter
