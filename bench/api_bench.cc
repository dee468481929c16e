// How fast the biggest answer is read and what memory that takes, and what the
// bounds on requests cost.

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include <benchmark/benchmark.h>

#include "allocations.h"
#include "api/admission.h"
#include "api/decode.h"
#include "api/token_bucket.h"
#include "base/clock.h"

namespace serverspace::api {
namespace {

class SilentObserver final : public Observer {
 public:
  void OnAttempt(std::string_view, std::string_view, Duration) override {}
  void OnRetry() override {}
  void OnLimiterWait(std::string_view, Duration) override {}
  void OnClockOffset(std::string_view, Duration) override {}
  void OnCircuit(std::string_view, bool) override {}
  void OnUnknownValue(std::string_view) override {}
  void OnBadItem(std::string_view) override {}
};

/// An answer with servers as the API reference shows them (2.4).
std::string ServersAnswer(std::int64_t count) {
  std::string body = R"({"servers":[)";
  for (std::int64_t n = 0; n < count; ++n) {
    const std::string number = std::to_string(n);
    if (n > 0) body += ',';
    body +=
        R"({"id":"l3s)" + number +
        R"(","location_id":"am2","cpu":4,"ram_mb":8192,"volumes":[{"id":)" +
        number +
        R"(,"name":"boot","size_mb":30720,)"
        R"("created":"2024-05-03T06:12:09.5501432Z"},{"id":9)" +
        number +
        R"(,"name":"data","size_mb":102400,)"
        R"("created":"2024-05-03T06:14:51.0211000Z"}],"nics":[{"id":)" +
        number +
        R"(,"network_id":"l3n901","network_type":"PublicShared",)"
        R"("mac":"ca:06:11:22:33:44","ip_address":"203.0.113.24","mask":24,)"
        R"("gateway":"203.0.113.1","bandwidth_mbps":50}],)"
        R"("image_id":"Debian-12-X64","is_power_on":true,"name":"server-)" +
        number +
        R"(","login":"root","password":"EXAMPLE-REDACT-ME",)"
        R"("ssh_key_ids":[311],"state":"Active",)"
        R"("created":"2024-05-03T06:10:44.0193377Z",)"
        R"("tags":["prod","postgres"],"application_ids":[],)"
        R"("application_installations":[],"affinity_group_id":"l3g12"})";
  }
  return body + "]}";
}

void BM_ReadServers(benchmark::State& state) {
  const std::string answer = ServersAnswer(state.range(0));
  SilentObserver observer;
  Drift drift(observer);
  std::size_t extra_bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    std::string body = answer;
    bench::Allocations::RestartPeak();
    const std::size_t before = bench::Allocations::InUse();
    state.ResumeTiming();
    auto servers = ReadServers(std::move(body), drift);
    if (!servers.ok() ||
        servers.value().size() != static_cast<std::size_t>(state.range(0))) {
      state.SkipWithError("not read");
    }
    benchmark::DoNotOptimize(servers);
    extra_bytes = bench::Allocations::Peak() - before;
  }
  state.counters["extra_MB"] = static_cast<double>(extra_bytes) / 1e6;
  state.counters["body_MB"] = static_cast<double>(answer.size()) / 1e6;
  state.SetBytesProcessed(state.iterations() *
                          static_cast<std::int64_t>(answer.size()));
}
BENCHMARK(BM_ReadServers)
    ->Arg(10)
    ->Arg(1000)
    ->Arg(50'000)
    ->Unit(benchmark::kMillisecond);

/// A turn that is free at once.
void BM_LimiterTake(benchmark::State& state) {
  SystemClock clock;
  TokenBucket bucket({.per_second = 1e9, .burst = 1'000'000}, clock);
  const std::stop_token never;
  const MonoTime deadline = MonoTime::max();
  for (auto _ : state) benchmark::DoNotOptimize(bucket.Take(deadline, never));
}
BENCHMARK(BM_LimiterTake);

/// A place among the runs in progress, of one of so many projects.
void BM_Admission(benchmark::State& state) {
  Admission admission({}, [] {});
  for (std::int64_t i = 0; i < state.range(0); ++i)
    admission.AddProject("project-" + std::to_string(i), "api.example.com");
  for (auto _ : state)
    benchmark::DoNotOptimize(admission.TryAdmit("project-0"));
}
BENCHMARK(BM_Admission)->Arg(1)->Arg(1'000);

}  // namespace
}  // namespace serverspace::api

BENCHMARK_MAIN();
