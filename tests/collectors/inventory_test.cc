#include "collectors/inventory.h"

#include <gtest/gtest.h>

namespace serverspace::collectors {
namespace {

InventoryServer Named(const std::string& id) {
  InventoryServer server;
  server.id = id;
  return server;
}

TEST(InventoryTest, HasNoListBeforeTheFirst) {
  EXPECT_EQ(Inventory().servers(), nullptr);
}

TEST(InventoryTest, TellsAnEmptyListFromNone) {
  Inventory inventory;
  inventory.Replace({});
  ASSERT_NE(inventory.servers(), nullptr);
  EXPECT_TRUE(inventory.servers()->empty());
}

TEST(InventoryTest, ReplacesTheWholeList) {
  Inventory inventory;
  inventory.Replace({Named("l1s1"), Named("l1s2")});
  inventory.Replace({Named("l1s3")});
  ASSERT_EQ(inventory.servers()->size(), 1U);
  EXPECT_EQ(inventory.servers()->front().id, "l1s3");
}

TEST(InventoryTest, LeavesAListWithWhoeverHoldsIt) {
  Inventory inventory;
  inventory.Replace({Named("l1s1")});
  const Inventory::Servers held = inventory.servers();
  inventory.Replace({});
  ASSERT_EQ(held->size(), 1U);
  EXPECT_EQ(held->front().id, "l1s1");
}

}  // namespace
}  // namespace serverspace::collectors
