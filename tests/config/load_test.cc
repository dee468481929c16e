#include "config/load.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "base/timestamp.h"
#include "sample_collectors.h"
#include "temp_dir.h"

namespace serverspace::config {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

std::string Text(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) text += problem.ToString() + "\n";
  return text;
}

class LoadTest : public testing::Test {
 protected:
  /// The configuration of these variables and flags, which must be fine.
  Loaded Good() {
    auto loaded = Try();
    if (!loaded.ok()) {
      ADD_FAILURE() << Text(loaded.error());
      return {};
    }
    return std::move(loaded).value();
  }

  /// The problems of these variables and flags, of which there must be some.
  std::string Bad() {
    const auto loaded = Try();
    return loaded.ok() ? "none" : Text(loaded.error());
  }

  Result<Loaded, std::vector<Problem>> Try() {
    FakeEnvironment environment(variables_);
    environment.SetHostName(host_name_);
    return Load({file_, environment, flags_, collectors_, only_project_});
  }

  /// A file with one project and these lines.
  void WriteConfig(const std::string& lines) {
    key_path_ = dir_.Write("key", "04example\n");
    file_ = dir_.Write("config.yml",
                       "projects: [ { name: production, "
                       "api_key_file: key } ]\n" +
                           lines);
  }

  TempDir dir_;
  std::string key_path_;
  std::optional<std::string> file_;
  std::map<std::string, std::string> variables_;
  std::string host_name_ = "host";
  std::vector<FlagValue> flags_;
  std::optional<std::string> only_project_;
  std::vector<CollectorDefaults> collectors_ = SampleCollectors();
};

// A file.

TEST_F(LoadTest, ReadsEverySettingOfAFile) {
  const fs::path good = fs::path(SERVERSPACE_TESTDATA) / "config/good";
  file_ = (good / "full.yml").string();
  const Config c = Good().config;
  EXPECT_EQ(c.api.timeout, seconds(15));
  EXPECT_EQ(c.api.max_requests_per_second, 2.5);
  EXPECT_EQ(c.api.ca_file, "");
  EXPECT_EQ(c.api.proxy_url, "http://user:secret@proxy.example.com:3128");
  EXPECT_EQ(c.api.no_proxy, "localhost,.example.org");
  EXPECT_EQ(c.stale_after, minutes(90));
  EXPECT_FALSE(c.address_labels);
  EXPECT_EQ(c.state_file, good / "state/state.json");
  EXPECT_EQ(c.tasks.watch,
            (std::vector<std::string>{
                good / "tasks.d", "/var/lib/serverspace-exporter/tasks.d"}));
  EXPECT_EQ(c.tasks.keep_finished, Duration::zero());

  EXPECT_EQ(c.collectors.size(), collectors_.size());
  EXPECT_TRUE(c.collectors.at("snapshots").enabled);
  EXPECT_EQ(c.collectors.at("snapshots").interval, minutes(30));
  EXPECT_FALSE(c.collectors.at("networks").enabled);
  EXPECT_EQ(c.collectors.at("networks").interval, minutes(5));
  EXPECT_EQ(c.collectors.at("ssh_keys").stale_after, hours(5 * 24));

  ASSERT_EQ(c.balance_by_currency.size(), 2U);
  EXPECT_EQ(c.balance_by_currency.at("USD").warning, Money::Parse("50"));
  EXPECT_EQ(c.balance_by_currency.at("USD").critical, Money::Parse("10"));
  EXPECT_EQ(c.balance_by_currency.at("RUB").warning, std::nullopt);
  EXPECT_EQ(c.balance_by_currency.at("RUB").critical, Money::Parse("-1.5"));

  ASSERT_EQ(c.projects.size(), 4U);  // by name
  const HttpsUrl cloud{"cloud.example.com", 8443, "/panel"};
  EXPECT_EQ(c.projects[0].name, "customer b");
  EXPECT_EQ(c.projects[0].base_url, cloud);
  EXPECT_EQ(c.projects[1].name, "customer-a");
  const ProjectSettings& production = c.projects[2];
  EXPECT_EQ(production.name, "production");
  EXPECT_EQ(production.key.file, good / "../keys/production");
  EXPECT_TRUE(production.key.key.Reveal().starts_with("04example-key-of"));
  EXPECT_EQ(production.base_url, (HttpsUrl{"api.example.com", 443, ""}));
  ASSERT_TRUE(production.api_key_expires);
  EXPECT_EQ(FormatTimestamp(*production.api_key_expires),
            "2027-03-01T00:00:00Z");
  EXPECT_EQ(production.balance.warning, Money::Parse("200"));
  EXPECT_EQ(production.balance.critical, Money::Parse("50"));
  EXPECT_EQ(c.projects[3].key.file, "");
  EXPECT_EQ(c.projects[3].key.key.Reveal(), "0fexample-of-a-literal-key");
}

TEST_F(LoadTest, FillsInTheDefaults) {
  WriteConfig("");
  const Config c = Good().config;
  EXPECT_EQ(c.api.timeout, seconds(20));
  EXPECT_EQ(c.api.max_requests_per_second, 5);
  EXPECT_EQ(c.state_file, "");
  EXPECT_TRUE(c.address_labels);
  EXPECT_EQ(c.tasks.keep_finished, hours(1));
  EXPECT_EQ(c.web.listen_addresses, std::vector<std::string>{":10066"});
  EXPECT_FALSE(c.collectors.at("snapshots").enabled);
  EXPECT_EQ(c.collectors.at("project").interval, minutes(1));
  ASSERT_EQ(c.projects.size(), 1U);
  EXPECT_EQ(c.projects[0].base_url.host, "api.serverspace.io");
  EXPECT_FALSE(c.projects[0].api_key_expires);
}

