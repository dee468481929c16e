#include "api/decode_fixture.h"

namespace serverspace::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class DecodeCopiesTest : public DecodeFixture {};

TEST_F(DecodeCopiesTest, ReadsSnapshots) {
  const auto snapshots = Good(ReadSnapshots, Example("snapshots.json"));
  ASSERT_THAT(snapshots, SizeIs(1));
  EXPECT_EQ(snapshots[0].id, "2210");
  EXPECT_EQ(snapshots[0].name, "pre-upgrade");
  EXPECT_EQ(snapshots[0].size_bytes, 139'586'437'120);
  EXPECT_EQ(snapshots[0].created,
            ParseTimestamp("2026-11-02T22:05:17.3301946Z"));
  EXPECT_THAT(Good(ReadSnapshots, Example("snapshots-none.json")), IsEmpty());
  EXPECT_THAT(Good(ReadSnapshots, "{}"), IsEmpty());
  ExpectNoDrift();
}

TEST_F(DecodeCopiesTest, ReadsTheBackupOfAServer) {
  const Backup backup = Good(ReadBackup, Example("server-backup.json"));
  EXPECT_EQ(backup.enabled, true);
  ASSERT_TRUE(backup.schedule);
  ASSERT_TRUE(backup.schedule->daily && backup.schedule->weekly &&
              backup.schedule->monthly);
  EXPECT_EQ(backup.schedule->daily->keep, 5);
  EXPECT_EQ(backup.schedule->weekly->keep, 4);
  EXPECT_EQ(backup.schedule->monthly->keep, 6);
  ExpectNoDrift();
}

TEST_F(DecodeCopiesTest, ReadsABackupWithoutAVisiblePlan) {
  const Backup off = Good(ReadBackup, Example("server-backup-disabled.json"));
  EXPECT_EQ(off.enabled, false);
  EXPECT_FALSE(off.schedule);
  const Backup legacy =
      Good(ReadBackup, Example("server-backup-legacy-model.json"));
  EXPECT_EQ(legacy.enabled, true);
  EXPECT_FALSE(legacy.schedule);
}

TEST_F(DecodeCopiesTest, KnowsNothingOfABackupFromAnEmptyObject) {
  const Backup backup = Good(ReadBackup, "{}");
  EXPECT_EQ(backup.enabled, std::nullopt);
  ExpectNoDrift();
}

TEST_F(DecodeCopiesTest, RefusesWhatIsNoBackup) {
  for (const char* body :
       {R"({"enabled":"yes"})", R"({"enabled":null})", R"({"message":"no"})",
        R"({"backup":{"enabled":true}})", "[]", "null", "", "true",
        R"({"enabled":true)", R"({"enabled":true}})"}) {
    const auto backup = ReadBackup(body, drift_);
    ASSERT_FALSE(backup.ok()) << body;
    EXPECT_EQ(backup.error().code, ErrorCode::kBadResponse) << body;
    EXPECT_THAT(backup.error().message, HasSubstr("GET /servers/{id}/backup:"));
  }
}

TEST_F(DecodeCopiesTest, CountsOddMembersOfABackup) {
  const Backup backup =
      Good(ReadBackup, R"({"enabled":true,"schedule":{"daily":{"keep":"5"},
                           "weekly":7}})");
  ASSERT_TRUE(backup.schedule && backup.schedule->daily);
  EXPECT_EQ(backup.schedule->daily->keep, std::nullopt);
  EXPECT_FALSE(backup.schedule->weekly);
  EXPECT_THAT(observer_.bad(), ElementsAre("backup.schedule.daily.keep",
                                           "backup.schedule.weekly"));
}

TEST_F(DecodeCopiesTest, ReadsRestorePoints) {
  const auto points = Good(ReadRestorePoints, Example("restore-points.json"));
  ASSERT_THAT(points, SizeIs(3));
  EXPECT_EQ(points[0].state, "failed");
  EXPECT_EQ(points[1].id, "140");
  EXPECT_EQ(points[1].state, "active");
  EXPECT_EQ(points[1].size_bytes, 53'687'091'200);
  EXPECT_EQ(points[1].created, ParseTimestamp("2026-11-19T03:15:00Z"));
  EXPECT_EQ(points[2].state, "in_progress");
  EXPECT_EQ(points[2].created, std::nullopt);
  ExpectNoDrift();
}

}  // namespace
}  // namespace serverspace::api
