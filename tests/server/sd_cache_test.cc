#include "server/sd_cache.h"

#include <chrono>

#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "server/sd_fixture.h"

namespace serverspace::server {
namespace {

using namespace std::chrono_literals;
using Skipped = std::map<std::string, std::size_t>;

SdCache::Page MakePage(std::string text, Skipped skipped = {}) {
  return std::make_shared<const SdPage>(std::move(text), std::move(skipped));
}

SdFilter Port(int port) { return {.port = static_cast<std::uint16_t>(port)}; }

class SdCacheTest : public testing::Test {
 protected:
  FakeClock clock_;
  SdCache cache_{clock_, {.pages = 3, .bytes = 100, .idle = 1h}};
  const ServerListsOfAll lists_ = {
      MakeLists("a", {MakeList({MakeServer("1", 1)})})};
};

TEST_F(SdCacheTest, GivesWhatWasMadeOfTheSame) {
  const SdCache::Page page = MakePage("x");
  EXPECT_EQ(cache_.Find(Port(1), lists_), nullptr);
  cache_.Put(Port(1), lists_, page);
  EXPECT_EQ(cache_.Find(Port(1), lists_), page);
  EXPECT_EQ(cache_.Find(Port(2), lists_), nullptr);
}

TEST_F(SdCacheTest, GivesNothingThatIsOld) {
  cache_.Put(Port(1), lists_, MakePage("x"));
  // Equal, but another list: somebody else must have found that they are equal.
  EXPECT_EQ(
      cache_.Find(Port(1), {MakeLists("a", {MakeList({MakeServer("1", 1)})})}),
      nullptr);
  EXPECT_EQ(cache_.Find(Port(1), {MakeLists("b", lists_[0].lists)}), nullptr);
  EXPECT_EQ(cache_.Find(Port(1), {}), nullptr);
  EXPECT_EQ(cache_.Find(Port(1), {lists_[0], lists_[0]}), nullptr);
  EXPECT_EQ(cache_.Find(Port(1), {MakeLists("a", {})}), nullptr);
}

TEST_F(SdCacheTest, KeepsNoListAliveAndTakesNoNewOneForIt) {
  ServerListsOfAll lists = {MakeLists("a", {MakeList({MakeServer("1", 1)})})};
  const std::weak_ptr<const std::vector<InventoryServer>> watched =
      lists[0].lists[0];
  cache_.Put(Port(1), lists, MakePage("x"));
  lists.clear();
  EXPECT_TRUE(watched.expired());
  for (int i = 0; i < 100; ++i) {
    const ServerListsOfAll fresh = {MakeLists("a", {MakeList({})})};
    EXPECT_EQ(cache_.Find(Port(1), fresh), nullptr);
  }
}

TEST_F(SdCacheTest, ReplacesTheAnswerToAQuestion) {
  cache_.Put(Port(1), lists_, MakePage("x", {{"a", 5}}));
  const SdCache::Page page = MakePage("y", {{"a", 1}});
  cache_.Put(Port(1), lists_, page);
  EXPECT_EQ(cache_.Find(Port(1), lists_), page);
  EXPECT_EQ(cache_.Skipped(), (Skipped{{"a", 1}}));
}

TEST_F(SdCacheTest, KeepsTheLastUsedOnes) {
  for (const int port : {1, 2, 3})
    cache_.Put(Port(port), lists_, MakePage("x"));
  EXPECT_NE(cache_.Find(Port(1), lists_), nullptr);
  cache_.Put(Port(4), lists_, MakePage("x"));
  EXPECT_EQ(cache_.Find(Port(2), lists_), nullptr);
  for (const int port : {1, 3, 4})
    EXPECT_NE(cache_.Find(Port(port), lists_), nullptr) << port;
}

TEST_F(SdCacheTest, IsBoundedInBytes) {
  const std::string large(60, 'x');
  for (const int port : {1, 2, 3})
    cache_.Put(Port(port), lists_, MakePage(large));
  EXPECT_EQ(cache_.Find(Port(1), lists_), nullptr);
  EXPECT_NE(cache_.Find(Port(2), lists_), nullptr);
  EXPECT_NE(cache_.Find(Port(3), lists_), nullptr);
  // The newest is worth its making, whatever it takes.
  cache_.Put(Port(4), lists_, MakePage(std::string(1000, 'x')));
  EXPECT_NE(cache_.Find(Port(4), lists_), nullptr);
}

TEST_F(SdCacheTest, ForgetsWhatNobodyAsksFor) {
  cache_.Put(Port(1), lists_, MakePage("x", {{"a", 5}}));
  clock_.Advance(59min);
  EXPECT_NE(cache_.Find(Port(1), lists_), nullptr);
  clock_.Advance(59min);
  EXPECT_EQ(cache_.Skipped(), (Skipped{{"a", 5}}));
  clock_.Advance(2min);
  EXPECT_EQ(cache_.Skipped(), Skipped());
  EXPECT_EQ(cache_.Find(Port(1), lists_), nullptr);
}

TEST_F(SdCacheTest, TellsTheMostThatAnAnswerLeftOut) {
  EXPECT_EQ(cache_.Skipped(), Skipped());
  cache_.Put(Port(1), lists_, MakePage("x", {{"a", 1}, {"b", 7}}));
  cache_.Put(Port(2), lists_, MakePage("x", {{"a", 3}, {"c", 0}}));
  EXPECT_EQ(cache_.Skipped(), (Skipped{{"a", 3}, {"b", 7}, {"c", 0}}));
}

TEST(SdPageTest, IsItsOwnBody) {
  Body body;
  {
    SdCache::Page page = MakePage("some text");
    const void* text = page->text().data();
    body = SdPage::AsBody(std::move(page));
    ASSERT_EQ(body.parts.size(), 1U);
    EXPECT_EQ(body.parts[0].data(), text);
  }
  EXPECT_EQ(body.parts[0], "some text");
  EXPECT_EQ(body.size_bytes, 9U);
}

}  // namespace
}  // namespace serverspace::server
