#include "base/secret.h"

#include <cstring>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

namespace serverspace {
namespace {

// Nothing turns a secret into text by accident.
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<std::string, Secret>);

// Short enough to live inside a std::string, and long enough not to.
constexpr std::string_view kTexts[] = {"short-key",
                                       "a key that is stored on the heap, as "
                                       "it is longer than the small buffer"};

TEST(SecretTest, PrintsAsRedacted) {
  std::ostringstream out;
  out << Secret("hunter2");
  EXPECT_EQ(out.str(), "<redacted>");
  EXPECT_EQ(testing::PrintToString(Secret("hunter2")), "<redacted>");
}

TEST(SecretTest, RevealsItsText) {
  EXPECT_EQ(Secret("k1").Reveal(), "k1");
  EXPECT_TRUE(Secret().empty());
  EXPECT_TRUE(Secret("").empty());
  EXPECT_FALSE(Secret(" ").empty());
}

TEST(SecretTest, ComparesByText) {
  EXPECT_EQ(Secret("a"), Secret("a"));
  EXPECT_NE(Secret("a"), Secret("b"));
  EXPECT_NE(Secret("a"), Secret());
}

TEST(SecretTest, ACopyIsItsOwn) {
  const Secret original("key-1");
  Secret copy = original;
  copy = Secret("key-2");
  EXPECT_EQ(original.Reveal(), "key-1");
  EXPECT_EQ(copy.Reveal(), "key-2");
  copy = original;
  EXPECT_EQ(copy, original);
}

TEST(SecretTest, AssigningToItselfKeepsTheText) {
  Secret secret("key");
  Secret& same = secret;
  secret = same;
  EXPECT_EQ(secret.Reveal(), "key");
  secret = std::move(same);
  EXPECT_EQ(secret.Reveal(), "key");
}

// The buffer of a moved-from secret is still its own, so it may be looked at.
TEST(SecretTest, MovingWipesTheSource) {
  for (const std::string_view text : kTexts) {
    Secret source(text);
    const std::string_view memory = source.Reveal();
    const Secret target = std::move(source);
    EXPECT_EQ(target.Reveal(), text);
    // NOLINTNEXTLINE(bugprone-use-after-move): what is left is the question.
    EXPECT_TRUE(source.empty());
    EXPECT_EQ(memory.find_first_not_of('\0'), std::string_view::npos);
  }
}

TEST(SecretTest, MoveAssignmentWipesTheSource) {
  for (const std::string_view text : kTexts) {
    Secret source(text);
    const std::string_view memory = source.Reveal();
    Secret target("before");
    target = std::move(source);
    EXPECT_EQ(target.Reveal(), text);
    // NOLINTNEXTLINE(bugprone-use-after-move): what is left is the question.
    EXPECT_TRUE(source.empty());
    EXPECT_EQ(memory.find_first_not_of('\0'), std::string_view::npos);
  }
}

TEST(SecretTest, ASmallerTextLeavesNothingOfTheLarger) {
  Secret secret("a long old key that must not stay in memory");
  const char* memory = secret.Reveal().data();
  const std::size_t size = secret.Reveal().size();
  secret = Secret("new");
  ASSERT_EQ(secret.Reveal().data(), memory);
  EXPECT_EQ(std::memcmp(memory, "new", 4), 0);
  for (std::size_t i = 3; i < size; ++i) EXPECT_EQ(memory[i], '\0');
}

}  // namespace
}  // namespace serverspace
