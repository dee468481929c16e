#include "collectors/example_fixture.h"
#include "collectors/factories.h"

namespace serverspace::collectors {
namespace {

class SshKeysCollectorTest : public ExampleFixture {
 protected:
  std::string Lines() { return Collect(*collector_); }

  const std::unique_ptr<Collector> collector_ = MakeSshKeysCollector();
};

TEST_F(SshKeysCollectorTest, TellsNamesAndNeverTheKey) {
  for (const char* example : {"ssh-keys.json", "ssh-keys-as-documented.json"}) {
    client_.ssh_keys = AnswerExample(api::ReadSshKeys, example);
    EXPECT_EQ(
        Lines(),
        R"(serverspace_ssh_key_info{project="prod",ssh_key_id="311",name="ops-laptop"} 1
serverspace_ssh_keys{project="prod"} 1
)");
  }
}

TEST_F(SshKeysCollectorTest, PassesErrorsOn) {
  client_.ssh_keys = Fails(ErrorCode::kNotFound);
  EXPECT_EQ(Lines(), "error: GET /x: no");
}

}  // namespace
}  // namespace serverspace::collectors
