#include <algorithm>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "api/decode_fixture.h"

namespace serverspace::api {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// A reader of one endpoint's list, as the number of items that it found.
struct Reader {
  std::string example;
  std::vector<std::string> wrappers;
  std::string required;
  std::function<Result<std::size_t>(std::string, Drift&)> read;
};

void PrintTo(const Reader& reader, std::ostream* out) {
  *out << reader.example;
}

template <typename T>
auto Counting(Result<std::vector<T>> (*read)(Answer, Drift&)) {
  return [read](std::string body, Drift& drift) -> Result<std::size_t> {
    const auto items = read(std::move(body), drift);
    if (!items.ok()) return items.error();
    return items.value().size();
  };
}

const Reader kReaders[] = {
    {"isolated-networks.json",
     {"isolated_networks"},
     "id",
     Counting(ReadNetworks)},
    {"gateways.json", {"gateways"}, "id", Counting(ReadGateways)},
    {"domains.json", {"domains"}, "name", Counting(ReadDomains)},
    {"domain-records.json", {"records"}, "type", Counting(ReadDomainRecords)},
    {"k8s-clusters.json",
     {"kubernetes_clusters"},
     "id",
     Counting(ReadClusters)},
    {"affinity-groups.json",
     {"affinity_groups"},
     "id",
     Counting(ReadAffinityGroups)},
    {"ssh-keys.json", {"ssh_keys", "ssh_key"}, "id", Counting(ReadSshKeys)},
    {"locations.json", {"locations"}, "id", Counting(ReadLocations)},
    {"images.json", {"images"}, "location_id", Counting(ReadImages)},
    {"snapshots.json", {"snapshots"}, "id", Counting(ReadSnapshots)},
    {"restore-points.json",
     {"restore_points"},
     "id",
     Counting(ReadRestorePoints)},
    {"vmware-servers.json", {"servers"}, "id", Counting(ReadVmwareServers)},
    {"vmware-networks.json", {"networks"}, "id", Counting(ReadVmwareNetworks)},
};

/// Promises that every list keeps.
class DecodeEveryListTest : public DecodeFixture,
                            public testing::WithParamInterface<Reader> {
 protected:
  Result<std::size_t> Read(std::string body) {
    return GetParam().read(std::move(body), drift_);
  }
  static json Whole() { return json::parse(Example(GetParam().example)); }
  static const std::string& Wrapper() { return GetParam().wrappers.front(); }
  static bool HoldsSuchItems(const json& list) {
    return list.is_array() &&
           (list.empty() ||
            std::any_of(list.begin(), list.end(), [](const json& item) {
              return item.contains(GetParam().required);
            }));
  }
};

TEST_P(DecodeEveryListTest, ReadsExamplesWithItsWrapperAndRefusesAllOthers) {
  for (const auto& entry : std::filesystem::directory_iterator(kExamples)) {
    const std::string name = entry.path().filename().string();
    const json answer = json::parse(Example(name));
    bool expected = answer == json::object();
    for (const std::string& wrapper : GetParam().wrappers) {
      expected = expected || (answer.is_object() && answer.contains(wrapper) &&
                              HoldsSuchItems(answer.at(wrapper)));
    }
    EXPECT_EQ(Read(answer.dump()).ok(), expected) << name;
  }
}

TEST_P(DecodeEveryListTest, TakesAnEmptyAnswerForAnEmptyList) {
  for (const json& answer : {json::object(), json{{Wrapper(), nullptr}},
                             json{{Wrapper(), json::array()}}}) {
    const auto items = Read(answer.dump());
    ASSERT_TRUE(items.ok()) << answer;
    EXPECT_EQ(items.value(), 0U) << answer;
  }
}

TEST_P(DecodeEveryListTest, TakesACutAnswerForNoAnswer) {
  const std::string body = Example(GetParam().example);
  ASSERT_TRUE(Read(body).ok());
  for (std::size_t size = 0; size < body.size(); ++size) {
    const auto items = Read(body.substr(0, size));
    ASSERT_FALSE(items.ok()) << size;
    ASSERT_EQ(items.error().code, ErrorCode::kBadResponse);
    ASSERT_THAT(items.error().message,
                AllOf(HasSubstr("GET /"), Not(HasSubstr("EXAMPLE"))));
  }
}

TEST_P(DecodeEveryListTest, DropsAndCountsAnItemWithoutItsRequiredMember) {
  json answer = Whole();
  json& list = answer.at(Wrapper());
  const std::size_t count = list.size();
  json odd = list.at(0);
  odd.erase(GetParam().required);
  list.push_back(std::move(odd));
  const auto items = Read(answer.dump());
  ASSERT_TRUE(items.ok()) << items.error().message;
  EXPECT_EQ(items.value(), count);
  ASSERT_EQ(observer_.bad().size(), 1U);
  EXPECT_TRUE(observer_.bad()[0].ends_with("." + GetParam().required))
      << observer_.bad()[0];
}

TEST_P(DecodeEveryListTest, TakesAListOfNothingThatItCanReadForABadAnswer) {
  json answer = Whole();
  for (json& item : answer.at(Wrapper()))
    item[GetParam().required] = json::object();
  for (const json& list :
       {answer.at(Wrapper()), json::array({nullptr}), json::array({1, "a"}),
        json::array({json::array()}), json::array({json::object()})}) {
    const auto items = Read(json{{Wrapper(), list}}.dump());
    ASSERT_FALSE(items.ok()) << list;
    EXPECT_EQ(items.error().code, ErrorCode::kBadResponse);
    EXPECT_THAT(
        items.error().message,
        HasSubstr("has no item in \"" + Wrapper() + "\" that can be read"));
  }
  EXPECT_FALSE(observer_.bad().empty()) << "and says which member it lacks";
}

/// The JSON pointers to `value` and all that is in it.
void CollectPointers(const json& value, const json::json_pointer& at,
                     std::vector<json::json_pointer>& out) {
  out.push_back(at);
  if (value.is_object()) {
    for (const auto& [key, inner] : value.items())
      CollectPointers(inner, at / key, out);
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i)
      CollectPointers(value[i], at / i, out);
  }
}

