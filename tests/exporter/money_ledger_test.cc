#include "exporter/money_ledger.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <random>

#include <gtest/gtest.h>

#include "base/recording_log.h"
#include "exporter/fake_state_store.h"

namespace serverspace::exporter {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

Money Micros(std::int64_t micros) { return Money::FromMicros(micros); }

/// Whether topup - spend = balance - first_balance, reckoned in 128 bits.
bool AddsUp(const SavedMoney& money) {
  __extension__ typedef __int128 Wide;
  return Wide(money.topup.micros()) - Wide(money.spend.micros()) ==
         Wide(money.balance.micros()) - Wide(money.first_balance.micros());
}

class MoneyLedgerTest : public testing::Test {
 protected:
  void See(std::int64_t micros, std::string_view currency = "USD",
           std::string_view project_id = "p1") {
    ledger_->Observe(project_id, currency, Micros(micros));
  }
  void Restart() {
    ledger_ = std::make_unique<MoneyLedger>("prod", store_, log_);
  }
  /// `spend topup first balance` in micros.
  void ExpectShown(std::int64_t spend, std::int64_t topup, std::int64_t first,
                   std::int64_t balance) {
    const auto shown = ledger_->shown();
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->spend.micros(), spend);
    EXPECT_EQ(shown->topup.micros(), topup);
    EXPECT_EQ(shown->first_balance.micros(), first);
    EXPECT_EQ(shown->balance.micros(), balance);
    EXPECT_TRUE(AddsUp(*shown));
  }

  FakeStateStore store_;
  RecordingLog log_;
  std::unique_ptr<MoneyLedger> ledger_ =
      std::make_unique<MoneyLedger>("prod", store_, log_);
};

TEST_F(MoneyLedgerTest, ShowsNothingBeforeTheFirstBalance) {
  EXPECT_EQ(ledger_->shown(), std::nullopt);
}

TEST_F(MoneyLedgerTest, BeginsAtZero) {
  See(100);
  ExpectShown(0, 0, 100, 100);
  EXPECT_EQ(ledger_->shown()->currency, "USD");
  EXPECT_EQ(ledger_->shown()->project_id, "p1");
}

TEST_F(MoneyLedgerTest, CountsFallsAsSpentAndRisesAsToppedUp) {
  See(100);
  See(70);
  See(120);
  See(119);
  ExpectShown(31, 50, 100, 119);
}

TEST_F(MoneyLedgerTest, CountsOnBelowZero) {
  See(10);
  See(-25);
  See(-5);
  ExpectShown(35, 20, 10, -5);
}

TEST_F(MoneyLedgerTest, SavesNothingWhileNothingChanges) {
  See(100);
  See(100);
  EXPECT_EQ(store_.saves(), 1);
}

TEST_F(MoneyLedgerTest, AddsUpExactlyOverRandomWalks) {
  std::mt19937_64 random(20261125);
  for (int walk = 0; walk < 200; ++walk) {
    MoneyLedger ledger("walk" + std::to_string(walk), store_, log_);
    // From hundredths of a cent up to steps near the limits.
    const std::int64_t reach = kMax >> (walk % 62);
    std::uniform_int_distribution<std::int64_t> step(-reach, reach);
    Money last;
    for (int i = 0; i < 500; ++i) {
      const Money balance = Micros(step(random));
      ledger.Observe("p1", "USD", balance);
      const auto shown = ledger.shown();
      ASSERT_TRUE(shown);
      ASSERT_TRUE(AddsUp(*shown)) << "walk " << walk << " step " << i;
      ASSERT_EQ(shown->balance, balance);
      ASSERT_GE(shown->spend, Money());
      ASSERT_GE(shown->topup, Money());
      last = balance;
    }
    EXPECT_EQ(ledger.shown()->balance, last);
  }
}

TEST_F(MoneyLedgerTest, MatchesAPlainSumOfTheSteps) {
  std::mt19937_64 random(7);
  std::uniform_int_distribution<std::int64_t> step(-1'000'000, 1'000'000);
  std::int64_t balance = 5'000'000;
  std::int64_t spend = 0;
  std::int64_t topup = 0;
  See(balance);
  for (int i = 0; i < 2000; ++i) {
    const std::int64_t change = step(random);
    balance += change;
    (change < 0 ? spend : topup) += change < 0 ? -change : change;
    See(balance);
  }
  ExpectShown(spend, topup, 5'000'000, balance);
  EXPECT_TRUE(log_.Lines().empty());
}

