#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "metrics/deflater.h"
#include "metrics/exposition.h"
#include "metrics/family_run.h"
#include "metrics/page_store.h"
#include "metrics/sample_set.h"
#include "metrics/self_metrics.h"

namespace serverspace::metrics {
namespace {

constexpr Desc kInfo{
    "serverspace_server_info",
    Type::kInfo,
    "Names of a server.",
    {"server_id", "name", "location", "image", "affinity_group_id", "tags"}};
constexpr Desc kState{"serverspace_server_state",
                      Type::kGauge,
                      "State of a server.",
                      {"server_id", "state"}};
constexpr Desc kSince{"serverspace_server_state_since_timestamp_seconds",
                      Type::kGauge,
                      "When the state was first seen.",
                      {"server_id"}};
constexpr Desc kPower{"serverspace_server_power_on",
                      Type::kGauge,
                      "Whether it is on.",
                      {"server_id"}};
constexpr Desc kCores{
    "serverspace_server_cpu_cores", Type::kGauge, "Cores.", {"server_id"}};
constexpr Desc kMemory{
    "serverspace_server_memory_bytes", Type::kGauge, "Memory.", {"server_id"}};
constexpr Desc kCreated{"serverspace_server_created_timestamp_seconds",
                        Type::kGauge,
                        "When it was made.",
                        {"server_id"}};
constexpr Desc kVolumeInfo{"serverspace_server_volume_info",
                           Type::kInfo,
                           "Names of a volume.",
                           {"server_id", "volume_id", "name"}};
constexpr Desc kVolumeSize{"serverspace_server_volume_size_bytes",
                           Type::kGauge,
                           "Size of a volume.",
                           {"server_id", "volume_id"}};
constexpr Desc kNicInfo{
    "serverspace_server_nic_info",
    Type::kInfo,
    "Names of a NIC.",
    {"server_id", "nic_id", "network_id", "network_type", "ip_address", "mac"}};
constexpr Desc kNicLimit{
    "serverspace_server_nic_bandwidth_limit_bytes_per_second",
    Type::kGauge,
    "Limit of a NIC.",
    {"server_id", "nic_id"}};
constexpr std::array<std::string_view, 4> kStates = {"new", "active", "busy",
                                                     "blocked"};

/// Texts of a server, made beforehand so that only the set is measured.
struct Server {
  std::string id, name, volume_id, nic_id, address, mac;
};

std::vector<Server> MakeServers(std::size_t count) {
  std::vector<Server> servers;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string number = std::to_string(100'000 + i * 7);
    servers.push_back({"l1s" + number, "web-" + number + ".example.com",
                       "vol" + number, "nic" + number,
                       "192.0.2." + std::to_string(i % 256),
                       "02:00:5e:10:" + std::to_string(10 + i / 7 % 90) + ":" +
                           std::to_string(10 + i % 90)});
  }
  return servers;
}

/// What the collector of servers says: 14 series each.
Fragment Collect(std::string_view project, const std::vector<Server>& servers,
                 std::size_t busy) {
  SampleSet set(project);
  const WallTime created(std::chrono::milliseconds(1'700'000'000'123));
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const Server& server = servers[i];
    set.Add(kInfo,
            {server.id, server.name, "am2", "Debian-12-X64", "", ",prod,web,"},
            1);
    set.AddStates(kState, {server.id}, i == busy ? "busy" : "active", kStates);
    set.Add(kSince, {server.id}, created);
    set.Add(kPower, {server.id}, true);
    set.Add(kCores, {server.id}, 4);
    set.Add(kMemory, {server.id}, 8'589'934'592);
    set.Add(kCreated, {server.id},
            created + std::chrono::seconds(static_cast<int>(i * 37)));
    set.Add(kVolumeInfo, {server.id, server.volume_id, "boot"}, 1);
    set.Add(kVolumeSize, {server.id, server.volume_id}, 53'687'091'200);
    set.Add(kNicInfo,
            {server.id, server.nic_id, "net1", "PublicShared", server.address,
             server.mac},
            1);
    set.Add(kNicLimit, {server.id, server.nic_id}, 12'500'000);
  }
  return std::move(set).Render();
}

std::string Project(int number) {
  return "project-" + std::to_string(10'000 + number);
}

void BM_CollectServers(benchmark::State& state) {
  const auto servers = MakeServers(static_cast<std::size_t>(state.range(0)));
  std::size_t bytes = 0;
  std::size_t series = 0;
  for (auto _ : state) {
    const Fragment fragment = Collect("production", servers, 0);
    bytes += fragment.size_bytes();
    series += fragment.series();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.SetItemsProcessed(static_cast<std::int64_t>(series));
}
BENCHMARK(BM_CollectServers)
    ->Arg(100)
    ->Arg(50'000)
    ->Unit(benchmark::kMillisecond);

void BM_AppendLabelValue(benchmark::State& state, std::string_view value) {
  std::string out;
  for (auto _ : state) {
    out.clear();
    AppendLabelValue(out, value);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(state.iterations() *
                          static_cast<std::int64_t>(value.size()));
}
BENCHMARK_CAPTURE(BM_AppendLabelValue, plain, "web-100007.example.com");
BENCHMARK_CAPTURE(BM_AppendLabelValue, escaped, "say \"hello\" to C:\\web");
BENCHMARK_CAPTURE(BM_AppendLabelValue, utf8, "сервер-100007");

void BM_Deflate(benchmark::State& state) {
  const Fragment fragment = Collect("production", MakeServers(5'000), 0);
  Deflater deflater(static_cast<int>(state.range(0)));
  std::size_t deflated_bytes = 0;
  for (auto _ : state) {
    deflated_bytes = 0;
    for (const auto& family : fragment.families()) {
      for (const std::string& segment : family->segments())
        deflated_bytes +=
            deflater.Deflate(std::array<std::string_view, 1>{segment})
                .bytes.size();
    }
  }
  state.SetBytesProcessed(state.iterations() *
                          static_cast<std::int64_t>(fragment.size_bytes()));
  state.counters["ratio"] = static_cast<double>(deflated_bytes) /
                            static_cast<double>(fragment.size_bytes());
}
BENCHMARK(BM_Deflate)
    ->Arg(1)
    ->Arg(2)
    ->Arg(3)
    ->Arg(4)
    ->Arg(6)
    ->Unit(benchmark::kMillisecond);

/// Lines into segments by their content, as a collector hands them over.
void BM_Chunk(benchmark::State& state) {
  const Fragment fragment = Collect("production", MakeServers(5'000), 0);
  const auto& info = *fragment.families().front();
  std::string lines;
  for (const std::string& segment : info.segments()) lines += segment;
  for (auto _ : state) {
    FamilyTextBuilder builder(info.desc());
    builder.AddLines(lines);
    benchmark::DoNotOptimize(std::move(builder).Build());
  }
  state.SetBytesProcessed(state.iterations() *
                          static_cast<std::int64_t>(lines.size()));
}
BENCHMARK(BM_Chunk)->Unit(benchmark::kMillisecond);

/// One gzip member of blocks that are compressed already, in both formats.
void BM_Stitch(benchmark::State& state) {
  const Fragment fragment = Collect(
      "production", MakeServers(static_cast<std::size_t>(state.range(0))), 0);
  const auto source = std::make_shared<const Source>(
      Source{.project = "production", .collector = "servers"});
  Deflater deflater;
  std::vector<Page::Family> families;
  for (const auto& text : fragment.families()) {
    std::vector<FamilyRun::Member> members{{source, text}};
    families.push_back(
        {std::make_shared<const FamilyHead>(text->desc(), deflater),
         {std::make_shared<const FamilyRun>(std::move(members), nullptr,
                                            deflater)}});
  }
  std::size_t blocks = 0;
  for (auto _ : state) {
    const Page page(families);
    blocks = page.blocks();
    benchmark::DoNotOptimize(page.series());
  }
  state.counters["blocks"] = static_cast<double>(blocks);
}
BENCHMARK(BM_Stitch)->Arg(1'000)->Arg(50'000)->Unit(benchmark::kMicrosecond);

void BM_FirstPage(benchmark::State& state) {
  const Fragment fragment = Collect(
      "production", MakeServers(static_cast<std::size_t>(state.range(0))), 0);
  for (auto _ : state) {
    PageStore store;
    store.Put("production", "servers", fragment);
    store.Rebuild();
    benchmark::DoNotOptimize(store.Current());
  }
  state.SetBytesProcessed(state.iterations() *
                          static_cast<std::int64_t>(fragment.size_bytes()));
}
BENCHMARK(BM_FirstPage)->Arg(1'000)->Arg(50'000)->Unit(benchmark::kMillisecond);

/// One project of 1 000 with 50 servers each changes the state of a server.
void BM_OneProjectOfAThousand(benchmark::State& state) {
  const auto servers = MakeServers(50);
  PageStore store;
  for (int i = 0; i < 1'000; ++i)
    store.Put(Project(i), "servers", Collect(Project(i), servers, 0));
  store.Rebuild();
  const std::array changed = {Collect(Project(500), servers, 1),
                              Collect(Project(500), servers, 2)};
  const auto pieces = store.stats().compressed_pieces;
  std::size_t round = 0;
  for (auto _ : state) {
    store.Put(Project(500), "servers", changed[round++ % 2]);
    store.Rebuild();
  }
  state.counters["pieces"] = benchmark::Counter(
      static_cast<double>(store.stats().compressed_pieces - pieces),
      benchmark::Counter::kAvgIterations);
  state.counters["blocks"] = static_cast<double>(store.Current()->blocks());
}
BENCHMARK(BM_OneProjectOfAThousand)->Unit(benchmark::kMicrosecond);

/// One server of 50 000 in one project changes its state.
void BM_OneServerOfFiftyThousand(benchmark::State& state) {
  const auto servers = MakeServers(50'000);
  PageStore store;
  store.Put("p", "servers", Collect("p", servers, 0));
  store.Rebuild();
  const std::array changed = {Collect("p", servers, 1),
                              Collect("p", servers, 40'000)};
  std::size_t round = 0;
  for (auto _ : state) {
    store.Put("p", "servers", changed[round++ % 2]);
    store.Rebuild();
  }
}
BENCHMARK(BM_OneServerOfFiftyThousand)->Unit(benchmark::kMillisecond);

/// Nothing changed: what a poll costs the store.
void BM_EqualPut(benchmark::State& state) {
  const auto servers = MakeServers(50'000);
  PageStore store;
  store.Put("p", "servers", Collect("p", servers, 0));
  store.Rebuild();
  const Fragment same = Collect("p", servers, 0);
  for (auto _ : state) store.Put("p", "servers", same);
  state.SetBytesProcessed(state.iterations() *
                          static_cast<std::int64_t>(same.size_bytes()));
}
BENCHMARK(BM_EqualPut)->Unit(benchmark::kMillisecond);

/// A reader's way to the page while another thread publishes one after the
/// other, freeing of the old ones included.
void BM_TakePageWhilePublished(benchmark::State& state) {
  const auto servers = MakeServers(100);
  PageStore store;
  const std::array changed = {Collect("p", servers, 1),
                              Collect("p", servers, 2)};
  store.Put("p", "servers", changed[0]);
  store.Rebuild();
  const auto pages = store.stats().pages;
  std::jthread publisher([&](const std::stop_token& stop) {
    for (std::size_t round = 1; !stop.stop_requested(); ++round) {
      store.Put("p", "servers", changed[round % 2]);
      store.Rebuild();
    }
  });
  for (auto _ : state) {
    const auto page = store.Current();
    benchmark::DoNotOptimize(
        page->Get(Format::kOpenMetrics, Encoding::kGzip).parts.data());
  }
  publisher.request_stop();
  publisher.join();
  state.counters["pages"] =
      benchmark::Counter(static_cast<double>(store.stats().pages - pages),
                         benchmark::Counter::kIsRate);
}
BENCHMARK(BM_TakePageWhilePublished);

void BM_FilterOneProjectOfAThousand(benchmark::State& state) {
  const auto servers = MakeServers(50);
  PageStore store;
  for (int i = 0; i < 1'000; ++i)
    store.Put(Project(i), "servers", Collect(Project(i), servers, 0));
  store.Rebuild();
  const auto page = store.Current();
  for (auto _ : state)
    benchmark::DoNotOptimize(page->Filter({}, {Project(500)}));
}
BENCHMARK(BM_FilterOneProjectOfAThousand)->Unit(benchmark::kMicrosecond);

void BM_CounterIncrement(benchmark::State& state) {
  constexpr Desc kDesc{"retries_total", Type::kCounter, "Retries.", {}};
  SelfMetrics metrics;
  Counter counter = metrics.GetCounter(kDesc, {});
  for (auto _ : state) counter.Increment();
}
BENCHMARK(BM_CounterIncrement);

}  // namespace
}  // namespace serverspace::metrics

BENCHMARK_MAIN();
