#include "collectors/example_fixture.h"
#include "collectors/factories.h"

namespace serverspace::collectors {
namespace {

class ImagesCollectorTest : public ExampleFixture {
 protected:
  std::string Lines() { return Collect(*collector_); }

  const std::unique_ptr<Collector> collector_ = MakeImagesCollector();
};

TEST_F(ImagesCollectorTest, CountsTheExample) {
  client_.images = AnswerExample(api::ReadImages, "images.json");
  EXPECT_EQ(Lines(), R"(serverspace_images{project="prod",location="am2"} 2
)");
}

TEST_F(ImagesCollectorTest, CountsAnImageOnceInEachLocation) {
  client_.images = Answer(api::ReadImages, R"({"images":[
      {"id":"d","location_id":"b"},{"id":"d","location_id":"a"},
      {"id":"d","location_id":"b"},{"id":"u","location_id":"b"}]})");
  EXPECT_EQ(Lines(),
            "serverspace_images{project=\"prod\",location=\"a\"} 1\n"
            "serverspace_images{project=\"prod\",location=\"b\"} 2\n");
}

TEST_F(ImagesCollectorTest, PassesErrorsOn) {
  client_.images = Fails(ErrorCode::kNotFound);
  EXPECT_EQ(Lines(), "error: GET /x: no");
}

}  // namespace
}  // namespace serverspace::collectors
