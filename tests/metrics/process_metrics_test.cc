#include "metrics/process_metrics.h"

#include <filesystem>
#include <fstream>
#include <stdlib.h>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

namespace serverspace::metrics {
namespace {

class ProcessMetricsTest : public testing::Test {
 protected:
  ProcessMetricsTest() {
    std::string path = testing::TempDir() + "proc-XXXXXX";
    proc_ = ::mkdtemp(path.data());
    std::filesystem::create_directories(proc_ / "self/fd");
  }
  ~ProcessMetricsTest() override { std::filesystem::remove_all(proc_); }

  void Write(const std::string& path, const std::string& content) {
    std::ofstream(proc_ / path) << content;
  }
  std::string Render() const {
    return ProcessMetrics(proc_.string(),
                          WallTime(std::chrono::seconds(1'700'000'000)))
        .Render()
        .ToString();
  }

  std::filesystem::path proc_;
};

TEST_F(ProcessMetricsTest, ReadsProc) {
  ASSERT_EQ(::sysconf(_SC_CLK_TCK), 100);
  Write("self/stat",
        "42 (a) b (c) S 1 42 42 0 -1 4194560 900 0 0 0 150 75 0 0 20 0 7 0 "
        "250 123456789 2048 18446744073709551615 1 1\n");
  Write("self/limits",
        "Limit                     Soft Limit           Hard Limit           "
        "Units     \n"
        "Max processes             100                  100                  "
        "processes \n"
        "Max open files            1024                 524288               "
        "files     \n");
  for (const std::string fd : {"0", "1", "2"}) Write("self/fd/" + fd, "");
  EXPECT_EQ(Render(),
            "process_cpu_seconds_total 2.25\n"
            "process_max_fds 1024\n"
            "process_open_fds 3\n"
            "process_resident_memory_bytes " +
                std::to_string(2048 * ::sysconf(_SC_PAGESIZE)) +
                "\n"
                "process_start_time_seconds 1700000002.5\n"
                "process_threads 7\n"
                "process_virtual_memory_bytes 123456789\n");
}

TEST_F(ProcessMetricsTest, SaysNothingOfWhatItCannotRead) {
  std::filesystem::remove_all(proc_ / "self");
  EXPECT_EQ(Render(), "");
}

TEST_F(ProcessMetricsTest, SaysNothingOfWhatItDoesNotUnderstand) {
  for (const std::string stat :
       {"", "42", "42 (a", "42 (a)", "42 (a) S", "42 (a) S 1 x y z"}) {
    Write("self/stat", stat);
    Write("self/limits", "Max open files            unlimited  unlimited");
    EXPECT_EQ(Render(), "process_open_fds 0\n") << stat;
  }
}

TEST_F(ProcessMetricsTest, KnowsThisProcess) {
  const Fragment fragment = ProcessMetrics().Render();
  EXPECT_EQ(fragment.families().size(), ProcessMetrics::Describe().size());
}

}  // namespace
}  // namespace serverspace::metrics
