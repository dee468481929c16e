#pragma once

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "api/decode.h"
#include "api/examples.h"
#include "api/recording_observer.h"
#include "base/timestamp.h"

namespace serverspace::api {

/// Reads answers and holds what was odd about them.
class DecodeFixture : public testing::Test {
 protected:
  /// The items of an answer that must be readable.
  template <typename T>
  T Good(Result<T> (*read)(Answer, Drift&), const std::string& body) {
    auto answer = read(body, drift_);
    EXPECT_TRUE(answer.ok()) << (answer.ok() ? "" : answer.error().message);
    return answer.ok() ? std::move(answer).value() : T();
  }
  /// `{"wrapper": [item]}` of an example `{"inner": item}`.
  static std::string ListOfOne(const std::string& example, const char* inner,
                               const char* wrapper) {
    return nlohmann::json{
        {wrapper, {nlohmann::json::parse(Example(example)).at(inner)}}}
        .dump();
  }
  void ExpectNoDrift() {
    EXPECT_THAT(observer_.bad(), testing::IsEmpty());
    EXPECT_THAT(observer_.unknown(), testing::IsEmpty());
  }

  RecordingObserver observer_;
  Drift drift_{observer_};
};

}  // namespace serverspace::api
