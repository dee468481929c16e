#include "collectors/server_addresses.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace serverspace::collectors {
namespace {

using std::string_view_literals::operator""sv;

ServerAddresses Choose(std::vector<AddressCandidate> candidates) {
  return ChooseAddresses(candidates);
}

TEST(ChooseAddressesTest, GoesByWhereTheNetworkLeads) {
  // Not by what the address looks like: a public network may hand out anything.
  const ServerAddresses addresses = Choose(
      {{.nic_id = "1", .address = "10.0.0.1", .reach = Reach::kPublic},
       {.nic_id = "2", .address = "203.0.113.9", .reach = Reach::kPrivate}});
  EXPECT_EQ(addresses.public_ip, "10.0.0.1");
  EXPECT_EQ(addresses.private_ip, "203.0.113.9");
}

TEST(ChooseAddressesTest, HasNoneWithoutANic) {
  EXPECT_EQ(Choose({}).public_ip, "");
  EXPECT_EQ(Choose({}).private_ip, "");
}

TEST(ChooseAddressesTest, KeepsTheOldestWhenOthersAreAdded) {
  const AddressCandidate old = {
      .nic_id = "9999", .address = "203.0.113.1", .reach = Reach::kPublic};
  const AddressCandidate added = {
      .nic_id = "10000", .address = "203.0.113.0", .reach = Reach::kPublic};
  EXPECT_EQ(Choose({old, added}).public_ip, "203.0.113.1");
  EXPECT_EQ(Choose({added, old}).public_ip, "203.0.113.1");
}

TEST(ChooseAddressesTest, PrefersThePrimary) {
  EXPECT_EQ(
      Choose({{.nic_id = "1", .address = "10.0.0.1", .reach = Reach::kPrivate},
              {.nic_id = "2",
               .address = "10.0.0.2",
               .reach = Reach::kPrivate,
               .primary = true}})
          .private_ip,
      "10.0.0.2");
}

TEST(ChooseAddressesTest, GoesByTheAddressWhereNothingElseTells) {
  const struct {
    std::string_view address;
    bool is_private;
  } kCases[] = {{"10.0.0.0", true},        {"10.255.255.255", true},
                {"9.255.255.255", false},  {"11.0.0.0", false},
                {"172.15.255.255", false}, {"172.16.0.0", true},
                {"172.31.255.255", true},  {"172.32.0.0", false},
                {"192.168.0.1", true},     {"192.167.255.255", false},
                {"192.169.0.0", false},    {"100.64.0.1", true},
                {"100.63.255.255", false}, {"100.127.255.255", true},
                {"100.128.0.0", false},    {"203.0.113.1", false},
                {"223.255.255.255", false}};
  for (const auto& test : kCases) {
    const ServerAddresses addresses =
        Choose({{.nic_id = "1", .address = test.address}});
    EXPECT_EQ(addresses.private_ip, test.is_private ? test.address : "");
    EXPECT_EQ(addresses.public_ip, test.is_private ? "" : test.address);
  }
}

TEST(ChooseAddressesTest, PassesOverWhatNoServerHas) {
  for (const std::string_view address : {""sv,
                                         "null"sv,
                                         "None"sv,
                                         "example.com"sv,
                                         "203.0.113"sv,
                                         "203.0.113.1.2"sv,
                                         "203.0.113.256"sv,
                                         "203.0.113.-1"sv,
                                         "203.0.113.1 "sv,
                                         " 203.0.113.1"sv,
                                         "203.0.113.01"sv,
                                         "0xcb.0.113.1"sv,
                                         "203.0.113.1/24"sv,
                                         "203.0.113.1:22"sv,
                                         "203.0.113.1\n"sv,
                                         "203.0.113.1\0"sv,
                                         "203.0.113.1\0.evil"sv,
                                         "3405803777"sv,
                                         "2001:db8::1"sv,
                                         "::ffff:203.0.113.1"sv,
                                         "[2001:db8::1]"sv,
                                         "203.0.113.1,203.0.113.2"sv,
                                         "\xD9\xA1.0.0.1"sv,
                                         "0.0.0.0"sv,
                                         "0.1.2.3"sv,
                                         "127.0.0.1"sv,
                                         "127.255.255.255"sv,
                                         "169.254.169.254"sv,
                                         "224.0.0.1"sv,
                                         "239.1.1.1"sv,
                                         "240.0.0.1"sv,
                                         "255.255.255.255"sv}) {
    for (const Reach reach :
         {Reach::kPublic, Reach::kPrivate, Reach::kUnknown}) {
      const ServerAddresses addresses =
          Choose({{.nic_id = "1", .address = address, .reach = reach}});
      EXPECT_EQ(addresses.public_ip, "") << address;
      EXPECT_EQ(addresses.private_ip, "") << address;
    }
  }
}

TEST(ChooseAddressesTest, TakesTheNextWhereTheFirstHasNone) {
  EXPECT_EQ(
      Choose(
          {{.nic_id = "1", .address = "", .reach = Reach::kPublic},
           {.nic_id = "2",
            .address = "2001:db8::1",
            .reach = Reach::kPublic,
            .primary = true},
           {.nic_id = "3", .address = "203.0.113.3", .reach = Reach::kPublic}})
          .public_ip,
      "203.0.113.3");
}

}  // namespace
}  // namespace serverspace::collectors
