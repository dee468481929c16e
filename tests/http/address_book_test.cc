#include "http/address_book.h"

#include <future>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "http/fake_resolver.h"

namespace serverspace::http {
namespace {

using Addresses = std::vector<std::string>;

class AddressBookTest : public testing::Test {
 protected:
  static constexpr const char* kHost = "api.example.com";

  AddressBookTest() { resolver_->Set(kHost, {"192.0.2.1", "192.0.2.2"}); }
  ~AddressBookTest() override { resolver_->SetHanging(false); }

  Result<Addresses, TransportError> Lookup(const std::string& host = kHost,
                                           const std::stop_token& stop = {}) {
    return book_.Lookup(host, clock_.Mono() + std::chrono::seconds(10), stop);
  }

  FakeClock clock_;
  std::shared_ptr<FakeResolver> resolver_ = std::make_shared<FakeResolver>();
  AddressBook book_{resolver_, clock_};
};

TEST_F(AddressBookTest, ResolvesOnceWithinTheLife) {
  EXPECT_EQ(Lookup().value(), (Addresses{"192.0.2.1", "192.0.2.2"}));
  clock_.Advance(AddressBook::kLife - std::chrono::seconds(1));
  EXPECT_EQ(Lookup().value().size(), 2U);
  EXPECT_EQ(resolver_->calls(), 1);
}

TEST_F(AddressBookTest, GivesOldAddressesWhileNewOnesAreFetched) {
  ASSERT_TRUE(Lookup().ok());
  resolver_->Set(kHost, {"192.0.2.3"});
  resolver_->SetHanging(true);
  clock_.Advance(AddressBook::kLife);
  EXPECT_EQ(Lookup().value().front(), "192.0.2.1");
  resolver_->AwaitCalls(2);
  EXPECT_EQ(Lookup().value().front(), "192.0.2.1");

  resolver_->SetHanging(false);
  // The answer of the second resolution arrives some time soon.
  while (Lookup().value().front() != "192.0.2.3") std::this_thread::yield();
  EXPECT_EQ(resolver_->calls(), 2);
}

TEST_F(AddressBookTest, KeepsOldAddressesWhenTheNameIsGone) {
  ASSERT_TRUE(Lookup().ok());
  resolver_->Remove(kHost);
  clock_.Advance(AddressBook::kLife);
  for (int calls = 2; calls < 5; ++calls) {
    EXPECT_EQ(Lookup().value().front(), "192.0.2.1");
    resolver_->AwaitCalls(2);
  }
}

TEST_F(AddressBookTest, TellsAllCallersOfAFailureAndThenTriesAgain) {
  const auto failed = Lookup("unknown.example.com");
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().stage, Stage::kResolve);
  EXPECT_EQ(failed.error().error.code, ErrorCode::kNetwork);
  EXPECT_EQ(failed.error().error.message, "name or service not known");
  resolver_->Set("unknown.example.com", {"192.0.2.9"});
  EXPECT_EQ(Lookup("unknown.example.com").value().front(), "192.0.2.9");
}

TEST_F(AddressBookTest, SharesOnePendingResolution) {
  resolver_->SetHanging(true);
  std::vector<std::future<Result<Addresses, TransportError>>> callers;
  for (int i = 0; i < 20; ++i)
    callers.push_back(std::async(std::launch::async, [&] { return Lookup(); }));
  clock_.AwaitWaiters(20);
  resolver_->SetHanging(false);
  for (auto& caller : callers) EXPECT_TRUE(caller.get().ok());
  EXPECT_EQ(resolver_->calls(), 1);
}

TEST_F(AddressBookTest, EndsAtTheDeadlineWhileTheResolverHangs) {
  resolver_->SetHanging(true);
  auto caller = std::async(std::launch::async, [&] { return Lookup(); });
  resolver_->AwaitCalls(1);
  clock_.AwaitWaiters(1);
  clock_.Advance(std::chrono::seconds(10));
  const auto result = caller.get();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().error.code, ErrorCode::kTimeout);
  EXPECT_EQ(result.error().stage, Stage::kResolve);
}

TEST_F(AddressBookTest, EndsAtAStopWhileTheResolverHangs) {
  resolver_->SetHanging(true);
  std::stop_source stop;
  auto caller = std::async(std::launch::async,
                           [&] { return Lookup(kHost, stop.get_token()); });
  resolver_->AwaitCalls(1);
  stop.request_stop();
  const auto result = caller.get();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().error.code, ErrorCode::kCancelled);
}

TEST_F(AddressBookTest, GoesWhileTheResolverHangs) {
  const auto resolver = std::make_shared<FakeResolver>();
  resolver->SetHanging(true);
  auto book = std::make_unique<AddressBook>(resolver, clock_);
  EXPECT_FALSE(book->Lookup(kHost, clock_.Mono(), {}).ok());
  resolver->AwaitCalls(1);
  book.reset();
  resolver->SetHanging(false);
}

TEST_F(AddressBookTest, PutsTheAddressThatWorkedFirst) {
  ASSERT_TRUE(Lookup().ok());
  book_.NoteWorking(kHost, "192.0.2.2");
  EXPECT_EQ(Lookup().value(), (Addresses{"192.0.2.2", "192.0.2.1"}));
  book_.NoteWorking(kHost, "192.0.2.77");
  EXPECT_EQ(Lookup().value(), (Addresses{"192.0.2.1", "192.0.2.2"}));
}

TEST_F(AddressBookTest, TakesAnAddressAsItIs) {
  EXPECT_EQ(Lookup("192.0.2.7").value(), Addresses{"192.0.2.7"});
  EXPECT_EQ(Lookup("2001:db8::7").value(), Addresses{"2001:db8::7"});
  EXPECT_EQ(resolver_->calls(), 0);
}

TEST(SystemResolverTest, ResolvesLocalhost) {
  SystemResolver resolver;
  const auto addresses = resolver.Resolve("localhost");
  ASSERT_TRUE(addresses.ok()) << addresses.error().message;
  for (const std::string& address : addresses.value())
    EXPECT_TRUE(IsAddress(address)) << address;
}

}  // namespace
}  // namespace serverspace::http
