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

TEST(InventoryTest, KeepsAListThatSaysTheSame) {
  Inventory inventory;
  inventory.Replace({Named("l1s1")});
  const Inventory::Servers first = inventory.servers();
  inventory.Replace({Named("l1s1")});
  EXPECT_EQ(inventory.servers(), first);
  InventoryServer off = Named("l1s1");
  off.power_on = false;
  inventory.Replace({off});
  EXPECT_NE(inventory.servers(), first);
}

TEST(InventoryTest, KeepsVmwareServersApart) {
  Inventory inventory;
  EXPECT_EQ(inventory.vmware_servers(), nullptr);
  inventory.Replace({Named("l1s1")});
  inventory.ReplaceVmware({Named("7"), Named("8")});
  EXPECT_EQ(inventory.servers()->size(), 1U);
  EXPECT_EQ(inventory.vmware_servers()->size(), 2U);
  inventory.ClearVmware();
  EXPECT_EQ(inventory.vmware_servers(), nullptr);
  EXPECT_NE(inventory.servers(), nullptr);
}

TEST(InventoryTest, LeavesAListWithWhoeverHoldsIt) {
  Inventory inventory;
  inventory.Replace({Named("l1s1")});
  const Inventory::Servers held = inventory.servers();
  inventory.Replace({});
  ASSERT_EQ(held->size(), 1U);
  EXPECT_EQ(held->front().id, "l1s1");
}

TEST(InventoryTest, ForgetsTheListsOfAnotherProject) {
  Inventory inventory;
  inventory.SetProject("1001", "active");
  inventory.Replace({{.id = "l1s1"}});
  inventory.ReplaceVmware({{.id = "7"}});
  inventory.SetProject("1001", "blocked");
  EXPECT_EQ(inventory.moves(), 0);
  EXPECT_NE(inventory.servers(), nullptr);
  EXPECT_NE(inventory.vmware_servers(), nullptr);
  inventory.SetProject("1002", "active");
  EXPECT_EQ(inventory.moves(), 1);
  EXPECT_EQ(inventory.servers(), nullptr);
  EXPECT_EQ(inventory.vmware_servers(), nullptr);
  EXPECT_EQ(inventory.project_state(), "active");
}

}  // namespace
}  // namespace serverspace::collectors