TEST_F(LoadTest, KeepsDataForAtLeastThreeIntervals) {
  WriteConfig("stale_after: 4m\ncollectors: { servers: { interval: 2m } }\n");
  const Config c = Good().config;
  EXPECT_EQ(c.collectors.at("project").stale_after, minutes(4));
  EXPECT_EQ(c.collectors.at("servers").stale_after, minutes(6));
  EXPECT_EQ(c.collectors.at("ssh_keys").stale_after, hours(3));
}

TEST_F(LoadTest, TakesSectionsWithoutLinesForAbsent) {
  file_ = std::string(SERVERSPACE_TESTDATA) + "/config/good/commented_out.yml";
  EXPECT_EQ(Good().config.projects.size(), 2U);
}

TEST_F(LoadTest, NamesAFileThatCannotBeRead) {
  file_ = dir_.Path("missing.yml");
  EXPECT_EQ(Bad(), "--config.file: cannot open " + *file_ +
                       ": No such file or directory\n");
  variables_["SERVERSPACE_CONFIG_FILE"] = *file_;
  file_.reset();
  EXPECT_EQ(Bad(), "SERVERSPACE_CONFIG_FILE: cannot open " +
                       dir_.Path("missing.yml") +
                       ": No such file or directory\n");
}

TEST_F(LoadTest, RefusesAHugeFile) {
  file_ = dir_.Write("huge.yml", std::string(4 * 1024 * 1024 + 1, '#'));
  EXPECT_EQ(Bad(),
            "--config.file: " + *file_ + " is larger than 4194304 bytes\n");
}

