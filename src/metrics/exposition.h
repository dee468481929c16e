#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "metrics/desc.h"

/// How names, values and heads are spelled, for both the text format 0.0.4 and
/// OpenMetrics 1.0: sample lines are the same in both.
namespace serverspace::metrics {

inline constexpr std::string_view kCounterSuffix = "_total";
inline constexpr std::string_view kInfoSuffix = "_info";

/// Throws `std::logic_error` for a descriptor that no page may show: illegal or
/// repeated names, or a name whose suffix does not fit the type.
void RequireValid(const Desc& desc);

/// Escaped for a place between double quotes; invalid UTF-8 becomes U+FFFD.
void AppendLabelValue(std::string& out, std::string_view value);

/// The shortest decimal that reads back as the same double; whole numbers up to
/// 2^53 without exponent; `NaN`, `+Inf`, `-Inf`.
void AppendValue(std::string& out, double value);
void AppendValue(std::string& out, std::int64_t value);
/// Seconds since 1970 as an exact decimal, without exponent or needless zeros.
void AppendValue(std::string& out, WallTime value);

/// A histogram bound in the canonical form of OpenMetrics 1.0 (section
/// "Considerations: Canonical Numbers"): `0.5`, `1.0`, `1e+06`, `+Inf`.
std::string BoundLabel(double bound);

/// The `# HELP` and `# TYPE` lines.
std::string TextHead(const Desc& desc);
/// The same for OpenMetrics, where counters and infos are named without their
/// suffix.
std::string OpenMetricsHead(const Desc& desc);

}  // namespace serverspace::metrics
