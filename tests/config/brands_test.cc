#include "config/brands.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace serverspace::config {
namespace {

TEST(BrandsTest, FindsTheAddressByTheFirstTwoCharacters) {
  const auto url = FindBrandUrl("04aaaaaaaaaa");
  ASSERT_TRUE(url);
  EXPECT_EQ(*url, (HttpsUrl{"api.serverspace.io", 443, ""}));
}

TEST(BrandsTest, IgnoresTheCaseOfThePrefix) {
  ASSERT_TRUE(FindBrandUrl("0Axx"));
  EXPECT_EQ(FindBrandUrl("0Axx"), FindBrandUrl("0axx"));
  EXPECT_EQ(FindBrandUrl("0Fxx")->host, "api.itglobal.com");
}

TEST(BrandsTest, KnowsNothingOfOtherPrefixes) {
  for (const char* key : {"", "0", "4", "03xx", "zzxx", "x04xx"})
    EXPECT_FALSE(FindBrandUrl(key)) << key;
}

TEST(BrandsTest, EveryRowIsSortedUniqueAndAValidAddress) {
  const auto brands = Brands();
  EXPECT_EQ(brands.size(), 17U);
  EXPECT_EQ(std::ranges::adjacent_find(brands, std::ranges::greater_equal(),
                                       &Brand::prefix),
            brands.end());
  for (const Brand& brand : brands) {
    const auto parsed = ParseHttpsUrl("https://" + std::string(brand.host));
    ASSERT_TRUE(parsed.ok()) << brand.host;
    EXPECT_EQ(FindBrandUrl(brand.prefix), parsed.value());
  }
}

}  // namespace
}  // namespace serverspace::config
