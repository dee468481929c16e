#include "base/result.h"

#include <memory>
#include <set>
#include <string>
#include <variant>

#include <gtest/gtest.h>

namespace serverspace {
namespace {

Result<int> Half(int number) {
  if (number % 2 != 0) return Error{ErrorCode::kInvalidInput, "odd"};
  return number / 2;
}

Result<void> Check(bool good) {
  if (!good) return Error{ErrorCode::kTimeout, "too late"};
  return {};
}

TEST(ResultTest, HoldsTheValue) {
  const auto half = Half(8);
  ASSERT_TRUE(half.ok());
  EXPECT_EQ(half.value(), 4);
}

TEST(ResultTest, HoldsTheError) {
  const auto half = Half(7);
  ASSERT_FALSE(half.ok());
  EXPECT_EQ(half.error().code, ErrorCode::kInvalidInput);
  EXPECT_EQ(half.error().message, "odd");
}

TEST(ResultTest, AskingForTheMissingSideIsNoSilentDefault) {
  EXPECT_THROW(static_cast<void>(Half(7).value()), std::bad_variant_access);
  EXPECT_THROW(static_cast<void>(Half(8).error()), std::bad_variant_access);
}

TEST(ResultTest, MovesTheValueOut) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(5));
  const std::unique_ptr<int> owned = std::move(result).value();
  ASSERT_NE(owned, nullptr);
  EXPECT_EQ(*owned, 5);
}

TEST(ResultTest, TellsValueFromErrorWhenBothAreOfOneType) {
  using Text = Result<std::string>;
  Text text(std::string("fine"));
  text.value() += "!";
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(text.value(), "fine!");
}

TEST(ResultTest, OfNothingIsSuccessOrError) {
  EXPECT_TRUE(Check(true).ok());
  const auto failed = Check(false);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, ErrorCode::kTimeout);
}

TEST(ReasonNameTest, EveryReasonHasItsOwnName) {
  std::set<std::string_view> names;
  for (int code = 0; code < kReasonCount; ++code)
    names.insert(ReasonName(static_cast<ErrorCode>(code)));
  EXPECT_EQ(names, (std::set<std::string_view>{
                       "auth", "rate_limited", "timeout", "network", "tls",
                       "server_error", "bad_response", "other"}));
}

TEST(ReasonNameTest, CodesThatOnlySteerTheProgramAreOther) {
  for (const ErrorCode code :
       {ErrorCode::kNotFound, ErrorCode::kCancelled, ErrorCode::kInvalidInput})
    EXPECT_EQ(ReasonName(code), "other");
}

TEST(ReasonNameTest, WhatIsForbiddenIsAMatterOfAuthorization) {
  EXPECT_EQ(ReasonName(ErrorCode::kForbidden), "auth");
  EXPECT_EQ(ReasonOf(ErrorCode::kForbidden), ErrorCode::kAuth);
}

}  // namespace
}  // namespace serverspace
