#include "app/once.h"

#include <chrono>
#include <filesystem>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include "app/config_fixture.h"
#include "base/fake_clock.h"
#include "base/random.h"
#include "base/recording_log.h"
#include "exporter/fake_transport.h"
#include "exporter/page_text.h"
#include "exporter/state_store.h"

namespace serverspace::app {
namespace {

using exporter::FakeTransport;

class OnceTest : public testing::Test {
 protected:
  OncePage Read(const config::Config& config) {
    return ReadOnce(config,
                    {.transport = transport_,
                     .store = store_,
                     .clock = clock_,
                     .random = random_,
                     .log = log_},
                    std::chrono::minutes(1));
  }

  FakeClock clock_;
  Random random_{1};
  RecordingLog log_;
  exporter::MemoryState store_;
  FakeTransport transport_{clock_};
};

TEST_F(OnceTest, SaysAllThatThereIs) {
  const OncePage page = Read(MakeConfig({"a", "b"}));
  EXPECT_TRUE(page.complete);
  EXPECT_EQ(exporter::LinesOf(page.text, "serverspace_up"),
            "serverspace_up{project=\"a\"} 1\nserverspace_up{project=\"b\"} "
            "1\n");
  EXPECT_NE(page.text.find("# TYPE serverspace_servers gauge\n"),
            std::string::npos);
  EXPECT_EQ(page.text.find("process_"), std::string::npos);
  EXPECT_TRUE(log_.Lines("warn").empty());
}

TEST_F(OnceTest, KnowsTheServers) {
  const OncePage page = Read(MakeConfig({"a", "b"}));
  ASSERT_EQ(page.servers.size(), 2U);
  EXPECT_EQ(page.servers[0].project, "a");
  EXPECT_FALSE(page.servers[0].awaited);
  ASSERT_EQ(page.servers[0].lists.size(), 1U);
  EXPECT_EQ(page.servers[0].lists[0]->at(0).name, "web");
}

TEST_F(OnceTest, IsNotCompleteWithoutOneProject) {
  transport_.Use([](const http::Request& request) {
    return request.base.host == "b.example.com" ? FakeTransport::Status(401)
                                                : FakeTransport::Ok(request);
  });
  const OncePage page = Read(MakeConfig({"a", "b"}));
  EXPECT_FALSE(page.complete);
  EXPECT_EQ(exporter::LinesOf(page.text, "serverspace_up"),
            "serverspace_up{project=\"a\"} 1\nserverspace_up{project=\"b\"} "
            "0\n");
  EXPECT_EQ(log_.Lines("warn collector failed project=b").size(), 2U);
}

TEST_F(OnceTest, IsCompleteWithoutAProductThatTheProjectLacks) {
  config::Config config = MakeConfig({"a"});
  config.collectors["ssh_keys"].enabled = true;
  transport_.Use([](const http::Request& request) {
    return request.path.ends_with("/ssh-keys") ? FakeTransport::Status(404)
                                               : FakeTransport::Ok(request);
  });
  const OncePage page = Read(config);
  EXPECT_TRUE(page.complete);
  EXPECT_NE(page.text.find("serverspace_collector_supported{project=\"a\","
                           "collector=\"ssh_keys\"} 0\n"),
            std::string::npos);
}

TEST(WhyNotWrittenTest, NoFileIsWrittenTwice) {
  const std::string directory =
      testing::TempDir() + "once-files" + std::to_string(getpid());
  std::filesystem::create_directories(directory);
  const std::string file = directory + "/x";
  const std::string link = directory + "/link";
  std::filesystem::remove(link);
  std::filesystem::create_symlink(directory, link);
  const struct {
    std::string output, targets, state;
    std::string problem;
  } kRows[] = {
      {file, file, "", "--output: is the same file as --sd: choose another"},
      {file, link + "/./x", "",
       "--output: is the same file as --sd: choose another"},
      {link + "/x", "", file,
       "--output: is the same file as state_file: choose another"},
      {"", file, file, "--sd: is the same file as state_file: choose another"},
      {"x.prom", "./x.prom", "",
       "--output: is the same file as --sd: choose another"},
      {"", "", "", ""},
      {file, "", "", ""},
      {file, file + "2", file + "3", ""},
      {"/dev/null", "/dev/null", "", ""},
  };
  for (const auto& [output, targets, state, problem] : kRows) {
    const auto found =
        WhyNotWritten(output, {.path = targets, .filter = {}}, state);
    EXPECT_EQ(found ? found->ToString() : "", problem) << output << targets;
  }
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace serverspace::app
