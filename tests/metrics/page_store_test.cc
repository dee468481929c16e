#include "metrics/page_store.h"

#include <array>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "metrics/page_testing.h"
#include "metrics/sample_set.h"

namespace serverspace::metrics {
namespace {

constexpr std::array kFamilies = {
    Desc{"a_info", Type::kInfo, "A.", {"id"}},
    Desc{"b_total", Type::kCounter, "B.", {"id"}},
    Desc{"c_bytes", Type::kGauge, "C.", {"id"}},
    Desc{"d", Type::kGauge, "D.", {"id"}},
};

/// `lines` samples in each of the families chosen by the bits of `families`.
Fragment Make(const std::string& project, const std::string& collector,
              int lines, unsigned families = 0xF, int value = 1) {
  SampleSet set(project);
  for (std::size_t f = 0; f < kFamilies.size(); ++f) {
    if ((families >> f & 1U) == 0) continue;
    for (int i = 0; i < lines; ++i)
      set.Add(kFamilies[f],
              {collector + "-resource-identifier-" + std::to_string(i)}, value);
  }
  return std::move(set).Render();
}

std::string Text(const Page& page) {
  return Join(page.Get(Format::kText, Encoding::kIdentity));
}

/// How many pieces a rebuild had to compress.
std::uint64_t RebuildCost(PageStore& store) {
  const std::uint64_t before = store.stats().compressed_pieces;
  store.Rebuild();
  return store.stats().compressed_pieces - before;
}

std::string Project(int number) {
  return "project-" + std::to_string(10'000 + number);
}

TEST(PageStoreTest, HasAnEmptyPageFromTheStart) {
  PageStore store;
  ASSERT_NE(store.Current(), nullptr);
  ExpectSame(*store.Current(), NaivePage());
  EXPECT_EQ(store.stats().pages, 1U);
  EXPECT_FALSE(store.Rebuild());
}

TEST(PageStoreTest, ShowsChangesOnlyAfterARebuild) {
  PageStore store;
  store.Put("p", "c", Make("p", "c", 1));
  EXPECT_EQ(store.Current()->series(), 0U);
  EXPECT_TRUE(store.Rebuild());
  EXPECT_EQ(store.Current()->series(), 4U);
}

TEST(PageStoreTest, ReplacesWhatASourceSaidBefore) {
  PageStore store;
  store.Put("p", "c", Make("p", "c", 3, 0b0111));
  store.Rebuild();
  store.Put("p", "c", Make("p", "c", 2, 0b1110));
  store.Rebuild();
  NaivePage naive;
  naive.Put("p", "c", Make("p", "c", 2, 0b1110));
  ExpectSame(*store.Current(), naive);
}

TEST(PageStoreTest, AnEmptyFragmentTakesAllSeriesAway) {
  PageStore store;
  store.Put("p", "c", Make("p", "c", 3));
  store.Rebuild();
  store.Put("p", "c", Fragment());
  EXPECT_TRUE(store.Rebuild());
  EXPECT_EQ(Text(*store.Current()), "");
}

TEST(PageStoreTest, EqualFragmentsChangeNothing) {
  PageStore store;
  store.Put("p", "c", Make("p", "c", 100));
  store.Rebuild();
  store.Put("p", "c", Make("p", "c", 100));
  EXPECT_FALSE(store.Rebuild());
}

TEST(PageStoreTest, KeepsOneCopyOfATextThatDidNotChange) {
  PageStore store;
  const Fragment first = Make("p", "c", 100);
  store.Put("p", "c", first);
  store.Rebuild();
  const char* const bytes =
      store.Current()->Get(Format::kText, Encoding::kIdentity).parts[1].data();
  EXPECT_EQ(bytes, first.families()[0]->segments()[0].data());
  const std::weak_ptr<const FamilyText> replaced = [&] {
    const Fragment second = Make("p", "c", 100);
    store.Put("p", "c", second);
    return second.families()[0];
  }();
  EXPECT_TRUE(replaced.expired());
}

TEST(PageStoreTest, FreesTheTextOfWhatIsGone) {
  PageStore store;
  std::weak_ptr<const FamilyText> text;
  {
    const Fragment fragment = Make("p", "c", 100);
    text = fragment.families()[0];
    store.Put("p", "c", fragment);
  }
  store.Rebuild();
  EXPECT_FALSE(text.expired());
  store.Remove("p", "c");
  store.Rebuild();
  EXPECT_TRUE(text.expired());
}

TEST(PageStoreTest, RemovesOneSourceOrAWholeProject) {
  PageStore store;
  NaivePage naive;
  for (const std::string project : {"a", "ab", "b"}) {
    for (const std::string collector : {"c", "d"})
      store.Put(project, collector, Make(project, collector, 2));
  }
  store.Rebuild();
  store.RemoveProject("a");
  store.Remove("b", "c");
  store.Remove("b", "unknown");
  store.RemoveProject("unknown");
  EXPECT_TRUE(store.Rebuild());
  naive.Put("ab", "c", Make("ab", "c", 2));
  naive.Put("ab", "d", Make("ab", "d", 2));
  naive.Put("b", "d", Make("b", "d", 2));
  ExpectSame(*store.Current(), naive);
}

TEST(PageStoreTest, AnOldPageStaysWhatItWas) {
  PageStore store;
  store.Put("p", "c", Make("p", "c", 100));
  store.Rebuild();
  const auto page = store.Current();
  const std::string before = Text(*page);
  store.RemoveProject("p");
  store.Rebuild();
  EXPECT_EQ(Text(*page), before);
  EXPECT_EQ(Gunzip(Join(page->Get(Format::kText, Encoding::kGzip))), before);
}

class ThousandProjectsTest : public testing::Test {
 protected:
  ThousandProjectsTest() {
    for (int i = 0; i < 1'000; ++i) {
      store_.Put(Project(i), "c", Make(Project(i), "c", 20));
    }
    store_.Rebuild();
    blocks_ = store_.Current()->blocks();
  }

  PageStore store_;
  std::size_t blocks_ = 0;
};

TEST_F(ThousandProjectsTest, BlocksAreOfTheMiddleSize) {
  const auto bytes =
      store_.Current()->Get(Format::kText, Encoding::kIdentity).size_bytes;
  EXPECT_GT(bytes / blocks_, 32U * 1024);
  EXPECT_LT(bytes / blocks_, 64U * 1024);
}

TEST_F(ThousandProjectsTest, AChangeOfOneFamilyCostsOneBlock) {
  const Fragment before = Make(Project(500), "c", 20);
  const Fragment after = Make(Project(500), "c", 20, 0xF, 7);
  Fragment::Families families(before.families().begin(),
                              before.families().end());
  families[2] = after.families()[2];
  store_.Put(Project(500), "c", Fragment(families));
  EXPECT_EQ(RebuildCost(store_), 1U);
}

TEST_F(ThousandProjectsTest, AProjectThatGrowsCostsItsBlocks) {
  store_.Put(Project(500), "c", Make(Project(500), "c", 60));
  EXPECT_LE(RebuildCost(store_), 8U);
}

TEST_F(ThousandProjectsTest, AProjectThatComesCostsItsBlocks) {
  store_.Put("project-10500-b", "c", Make("project-10500-b", "c", 20));
  EXPECT_LE(RebuildCost(store_), 8U);
}

TEST_F(ThousandProjectsTest, AProjectThatGoesCostsItsBlocks) {
  store_.RemoveProject(Project(0));
  EXPECT_EQ(RebuildCost(store_), 4U);
  store_.RemoveProject(Project(999));
  EXPECT_EQ(RebuildCost(store_), 4U);
}

TEST_F(ThousandProjectsTest, BlocksStayFewWhenMostProjectsGo) {
  for (int i = 0; i < 1'000; ++i) {
    if (i % 50 != 0) store_.RemoveProject(Project(i));
  }
  store_.Rebuild();
  EXPECT_LE(store_.Current()->blocks(), 8U);
  EXPECT_EQ(store_.Current()->series(), 20U * 20 * 4);
}

TEST_F(ThousandProjectsTest, BlocksStayFewWhenProjectsGoOneByOne) {
  for (int i = 0; i < 1'000; ++i) {
    if (i % 50 == 0) continue;
    store_.RemoveProject(Project(i));
    store_.Rebuild();
  }
  EXPECT_LE(store_.Current()->blocks(), 12U);
}

TEST(LargeProjectTest, OneServerMoreCostsItsNeighbourhood) {
  const auto make = [](int first) {
    SampleSet set("p");
    for (int i = first; i < 20'000; ++i)
      set.Add(kFamilies[0], {"a-resource-identifier-" + std::to_string(i)}, 1);
    return std::move(set).Render();
  };
  PageStore store;
  store.Put("p", "c", make(1));
  store.Rebuild();
  EXPECT_GT(store.Current()->blocks(), 20U);
  store.Put("p", "c", make(0));
  EXPECT_LE(RebuildCost(store), 6U);
}

/// Random histories of a store, compared with a page made from scratch.
class PageStorePropertyTest : public testing::TestWithParam<unsigned> {};

TEST_P(PageStorePropertyTest, EqualsANaivePage) {
  std::mt19937 random(GetParam());
  const auto below = [&](unsigned limit) {
    return static_cast<int>(random() % limit);
  };
  PageStore store;
  NaivePage naive;
  for (int round = 0; round < 60; ++round) {
    const int changes = 1 + below(12);
    for (int change = 0; change < changes; ++change) {
      // The exporter itself is among the projects.
      const int number = below(25);
      const std::string project = number == 0 ? "" : Project(number);
      const std::string collector = "c" + std::to_string(below(3));
      switch (below(6)) {
        case 0:
          store.Remove(project, collector);
          naive.Remove(project, collector);
          break;
        case 1:
          store.RemoveProject(project);
          for (const std::string c : {"c0", "c1", "c2"})
            naive.Remove(project, c);
          break;
        default: {
          const int lines = below(30) == 0 ? 2'000 : below(3) == 0 ? 200 : 5;
          const Fragment fragment =
              Make(project, collector, below(10) == 0 ? 0 : lines,
                   static_cast<unsigned>(below(16)), below(3));
          store.Put(project, collector, fragment);
          naive.Put(project, collector, fragment);
        }
      }
    }
    store.Rebuild();
    ASSERT_NO_FATAL_FAILURE(ExpectSame(*store.Current(), naive));
    ASSERT_FALSE(HasFailure()) << "round " << round;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, PageStorePropertyTest, testing::Range(1U, 6U));

}  // namespace
}  // namespace serverspace::metrics
