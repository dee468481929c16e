#include "server/negotiation.h"

#include <ostream>

#include <gtest/gtest.h>

namespace serverspace::server {
namespace {

using metrics::Encoding;
using metrics::Format;

struct AcceptCase {
  std::string_view header;
  Format format;
};

void PrintTo(const AcceptCase& test, std::ostream* out) { *out << test.header; }

class NegotiateFormatTest : public testing::TestWithParam<AcceptCase> {};

TEST_P(NegotiateFormatTest, FindsTheFormat) {
  EXPECT_EQ(NegotiateFormat(GetParam().header), GetParam().format);
}

INSTANTIATE_TEST_SUITE_P(
    Scrapers, NegotiateFormatTest,
    testing::Values(
        // Prometheus 2.42, the one of Debian 12.
        AcceptCase{"application/openmetrics-text;version=1.0.0,application/"
                   "openmetrics-text;version=0.0.1;q=0.75,text/"
                   "plain;version=0.0.4;q=0.5,*/*;q=0.1",
                   Format::kOpenMetrics},
        // Prometheus 2.55 with native histograms: protobuf first.
        AcceptCase{"application/vnd.google.protobuf;proto=io.prometheus.client."
                   "MetricFamily;encoding=delimited;q=0.6,application/"
                   "openmetrics-text;version=1.0.0;q=0.5,application/"
                   "openmetrics-text;version=0.0.1;q=0.4,text/"
                   "plain;version=0.0.4;q=0.3,*/*;q=0.2",
                   Format::kOpenMetrics},
        // Prometheus 3.
        AcceptCase{"application/openmetrics-text;version=1.0.0;escaping=allow-"
                   "utf-8;q=0.6,application/"
                   "openmetrics-text;version=0.0.1;q=0.5,text/"
                   "plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/"
                   "plain;version=0.0.4;q=0.3,*/*;q=0.2",
                   Format::kOpenMetrics},
        // scrape_protocols: [PrometheusText0.0.4]
        AcceptCase{"text/plain;version=0.0.4;q=0.5,*/*;q=0.4", Format::kText},
        // vmagent
        AcceptCase{"text/plain;version=0.0.4;q=1,*/*;q=0.1", Format::kText}));

INSTANTIATE_TEST_SUITE_P(
    People, NegotiateFormatTest,
    testing::Values(AcceptCase{"", Format::kText},
                    AcceptCase{"*/*", Format::kText},
                    AcceptCase{"text/html,application/xhtml+xml,application/"
                               "xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
                               Format::kText},
                    AcceptCase{"application/json", Format::kText}));

INSTANTIATE_TEST_SUITE_P(
    Weights, NegotiateFormatTest,
    testing::Values(
        AcceptCase{"application/openmetrics-text", Format::kOpenMetrics},
        AcceptCase{"APPLICATION/OpenMetrics-Text; Version=1.0.0",
                   Format::kOpenMetrics},
        AcceptCase{" application/openmetrics-text ; version=1.0.0 ; q=0.5 ",
                   Format::kOpenMetrics},
        AcceptCase{"application/openmetrics-text;version=0.0.1", Format::kText},
        AcceptCase{"application/openmetrics-text;version=2.0.0", Format::kText},
        AcceptCase{"application/openmetrics-text;q=0", Format::kText},
        AcceptCase{"application/openmetrics-text;q=0.000", Format::kText},
        AcceptCase{"application/openmetrics-text;q=0.4,text/plain;q=0.5",
                   Format::kText},
        AcceptCase{"application/openmetrics-text;q=0.5,text/plain;q=0.5",
                   Format::kOpenMetrics},
        AcceptCase{"text/plain,application/openmetrics-text;q=0.9",
                   Format::kText},
        AcceptCase{"application/openmetrics-text;q=0,"
                   "application/openmetrics-text;version=1.0.0;q=0.3",
                   Format::kOpenMetrics}));

INSTANTIATE_TEST_SUITE_P(
    Garbage, NegotiateFormatTest,
    testing::Values(
        AcceptCase{",,,;;;===", Format::kText},
        AcceptCase{";q=1", Format::kText},
        AcceptCase{"application/openmetrics-text;q=", Format::kText},
        AcceptCase{"application/openmetrics-text;q=nan", Format::kText},
        AcceptCase{"application/openmetrics-text;q=-1", Format::kText},
        AcceptCase{"application/openmetrics-text;q=0.5x", Format::kText},
        AcceptCase{"application/openmetrics-text;q=1e999", Format::kText},
        AcceptCase{"application/openmetrics-text-more", Format::kText},
        AcceptCase{"\xff\xfe,application/openmetrics-text",
                   Format::kOpenMetrics},
        AcceptCase{",application/openmetrics-text,", Format::kOpenMetrics}));

struct EncodingCase {
  std::string_view header;
  Encoding encoding;
};

void PrintTo(const EncodingCase& test, std::ostream* out) {
  *out << test.header;
}

class NegotiateEncodingTest : public testing::TestWithParam<EncodingCase> {};

TEST_P(NegotiateEncodingTest, FindsTheEncoding) {
  EXPECT_EQ(NegotiateEncoding(GetParam().header), GetParam().encoding);
}

INSTANTIATE_TEST_SUITE_P(
    Headers, NegotiateEncodingTest,
    testing::Values(EncodingCase{"", Encoding::kIdentity},
                    EncodingCase{"gzip", Encoding::kGzip},
                    EncodingCase{"x-gzip", Encoding::kGzip},
                    EncodingCase{"GZip", Encoding::kGzip},
                    EncodingCase{"gzip, deflate, br, zstd", Encoding::kGzip},
                    EncodingCase{"deflate , gzip;q=0.1", Encoding::kGzip},
                    EncodingCase{"*", Encoding::kGzip},
                    EncodingCase{"identity", Encoding::kIdentity},
                    EncodingCase{"deflate, br", Encoding::kIdentity},
                    EncodingCase{"gzip;q=0", Encoding::kIdentity},
                    EncodingCase{"gzip;q=0, *", Encoding::kIdentity},
                    EncodingCase{"*;q=0", Encoding::kIdentity},
                    EncodingCase{"identity;q=1, *;q=0", Encoding::kIdentity},
                    EncodingCase{"gzip;q=nan", Encoding::kIdentity},
                    EncodingCase{"gzip;q=", Encoding::kIdentity},
                    EncodingCase{"gzipped", Encoding::kIdentity},
                    EncodingCase{",;=,", Encoding::kIdentity}));

}  // namespace
}  // namespace serverspace::server