TEST_F(LoadTest, ReadsTenThousandProjects) {
  std::string lines = "projects:\n";
  for (int i = 0; i < 10'000; ++i) {
    const std::string n = std::to_string(i);
    lines.append("  - { name: customer-").append(n);
    lines.append(", api_key: 04example-").append(n).append(" }\n");
  }
  file_ = dir_.Write("many.yml", lines);
  EXPECT_EQ(Good().config.projects.size(), 10'000U);
}

TEST_F(LoadTest, WantsTheOtherCollectorWhicheverWasSwitched) {
  WriteConfig("collectors: { servers: { enabled: false } }\n");
  flags_ = {{"collector.backups", "true"}};
  EXPECT_EQ(
      Bad(),
      "--collector.backups: the collector backups needs servers, which is "
      "off: turn servers on or backups off\n");
  flags_.clear();
  collectors_[0].enabled = true;
  EXPECT_EQ(Bad(),
            *file_ +
                ":2:35: collectors.servers.enabled: the collector backups "
                "needs servers, which is off: turn servers on or backups "
                "off\n");
}

// What outweighs what.

TEST_F(LoadTest, FlagOutweighsVariableOutweighsFile) {
  WriteConfig("api: { timeout: 11s }\nstale_after: 11m\n");
  EXPECT_EQ(Good().config.api.timeout, seconds(11));
  variables_ = {{"SERVERSPACE_API_TIMEOUT", "12s"},
                {"SERVERSPACE_STALE_AFTER", "12m"}};
  EXPECT_EQ(Good().config.api.timeout, seconds(12));
  flags_ = {{"api.timeout", "13s"}};
  EXPECT_EQ(Good().config.api.timeout, seconds(13));
  EXPECT_EQ(Good().config.stale_after, minutes(12));
}

TEST_F(LoadTest, ReportsWhatIsOutweighedToo) {
  WriteConfig("api: { timeout: 11 }\n");
  variables_ = {{"SERVERSPACE_API_TIMEOUT", "12"}};
  flags_ = {{"api.timeout", "13s"}};
  EXPECT_EQ(Bad(), *file_ +
                       ":2:17: api.timeout: \"11\" has no unit: write 11s for "
                       "seconds, or use m, h, d\n"
                       "SERVERSPACE_API_TIMEOUT: \"12\" has no unit: write 12s "
                       "for seconds, or use m, h, d\n");
}

TEST_F(LoadTest, SetsCollectorsByVariableAndFlag) {
  WriteConfig("collectors: { networks: { enabled: false } }\n");
  variables_ = {{"SERVERSPACE_COLLECTOR_SSH_KEYS", "false"},
                {"SERVERSPACE_COLLECTOR_SSH_KEYS_INTERVAL", "2h"},
                {"SERVERSPACE_COLLECTOR_SSH_KEYS_STALE_AFTER", "1d"}};
  flags_ = {{"collector.networks", "true"},
            {"collector.networks.interval", "7m"},
            {"collector.snapshots", "true"}};
  const auto collectors = Good().config.collectors;
  EXPECT_FALSE(collectors.at("ssh_keys").enabled);
  EXPECT_EQ(collectors.at("ssh_keys").interval, hours(2));
  EXPECT_EQ(collectors.at("ssh_keys").stale_after, hours(24));
  EXPECT_TRUE(collectors.at("networks").enabled);
  EXPECT_EQ(collectors.at("networks").interval, minutes(7));
  EXPECT_TRUE(collectors.at("snapshots").enabled);
}

TEST_F(LoadTest, CollectsRepeatedFlagsAndSplitsVariables) {
  WriteConfig("tasks: { watch: [ tasks.d ] }\n");
  EXPECT_EQ(Good().config.tasks.watch,
            std::vector<std::string>{dir_.Path("tasks.d")});
  variables_ = {{"SERVERSPACE_TASKS_WATCH", "a, b,"},
                {"SERVERSPACE_WEB_LISTEN_ADDRESS", ":1"}};
  flags_ = {{"web.listen-address", "127.0.0.1:2"},
            {"web.listen-address", "[::1]:3"},
            {"web.config.file", "web.yml"},
            {"web.max-connections", "9"}};
  const Config c = Good().config;
  EXPECT_EQ(c.tasks.watch, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(c.web.listen_addresses,
            (std::vector<std::string>{"127.0.0.1:2", "[::1]:3"}));
  EXPECT_EQ(c.web.config_file, "web.yml");
  EXPECT_EQ(c.web.max_connections, 9);
}

TEST_F(LoadTest, WantsAnAddressToListenOn) {
  WriteConfig("");
  variables_ = {{"SERVERSPACE_WEB_LISTEN_ADDRESS", ","}};
  EXPECT_EQ(Bad(), "SERVERSPACE_WEB_LISTEN_ADDRESS: is an empty list\n");
}

TEST_F(LoadTest, RefusesAFlagThatIsNoSetting) {
  WriteConfig("");
  flags_ = {{"collector.snapshot", "true"}, {"api.ca_file", "x"}};
  EXPECT_EQ(
      Bad(),
      "--collector.snapshot: is no setting\n--api.ca_file: is no setting\n");
}

TEST_F(LoadTest, TakesTheProxyOfTheMachineWhereTheFileIsSilent) {
  WriteConfig("");
  variables_ = {{"HTTPS_PROXY", "proxy.example.com:3128"},
                {"no_proxy", ".example.org"}};
  EXPECT_EQ(Good().config.api.proxy_url, "http://proxy.example.com:3128");
  EXPECT_EQ(Good().config.api.no_proxy, ".example.org");
  variables_["https_proxy"] = "http://other.example.com:1";
  EXPECT_EQ(Good().config.api.proxy_url, "http://other.example.com:1");
  WriteConfig("api: { proxy_url: \"\" }\n");
  EXPECT_EQ(Good().config.api.proxy_url, "");
}

TEST_F(LoadTest, KeepsTheStateWhereSystemdSays) {
  WriteConfig("");
  variables_ = {{"STATE_DIRECTORY", "/var/lib/a:/var/lib/b"}};
  EXPECT_EQ(Good().config.state_file, "/var/lib/a/state.json");
  WriteConfig("state_file: state.json\n");
  EXPECT_EQ(Good().config.state_file, dir_.Path("state.json"));
  WriteConfig("state_file: \"\"\n");
  EXPECT_EQ(Good().config.state_file, "");
}

// Without a file.

TEST_F(LoadTest, TellsTheTwoQuickestWaysWhereNothingIsConfigured) {
  EXPECT_EQ(
      Bad(),
      "there is no project: set SERVERSPACE_API_KEY_FILE to the path of a "
      "file with the API key, or give --config.file a file with "
      "`projects:`\n");
}

TEST_F(LoadTest, MakesOneProjectOfTheEnvironment) {
  variables_ = {{"SERVERSPACE_API_KEY_FILE", dir_.Write("key", "08example\n")},
                {"SERVERSPACE_CA_FILE", dir_.Write("ca.pem", "")},
                {"SERVERSPACE_BALANCE_WARNING", "50"},
                {"SERVERSPACE_BALANCE_CRITICAL", "10"},
                {"SERVERSPACE_API_KEY_EXPIRES", "2027-03-01"}};
  const Loaded loaded = Good();
  EXPECT_TRUE(loaded.warnings.empty()) << Text(loaded.warnings);
  EXPECT_EQ(loaded.config.api.ca_file, dir_.Path("ca.pem"));
  ASSERT_EQ(loaded.config.projects.size(), 1U);
  const ProjectSettings& project = loaded.config.projects[0];
  EXPECT_EQ(project.name, "default");
  EXPECT_EQ(project.key.file, dir_.Path("key"));
  EXPECT_EQ(project.key.key.Reveal(), "08example");
  EXPECT_EQ(project.base_url.host, "api.serverspace.us");
  EXPECT_EQ(project.balance.warning, Money::Parse("50"));
  EXPECT_EQ(project.balance.critical, Money::Parse("10"));
  EXPECT_TRUE(project.api_key_expires);
}

TEST_F(LoadTest, TakesTheVariablesOfOtherTools) {
  variables_ = {{"SERVERSPACE_KEY", "zzexample"},
                {"SERVERSPACE_HOST", "https://api.example.com"},
                {"SERVERSPACE_PROJECT", "production"}};
  const auto projects = Good().config.projects;
  ASSERT_EQ(projects.size(), 1U);
  EXPECT_EQ(projects[0].name, "production");
  EXPECT_EQ(projects[0].key.file, "");
  EXPECT_EQ(projects[0].key.key.Reveal(), "zzexample");
  EXPECT_EQ(projects[0].base_url.host, "api.example.com");
}

TEST_F(LoadTest, MixesAFileWithoutProjectsAndAKeyOfTheEnvironment) {
  file_ = dir_.Write("config.yml", "stale_after: 20m\n");
  variables_ = {{"SERVERSPACE_API_KEY", "04example"}};
  const Config c = Good().config;
  EXPECT_EQ(c.stale_after, minutes(20));
  EXPECT_EQ(c.projects.size(), 1U);
}

TEST_F(LoadTest, FindsTheCredentialOfTheUnit) {
  dir_.Write("credentials/api-key", "04example\n");
  variables_ = {{"CREDENTIALS_DIRECTORY", dir_.Path("credentials")}};
  const auto projects = Good().config.projects;
  ASSERT_EQ(projects.size(), 1U);
  EXPECT_EQ(projects[0].key.file, dir_.Path("credentials/api-key"));
}

TEST_F(LoadTest, PrefersAVariableToTheCredential) {
  dir_.Write("credentials/api-key", "04example\n");
  variables_ = {{"CREDENTIALS_DIRECTORY", dir_.Path("credentials")},
                {"SERVERSPACE_API_KEY", "08other"}};
  EXPECT_EQ(Good().config.projects.at(0).key.key.Reveal(), "08other");
}

TEST_F(LoadTest, IgnoresAUnitWithoutTheCredential) {
  variables_ = {{"CREDENTIALS_DIRECTORY", dir_.Path("")}};
  EXPECT_TRUE(Bad().starts_with("there is no project"));
}

TEST_F(LoadTest, MakesAProjectOfEachCredentialOfADirectory) {
  dir_.Write("credentials/api-key_b", "08example\n");
  dir_.Write("credentials/api-key_a", "04example\n");
  dir_.Write("credentials/api-key_a~", "04before\n");
  dir_.Write("credentials/web.pem", "no key");
  variables_ = {{"CREDENTIALS_DIRECTORY", dir_.Path("credentials")}};
  const Loaded loaded = Good();
  EXPECT_EQ(Text(loaded.warnings), "");
  const auto& projects = loaded.config.projects;
  ASSERT_EQ(projects.size(), 2U);
  EXPECT_EQ(projects[0].name, "a");
  EXPECT_EQ(projects[0].key.file, dir_.Path("credentials/api-key_a"));
  EXPECT_EQ(projects[1].name, "b");
  EXPECT_EQ(projects[1].key.key.Reveal(), "08example");
}

TEST_F(LoadTest, FindsTheCredentialOfAProjectThatIsDescribedWithoutAKey) {
  dir_.Write("credentials/api-key_production", "04example\n");
  dir_.Write("credentials/api-key_other", "08example\n");
  variables_ = {{"CREDENTIALS_DIRECTORY", dir_.Path("credentials")}};
  file_ = dir_.Write("config.yml",
                     "projects: [ { name: production, thresholds: { balance: "
                     "{ warning: 5 } } } ]\n");
  const Loaded loaded = Good();
  EXPECT_EQ(Text(loaded.warnings), "");
  const auto& projects = loaded.config.projects;
  ASSERT_EQ(projects.size(), 2U);
  EXPECT_EQ(projects[0].name, "other");
  EXPECT_EQ(projects[1].name, "production");
  EXPECT_EQ(projects[1].key.file, dir_.Path("credentials/api-key_production"));
  EXPECT_EQ(projects[1].balance.warning, Money::Parse("5"));
}

TEST_F(LoadTest, WarnsOfACredentialWhoseProjectHasAnotherKey) {
  WriteConfig("");
  dir_.Write("credentials/api-key_production", "08other\n");
  variables_ = {{"CREDENTIALS_DIRECTORY", dir_.Path("credentials")}};
  const Loaded loaded = Good();
  EXPECT_EQ(loaded.config.projects.at(0).key.file, key_path_);
  EXPECT_EQ(Text(loaded.warnings),
            "CREDENTIALS_DIRECTORY: the credential api-key_production is not "
            "used, as its project has another key: remove one of them\n");
}

TEST_F(LoadTest, RefusesACredentialThatIsNoKey) {
  dir_.Write("credentials/api-key_a", "");
  variables_ = {{"CREDENTIALS_DIRECTORY", dir_.Path("credentials")}};
  EXPECT_TRUE(Bad().starts_with("CREDENTIALS_DIRECTORY: ")) << Bad();
}

TEST_F(LoadTest, IgnoresACredentialsDirectoryThatIsNotThere) {
  variables_ = {{"CREDENTIALS_DIRECTORY", dir_.Path("nowhere")}};
  EXPECT_TRUE(Bad().starts_with("there is no project")) << Bad();
}

TEST_F(LoadTest, ServesOnSocketsOrAddressesButNotBoth) {
  variables_ = {{"SERVERSPACE_API_KEY", "04example"}};
  flags_ = {{"web.systemd-socket", "true"}};
  const WebSettings web = Good().config.web;
  EXPECT_TRUE(web.systemd_socket);
  EXPECT_TRUE(web.listen_addresses.empty());
  variables_["SERVERSPACE_WEB_LISTEN_ADDRESS"] = ":1";
  EXPECT_EQ(Bad(),
            "SERVERSPACE_WEB_LISTEN_ADDRESS: is set beside "
            "--web.systemd-socket, with which the socket unit says where to "
            "listen: unset one of them\n");
}

TEST_F(LoadTest, RefusesTwoKeysOfTheEnvironment) {
  variables_ = {{"SERVERSPACE_API_KEY", "04example"},
                {"SERVERSPACE_KEY", "04example"}};
  EXPECT_EQ(Good().config.projects.size(), 1U);
  variables_["SERVERSPACE_KEY"] = "04other";
  EXPECT_EQ(Bad(),
            "SERVERSPACE_KEY: is not the key in SERVERSPACE_API_KEY: unset one "
            "of them\n");
  variables_.erase("SERVERSPACE_API_KEY");
  variables_["SERVERSPACE_API_KEY_FILE"] = dir_.Write("key", "04example");
  EXPECT_EQ(
      Bad(),
      "SERVERSPACE_KEY: is set beside SERVERSPACE_API_KEY_FILE: unset one "
      "of them\n");
}

TEST_F(LoadTest, NamesTheVariableOfEachProblem) {
  variables_ = {{"SERVERSPACE_API_KEY_FILE", dir_.Path("missing")},
                {"SERVERSPACE_HOST", "api.example.com"},
                {"SERVERSPACE_PROJECT", "two\nlines"},
                {"SERVERSPACE_CA_FILE", dir_.Path("missing")},
                {"SERVERSPACE_API_KEY_EXPIRES", "soon"},
                {"SERVERSPACE_BALANCE_WARNING", "1"},
                {"SERVERSPACE_BALANCE_CRITICAL", "2"}};
  const std::string problems = Bad();
  for (const auto& [name, value] : variables_) {
    if (name == "SERVERSPACE_BALANCE_WARNING") continue;
    EXPECT_NE(problems.find(name + ": "), std::string::npos)
        << name << " is not in " << problems;
  }
}

TEST_F(LoadTest, RefusesAKeyVariableBesideProjects) {
  WriteConfig("");
  variables_ = {{"SERVERSPACE_API_KEY", "04example"},
                {"SERVERSPACE_KEY", "04example"},
                {"SERVERSPACE_API_KEY_FILE", key_path_}};
  EXPECT_EQ(Bad(),
            "SERVERSPACE_API_KEY_FILE: is set, but the projects come from the "
            "configuration: unset it\n"
            "SERVERSPACE_API_KEY: is set, but the projects come from the "
            "configuration: unset it\n"
            "SERVERSPACE_KEY: is set, but the projects come from the "
            "configuration: unset it\n");
}

TEST_F(LoadTest, WarnsOfWhatHasNoEffectBesideProjects) {
  WriteConfig("");
  dir_.Write("credentials/api-key", "04example\n");
  variables_ = {{"SERVERSPACE_PROJECT", "other"},
                {"CREDENTIALS_DIRECTORY", dir_.Path("credentials")}};
  const Loaded loaded = Good();
  EXPECT_EQ(loaded.config.projects.at(0).name, "production");
  EXPECT_EQ(Text(loaded.warnings),
            "SERVERSPACE_PROJECT: has no effect, as the projects come from the "
            "configuration: unset it\n"
            "CREDENTIALS_DIRECTORY: the credential api-key is not used, as the "
            "projects come from the configuration: remove it\n");
}

// A directory of keys.

TEST_F(LoadTest, MakesAProjectOfEachFileInTheDirectory) {
  dir_.Write("keys.d/b", "08example\n");
  dir_.Write("keys.d/a", "04example\n");
  dir_.Write("keys.d/.hidden", "");
  dir_.Write("keys.d/a~", "");
  dir_.Write("keys.d/a.tmp", "");
  dir_.Write("keys.d/folder/c", "");
  variables_ = {{"SERVERSPACE_PROJECTS_DIR", dir_.Path("keys.d")}};
  const Config c = Good().config;
  EXPECT_EQ(c.projects_dir, dir_.Path("keys.d"));
  ASSERT_EQ(c.projects.size(), 2U);
  EXPECT_EQ(c.projects[0].name, "a");
  EXPECT_EQ(c.projects[0].key.file, dir_.Path("keys.d/a"));
  EXPECT_EQ(c.projects[0].base_url.host, "api.serverspace.io");
  EXPECT_EQ(c.projects[1].name, "b");
  EXPECT_EQ(c.projects[1].key.key.Reveal(), "08example");
}

TEST_F(LoadTest, ReadsAMountedKubernetesSecret) {
  dir_.Write("keys.d/..2026/production", "04example");
  fs::create_directory_symlink("..2026", dir_.Path("keys.d/..data"));
  fs::create_symlink("..data/production", dir_.Path("keys.d/production"));
  flags_ = {{"projects-dir", dir_.Path("keys.d")}};
  const auto projects = Good().config.projects;
  ASSERT_EQ(projects.size(), 1U);
  EXPECT_EQ(projects[0].name, "production");
}

TEST_F(LoadTest, SaysThatTheDirectoryIsEmpty) {
  fs::create_directory(dir_.Path("keys.d"));
  flags_ = {{"projects-dir", dir_.Path("keys.d")}};
  EXPECT_EQ(Bad(), "--projects-dir: " + dir_.Path("keys.d") +
                       " has no key: put one file per project into it, named "
                       "like the project\n");
}

TEST_F(LoadTest, SaysThatALinkLeadsNowhere) {
  fs::create_directory(dir_.Path("keys.d"));
  fs::create_symlink("missing", dir_.Path("keys.d/production"));
  flags_ = {{"projects-dir", dir_.Path("keys.d")}};
  EXPECT_EQ(Bad(), "--projects-dir: cannot open " +
                       dir_.Path("keys.d/production") +
                       ": No such file or directory\n");
}

TEST_F(LoadTest, DoesNotShowAKeyThatBecameAFileName) {
  const std::string key = "04" + std::string(62, 'a');
  dir_.Write("keys.d/" + key, "");
  flags_ = {{"projects-dir", dir_.Path("keys.d")}};
  EXPECT_EQ(
      Bad(),
      "--projects-dir: the project name looks like an API key: the file " +
          dir_.Path("keys.d") + "/<redacted> must be named like the project\n");
}

// Warnings.

TEST_F(LoadTest, WarnsOfKeysThatEverybodyCanRead) {
  dir_.Write("keys.d/a", "04a", 0644);
  dir_.Write("keys.d/b", "04b", 0604);
  dir_.Write("keys.d/c", "04c", 0640);
  flags_ = {{"projects-dir", dir_.Path("keys.d")}};
  EXPECT_EQ(
      Text(Good().warnings),
      "--projects-dir: every user of this machine can read the key: chmod "
      "o-rwx '" +
          dir_.Path("keys.d/a") + "' (and 1 more key files)\n");
}

TEST_F(LoadTest, WarnsOfAKeyInAFileThatEverybodyCanRead) {
  const std::string text = "projects: [ { name: a, api_key: 04example } ]";
  file_ = dir_.Write("config.yml", text, 0644);
  EXPECT_EQ(Text(Good().warnings),
            *file_ +
                ": every user of this machine can read the key: chmod o-rwx '" +
                *file_ + "'\n");
  file_ = dir_.Write("config.yml", text, 0640);
  EXPECT_TRUE(Good().warnings.empty());
}

TEST_F(LoadTest, WarnsOfTwoProjectsWithOneKey) {
  file_ = dir_.Write("config.yml",
                     "projects:\n"
                     "  - { name: b, api_key: 04example }\n"
                     "  - { name: a, api_key: 04example }\n");
  EXPECT_EQ(Text(Good().warnings),
            *file_ +
                ":2:13: projects[0].name: project \"b\" has the same key as "
                "\"a\": its money is counted twice\n");
}

// Secrets.

TEST_F(LoadTest, ShowsNoPartOfAKeyInAnyText) {
  // Eight characters in a row would be a part; the first two may be shown.
  const std::string key = "qxV7wPz2kLm9RtYb4NcHs6JdGf8QaXe3";
  const auto leaks = [&](const std::string& text) {
    for (std::size_t i = 0; i + 6 <= key.size(); ++i) {
      if (text.find(key.substr(i, 6)) != std::string::npos) return true;
    }
    return false;
  };
  const std::string twice = key + key;
  const std::string path = dir_.Write("key", key);
  const std::string spoilt = dir_.Write("spoilt", key + " " + key);
  const std::string files[] = {
      "projects: [ { name: a, api_key: " + key + " } ]",
      "projects: [ { name: a, api_key: '" + key + " " + key + "' } ]",
      "projects: [ { name: a, api_key: '" + key + "\xC3\xA9' } ]",
      "projects: [ { name: a, api_key: [ " + key + " ] } ]",
      "projects: [ { name: a, api_key: { " + key + ": x } } ]",
      "projects: [ { name: a, api_key: \"" + key + "\\q\" } ]",
      "projects: [ { name: a, api_key: \"" + key,
      "projects: [ { name: a, api_key: " + key + ", api_key: " + key + " } ]",
      "projects: [ { name: a, api_key: " + key + ", api_key_file: x } ]",
      "projects: [ { name: a, api_key: *" + key + " } ]",
      "projects: [ { name: a, api_key: !" + key + " x } ]",
      "projects: [ { name: a, api_key: " + key + ": } ]",
      "projects: [ { name: a, api_key_file: " + path + " } ]",
      "projects: [ { name: a, api_key_file: " + spoilt + " } ]",
      "projects: [ { name: a, api_key_file: " + twice + " } ]",
      "projects: [ { name: " + twice + ", api_key_file: " + path + " } ]",
      "projects: [ { name: a, base_url: " + twice + ", api_key: 04x } ]",
      "projects: [ { name: a, api_key_expires: " + twice + ", api_key: 04x } ]",
      "projects: [ { " + twice + ": a } ]",
      "projects: [ " + twice + " ]",
      "projects: " + twice,
      twice,
      twice + ": x",
      "collectors: { " + twice + ": {} }",
      "collectors: { servers: { interval: " + twice + ", enabled: " + twice +
          " } }",
      "thresholds: { balance: { " + twice + ": {} } }",
      "thresholds: { balance: { USD: { warning: " + twice + " } } }",
      "api: { timeout: " + twice + ", max_requests_per_second: " + twice + " }",
      "api: { proxy_url: 'socks5://" + key + "@x', base_url: 'http://" + key +
          "@x' }",
  };
  for (const std::string& text : files) {
    file_ = dir_.Write("config.yml", text);
    const std::string problems = Bad();
    EXPECT_NE(problems, "none") << text;
    EXPECT_FALSE(leaks(problems)) << problems;
  }
  file_.reset();
  const std::map<std::string, std::string> environments[] = {
      {{"SERVERSPACE_API_KEY", key}},
      {{"SERVERSPACE_API_KEY", key + " " + key}},
      {{"SERVERSPACE_API_KEY", key}, {"SERVERSPACE_KEY", twice}},
      {{"SERVERSPACE_API_KEY_FILE", spoilt}},
      {{"SERVERSPACE_API_KEY_FILE", twice}},
      {{"SERVERSPACE_API_KEY", key}, {"SERVERSPACE_PROJECT", twice}},
      {{"SERVERSPACE_API_KEY", key}, {"SERVERSPACE_API_TIMEOUT", twice}},
  };
  for (const auto& environment : environments) {
    variables_ = environment;
    const std::string problems = Bad();
    EXPECT_NE(problems, "none");
    EXPECT_FALSE(leaks(problems)) << problems;
  }
}

// Shards.

TEST_F(LoadTest, IsTheOnlyShardByDefault) {
  WriteConfig("");
  const Config c = Good().config;
  EXPECT_EQ(c.shard.index, 0);
  EXPECT_EQ(c.shard.count, 1);
  EXPECT_EQ(c.projects.size(), 1U);
}

TEST_F(LoadTest, KeepsTheProjectsOfItsShard) {
  for (int i = 0; i < 30; ++i)
    dir_.Write("keys/p" + std::to_string(i), "04example" + std::to_string(i));
  flags_ = {{"projects-dir", dir_.Path("keys")}, {"shard.count", "3"}};
  std::multiset<std::string> names;
  for (const char* index : {"0", "1", "2"}) {
    variables_["SERVERSPACE_SHARD_INDEX"] = index;
    const Config c = Good().config;
    EXPECT_EQ(c.shard.index, std::stoi(index));
    EXPECT_FALSE(c.projects.empty());
    EXPECT_LT(c.projects.size(), 20U);
    for (const ProjectSettings& project : c.projects) {
      EXPECT_TRUE(Owns(c.shard, project.name));
      names.insert(project.name);
    }
  }
  EXPECT_EQ(names.size(), 30U);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 30U);
}

TEST_F(LoadTest, MayHaveNoProjectInItsShard) {
  WriteConfig("");
  flags_ = {{"shard.count", "2"}};
  std::size_t projects = 0;
  for (const char* index : {"0", "1"}) {
    variables_["SERVERSPACE_SHARD_INDEX"] = index;
    projects += Good().config.projects.size();
  }
  EXPECT_EQ(projects, 1U);
}

TEST_F(LoadTest, FindsMistakesOfOtherShardsToo) {
  WriteConfig("projects_dir: keys\n");
  dir_.Write("keys/broken", "two words\n");
  flags_ = {{"shard.count", "2"}};
  for (const char* index : {"0", "1"}) {
    variables_["SERVERSPACE_SHARD_INDEX"] = index;
    EXPECT_NE(Bad().find("broken"), std::string::npos);
  }
}

TEST_F(LoadTest, TakesTheShardFromTheHostName) {
  WriteConfig("");
  variables_["SERVERSPACE_SHARD_INDEX"] = "auto";
  variables_["SERVERSPACE_SHARD_COUNT"] = "4";
  host_name_ = "exporter-3";
  EXPECT_EQ(Good().config.shard.index, 3);
  host_name_ = "laptop";
  EXPECT_EQ(Bad(),
            "SERVERSPACE_SHARD_INDEX: auto needs a host name that ends in a "
            "dash and a number, such as exporter-3; this one is \"laptop\"\n");
}

TEST_F(LoadTest, RefusesACountOfShardsWithoutAnIndex) {
  WriteConfig("");
  variables_["SERVERSPACE_SHARD_COUNT"] = "4";
  EXPECT_TRUE(Bad().starts_with(
      "SERVERSPACE_SHARD_COUNT: is above 1, so SERVERSPACE_SHARD_INDEX must"))
      << Bad();
  flags_ = {{"shard.count", "4"}};
  EXPECT_TRUE(
      Bad().starts_with("--shard.count: is above 1, so --shard.index must"))
      << Bad();
  flags_.clear();
  variables_["SERVERSPACE_SHARD_COUNT"] = "1";
  EXPECT_EQ(Good().config.shard.index, 0);
}

TEST_F(LoadTest, RefusesAShardThatIsNotThere) {
  WriteConfig("");
  flags_ = {{"shard.index", "4"}, {"shard.count", "4"}};
  EXPECT_EQ(Bad(),
            "--shard.index: the shard is 4, but the last of 4 is 3: give each "
            "its own --shard.index, and all of them --shard.count\n");
  flags_ = {{"shard.index", "auto"}};
  host_name_ = "exporter-1";
  EXPECT_EQ(Bad(),
            "--shard.index: the shard is 1, but the last of 1 is 0: give each "
            "its own --shard.index, and all of them --shard.count\n");
  for (const char* index : {"-1", "x", "1.5", "AUTO"}) {
    flags_ = {{"shard.index", index}, {"shard.count", "4"}};
    EXPECT_TRUE(Bad().starts_with("--shard.index: ")) << index;
  }
  flags_ = {{"shard.count", "0"}};
  EXPECT_TRUE(Bad().starts_with("--shard.count: "));
}

TEST_F(LoadTest, LeavesOutOtherProjectsWhateverTheirKeys) {
  dir_.Write("keys/good", "04example\n");
  dir_.Write("keys/empty", "\n");
  dir_.Write("keys.d/listed", "04example2\n");
  dir_.Write("keys.d/broken", "two words\n");
  file_ = dir_.Write("config.yml",
                     "projects_dir: keys.d\n"
                     "projects:\n"
                     "  - { name: a, api_key_file: keys/good }\n"
                     "  - { name: b, api_key_file: keys/empty }\n"
                     "  - { name: c, api_key_file: keys/missing }\n"
                     "  - { name: d }\n");
  EXPECT_NE(Bad(), "none");
  for (const std::string name : {"a", "listed"}) {
    only_project_ = name;
    const Config config = Good().config;
    ASSERT_EQ(config.projects.size(), 1U);
    EXPECT_EQ(config.projects[0].name, name);
  }
  for (const std::string name : {"b", "c", "d", "broken"}) {
    only_project_ = name;
    const std::string problems = Bad();
    EXPECT_EQ(std::ranges::count(problems, '\n'), 1) << problems;
  }
}

TEST_F(LoadTest, TellsOfMistypedVariables) {
  variables_ = {{"SERVERSPACE_API_KEY", "04example"},
                {"SERVERSPACE_PROJCT", "production"}};
  const auto warnings = Good().warnings;
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].ToString(),
            "SERVERSPACE_PROJCT: is no variable of this program and has no "
            "effect: did you mean SERVERSPACE_PROJECT?");
  // It is likely why something is missing, and then comes first.
  variables_ = {{"SERVERSPACE_API_KEY_FLIE", "/key"}};
  EXPECT_TRUE(Bad().starts_with("SERVERSPACE_API_KEY_FLIE: ")) << Bad();
  EXPECT_NE(Bad().find("there is no project"), std::string::npos);
}