TEST_F(MoneyLedgerTest, StartsOverWhenTheCurrencyChanges) {
  See(100);
  See(60);
  See(9000, "RUB");
  ExpectShown(0, 0, 9000, 9000);
  EXPECT_EQ(ledger_->shown()->currency, "RUB");
  EXPECT_EQ(
      log_.Lines("warn"),
      (std::vector<std::string>{
          "warn the balance has a new baseline; nothing is counted as "
          "spent or topped up project=prod reason=the currency changed"}));
  See(8990, "RUB");
  ExpectShown(10, 0, 9000, 8990);
  EXPECT_EQ(log_.Lines("warn").size(), 1U);
}

TEST_F(MoneyLedgerTest, TakesNoDifferenceBetweenTwoProjects) {
  See(100);
  See(70);
  See(5000, "USD", "p2");
  // The totals stay, as the series does; only the step is not counted.
  ExpectShown(30, 0, 5030, 5000);
  EXPECT_EQ(ledger_->shown()->project_id, "p2");
  ASSERT_EQ(log_.Lines("warn").size(), 1U);
  EXPECT_TRUE(log_.Mentions("reason=the key belongs to another project now"));
  See(4999, "USD", "p2");
  ExpectShown(31, 0, 5030, 4999);
}

TEST_F(MoneyLedgerTest, TakesANewBaselineWhenAStepIsTooLong) {
  See(kMin);
  See(kMax);
  ExpectShown(0, 0, kMax, kMax);
  ASSERT_EQ(log_.Lines("warn").size(), 1U);
  EXPECT_TRUE(log_.Mentions("reason=the amounts exceed what can be counted"));
}

TEST_F(MoneyLedgerTest, CountsUpToTheLimit) {
  See(0);
  See(kMax);
  ExpectShown(0, kMax, 0, kMax);
  See(0);
  ExpectShown(kMax, kMax, 0, 0);
  EXPECT_TRUE(log_.Lines().empty());
}

TEST_F(MoneyLedgerTest, TakesANewBaselineWhenATotalIsFull) {
  See(0);
  See(kMax);
  See(0);
  See(1);
  ExpectShown(kMax, kMax, 1, 1);
  EXPECT_EQ(log_.Lines("warn").size(), 1U);
}

TEST_F(MoneyLedgerTest, StartsOverWhereNoBaselineAddsUp) {
  See(0);
  See(-1000);
  // 1000 were spent, so the first balance would have to be beyond the limit.
  See(kMax, "USD", "p2");
  ExpectShown(0, 0, kMax, kMax);
}

TEST_F(MoneyLedgerTest, ShowsATotalOnlyOnceItIsKept) {
  store_.Hold();
  See(100);
  EXPECT_EQ(ledger_->shown(), std::nullopt);
  See(90);
  See(70);
  store_.Keep(1);
  ExpectShown(0, 0, 100, 100);
  store_.Keep(1);
  ExpectShown(10, 0, 100, 90);
  store_.Keep(1);
  ExpectShown(30, 0, 100, 70);
}

TEST_F(MoneyLedgerTest, CountsOnAfterARestart) {
  See(100);
  See(80);
  Restart();
  ExpectShown(20, 0, 100, 80);
  // What happened meanwhile is counted too.
  See(75);
  ExpectShown(25, 0, 100, 75);
  EXPECT_TRUE(log_.Lines().empty());
}

TEST_F(MoneyLedgerTest, ShowsNothingTwiceAfterACrashBeforeTheWrite) {
  See(100);
  store_.Hold();
  See(80);
  const auto shown = ledger_->shown();
  Restart();
  EXPECT_EQ(ledger_->shown(), shown);
}

TEST_F(MoneyLedgerTest, NoticesAfterARestartThatTheKeyWasSwapped) {
  See(100);
  Restart();
  See(50, "USD", "p2");
  ExpectShown(0, 0, 50, 50);
  EXPECT_EQ(log_.Lines("warn").size(), 1U);
}

TEST_F(MoneyLedgerTest, LoadsItsOwnProjectOnly) {
  store_.Set("other", {.project_id = "p9",
                       .currency = "USD",
                       .first_balance = {},
                       .balance = {},
                       .spend = {},
                       .topup = {}});
  Restart();
  EXPECT_EQ(ledger_->shown(), std::nullopt);
}

TEST_F(MoneyLedgerTest, TellsWhenOtherTotalsMayBeShown) {
  See(100);
  const auto version = ledger_->shown_version();
  See(100);
  EXPECT_EQ(ledger_->shown_version(), version);
  store_.Hold();
  See(90);
  EXPECT_EQ(ledger_->shown_version(), version);
  store_.Keep(1);
  EXPECT_GT(ledger_->shown_version(), version);
}

// A project may be removed while the store still writes.
TEST_F(MoneyLedgerTest, MayGoBeforeTheStoreHasKeptItsTotals) {
  store_.Hold();
  See(100);
  ledger_.reset();
  store_.Keep(1);
  Restart();
  ExpectShown(0, 0, 100, 100);
}

}  // namespace
}  // namespace serverspace::exporter
