#include "collectors/example_fixture.h"
#include "collectors/factories.h"

namespace serverspace::collectors {
namespace {

class DomainsCollectorTest : public ExampleFixture {
 protected:
  std::string Lines() { return Collect(*collector_); }

  const std::unique_ptr<Collector> collector_ = MakeDomainsCollector();
};

TEST_F(DomainsCollectorTest, AsksForRecordsThatTheListLacks) {
  std::vector<std::string> asked;
  client_.domains = AnswerExample(api::ReadDomains, "domains.json");
  client_.domain_records = [&](const api::Call&, std::string_view name) {
    asked.emplace_back(name);
    return api::ReadDomainRecords(
        R"({"records":[{"type":"NS"},{"type":"ns"},{"type":"CAA"}]})", drift_);
  };
  EXPECT_EQ(
      Lines(),
      R"(serverspace_domain_delegated{project="prod",domain="example.net."} 0
serverspace_domain_delegated{project="prod",domain="example.org."} 1
serverspace_domain_records{project="prod",domain="example.net.",type="a"} 0
serverspace_domain_records{project="prod",domain="example.net.",type="aaaa"} 0
serverspace_domain_records{project="prod",domain="example.net.",type="caa"} 1
serverspace_domain_records{project="prod",domain="example.net.",type="cname"} 0
serverspace_domain_records{project="prod",domain="example.net.",type="mx"} 0
serverspace_domain_records{project="prod",domain="example.net.",type="ns"} 2
serverspace_domain_records{project="prod",domain="example.net.",type="srv"} 0
serverspace_domain_records{project="prod",domain="example.net.",type="txt"} 0
serverspace_domain_records{project="prod",domain="example.org.",type="a"} 1
serverspace_domain_records{project="prod",domain="example.org.",type="aaaa"} 0
serverspace_domain_records{project="prod",domain="example.org.",type="cname"} 0
serverspace_domain_records{project="prod",domain="example.org.",type="mx"} 1
serverspace_domain_records{project="prod",domain="example.org.",type="ns"} 0
serverspace_domain_records{project="prod",domain="example.org.",type="srv"} 1
serverspace_domain_records{project="prod",domain="example.org.",type="txt"} 1
serverspace_domains{project="prod"} 2
)");
  EXPECT_EQ(asked, std::vector<std::string>{"example.net."});
}

TEST_F(DomainsCollectorTest, AsksNothingMoreOfAListWithRecords) {
  client_.domains =
      Answer(api::ReadDomains, R"({"domains":[{"name":"a.","records":[]}]})");
  EXPECT_TRUE(Has(Lines(),
                  "domain_records{project=\"prod\",domain=\"a.\",type=\"mx\"} "
                  "0\n"));
}

TEST_F(DomainsCollectorTest, LeavesOutTheRecordsOfADomainThatVanished) {
  client_.domains = Answer(api::ReadDomains,
                           R"({"domains":[{"name":"a.","is_delegated":true},
                                          {"name":"b."}]})");
  client_.domain_records =
      [&](const api::Call&,
          std::string_view name) -> Result<std::vector<api::DomainRecord>> {
    if (name == "a.") return Error{ErrorCode::kNotFound, "gone"};
    return std::vector<api::DomainRecord>{{.type = "a"}};
  };
  const std::string lines = Lines();
  EXPECT_FALSE(Has(lines, "records{project=\"prod\",domain=\"a.\""));
  EXPECT_TRUE(
      Has(lines, "records{project=\"prod\",domain=\"b.\",type=\"a\"} 1\n"));
}

TEST_F(DomainsCollectorTest, FailsWholeWhenRecordsCannotBeRead) {
  client_.domains = AnswerExample(api::ReadDomains, "domains.json");
  client_.domain_records = Fails(ErrorCode::kTimeout);
  EXPECT_EQ(Lines(), "error: GET /x: no");
}

TEST_F(DomainsCollectorTest, DoesNotBeginWhatItCannotEnd) {
  budget_.calls = 1;
  client_.domains =
      Answer(api::ReadDomains, R"({"domains":[{"name":"a."},{"name":"b."}]})");
  EXPECT_TRUE(Lines().starts_with("error: a run needs 2 calls"));
}

}  // namespace
}  // namespace serverspace::collectors