TEST_F(LoadTest, NamesTheWayInWhichTheAddressIsSet) {
  const auto ends_with = [](const std::string& text, std::string_view setting) {
    return text.ends_with("set " + std::string(setting) +
                          " to the address of the API\n");
  };
  variables_["SERVERSPACE_API_KEY"] = "zzexample";
  EXPECT_TRUE(ends_with(Bad(), "SERVERSPACE_HOST")) << Bad();
  variables_.clear();
  dir_.Write("keys/one", "zzexample\n");
  variables_["SERVERSPACE_PROJECTS_DIR"] = dir_.Path("keys");
  EXPECT_TRUE(ends_with(Bad(), "SERVERSPACE_HOST")) << Bad();
  variables_.clear();
  file_ = dir_.Write("config.yml", "projects_dir: keys\n");
  EXPECT_TRUE(ends_with(Bad(), "api.base_url")) << Bad();
  file_ = dir_.Write("config.yml",
                     "projects: [ { name: a, api_key_file: keys/one } ]\n");
  EXPECT_TRUE(ends_with(Bad(), "base_url")) << Bad();
}

TEST_F(LoadTest, RepeatsNoKeyFromAnyWord) {
  const std::string key = "is5" + std::string(61, 'K');
  const auto hidden = [&] {
    const std::string text = Bad();
    EXPECT_NE(text, "none");
    EXPECT_EQ(text.find("KKKK"), std::string::npos) << text;
  };
  variables_ = {{"SERVERSPACE_CONFIG_FILE", "/nowhere/" + key + "/x.yml"}};
  hidden();
  for (const char* name :
       {"SERVERSPACE_API_TIMEOUT", "SERVERSPACE_HOST", "SERVERSPACE_CA_FILE",
        "SERVERSPACE_API_KEY_FILE", "SERVERSPACE_WEB_LISTEN_ADDRESS",
        "SERVERSPACE_SHARD_INDEX", "SERVERSPACE_PROJECTS_DIR",
        "SERVERSPACE_COLLECTOR_SERVERS", "SERVERSPACE_STALE_AFTER",
        "SERVERSPACE_BALANCE_WARNING", "SERVERSPACE_API_KEY_EXPIRES"}) {
    variables_ = {{"SERVERSPACE_API_KEY", "04example"}};
    if (std::string_view(name) == "SERVERSPACE_API_KEY_FILE")
      variables_.clear();
    for (const std::string& value :
         {key, "x/" + key, key + "/x", "a-path-of-some-length/" + key}) {
      variables_[name] = value;
      hidden();
    }
  }
  variables_.clear();
  for (const std::string& line :
       {"a-" + key + ": 1", "api: { 'timeout " + key + "': 1 }",
        "collectors: { x." + key + ": { enabled: true } }",
        "thresholds: { balance: { /" + key + ": { warning: 1 } } }",
        "api: { timeout: 5-" + key + " }", "projects_dir: ./" + key + "/d",
        "projects: [ { name: x, api_key_file: ./" + key + " } ]"}) {
    file_ = dir_.Write("config.yml", line + "\n");
    hidden();
  }
}

TEST_F(LoadTest, ObeysReloadRequestsOnlyIfTold) {
  WriteConfig("");
  EXPECT_FALSE(Good().config.web.enable_lifecycle);
  EXPECT_FALSE(Good().config.web.enable_task_api);
  flags_ = {{"web.enable-lifecycle", "true"}, {"web.enable-task-api", "true"}};
  EXPECT_TRUE(Good().config.web.enable_lifecycle);
  EXPECT_TRUE(Good().config.web.enable_task_api);
}

}  // namespace
}  // namespace serverspace::config
