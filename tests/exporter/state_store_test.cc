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
}

}  // namespace
}  // namespace serverspace::exporter