TEST_P(DecodeEveryListTest, LosesNoMoreThanTheItemWhoseTypesAreSwapped) {
  const json kStrange[] = {nullptr,
                           true,
                           -1,
                           1.5,
                           1e300,
                           "",
                           "x",
                           json::array(),
                           json::array({1, "a", nullptr, json::object()}),
                           json::object(),
                           std::numeric_limits<std::uint64_t>::max(),
                           std::string(100'000, 'z')};
  const json whole = Whole();
  const std::size_t count = whole.at(Wrapper()).size();
  std::vector<json::json_pointer> pointers;
  for (std::size_t i = 0; i < count; ++i) {
    CollectPointers(whole.at(Wrapper()).at(i),
                    json::json_pointer("/" + Wrapper()) / i, pointers);
  }
  for (const auto& pointer : pointers) {
    for (const json& strange : kStrange) {
      json answer = whole;
      answer.at(pointer) = strange;
      const auto items = Read(answer.dump());
      if (count == 1 && !items.ok()) {
        // It was the only one.
        ASSERT_EQ(items.error().code, ErrorCode::kBadResponse);
        continue;
      }
      ASSERT_TRUE(items.ok()) << pointer << ": " << items.error().message;
      ASSERT_GE(items.value(), count - 1) << pointer << strange;
    }
  }
}

TEST_P(DecodeEveryListTest, SurvivesEveryFlippedByte) {
  const std::string whole = Example(GetParam().example);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const char c : {'\0', '"', '}', '[', ',', '9', '\xFF'}) {
      std::string body = whole;
      body[i] = c;
      const auto items = Read(body);
      if (!items.ok()) {
        ASSERT_EQ(items.error().code, ErrorCode::kBadResponse);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Endpoints, DecodeEveryListTest,
                         testing::ValuesIn(kReaders), [](const auto& reader) {
                           std::string name;
                           for (const char c : reader.param.example) {
                             if (c == '.') break;
                             if (c != '-') name += c;
                           }
                           return name;
                         });

}  // namespace
}  // namespace serverspace::api
