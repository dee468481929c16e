#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace serverspace {

/// Why something expected failed. The first eight are the `reason` label of
/// `serverspace_collector_errors_total`; the rest only steer the program. A
/// refused key is kAuth, a key that is good but not for this is kForbidden.
enum class ErrorCode {
  kAuth,
  kRateLimited,
  kTimeout,
  kNetwork,
  kTls,
  kServerError,
  kBadResponse,
  kOther,
  kForbidden,
  kNotFound,
  kCancelled,
  kInvalidInput,
  kTooManyCalls,
  kNoRoom,
};

/// Number of codes that are a `reason` in the metrics; they come first in the
/// enum.
inline constexpr int kReasonCount = static_cast<int>(ErrorCode::kOther) + 1;

/// The reason that a code is counted under: for codes that are none, kForbidden
/// is kAuth and the others are kOther.
ErrorCode ReasonOf(ErrorCode code);
/// The label value of its reason (`rate_limited`).
std::string_view ReasonName(ErrorCode code);

/// How often something failed for each reason, in the order of the codes.
using ReasonCounts = std::array<std::uint64_t, kReasonCount>;

/// A failure: a code for the program, a message for the person. The message
/// never holds a secret or remote text as it came.
struct Error {
  ErrorCode code = ErrorCode::kOther;
  std::string message;
};

/// A value or the error that stood in its way. Asking for the one that is not
/// there is a programming error.
template <typename T, typename E = Error>
class [[nodiscard]] Result {
 public:
  // Implicit on purpose: `return value;` and `return error;` are the whole
  // idiom.
  // NOLINTBEGIN(google-explicit-constructor)
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}
  // NOLINTEND(google-explicit-constructor)

  bool ok() const { return state_.index() == 0; }
  const T& value() const& { return std::get<0>(state_); }
  T& value() & { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  const E& error() const& { return std::get<1>(state_); }
  E&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, E> state_;
};

/// Success without a value, or the error.
template <typename E>
class [[nodiscard]] Result<void, E> {
 public:
  Result() = default;
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(E error) : error_(std::move(error)), ok_(false) {}

  bool ok() const { return ok_; }
  const E& error() const& {
    assert(!ok_);
    return error_;
  }
  E&& error() && {
    assert(!ok_);
    return std::move(error_);
  }

 private:
  E error_;
  bool ok_ = true;
};

}  // namespace serverspace
