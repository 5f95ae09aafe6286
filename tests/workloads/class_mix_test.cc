#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "workloads/workloads.h"

namespace cachegauge {
namespace {

struct Drawn {
  std::string key;
  Op op;
  int64_t ttl_ns;
  bool operator==(const Drawn&) const = default;
};

std::vector<Drawn> draw_all(const Workload& workload, size_t at_once) {
  const auto source = workload.open();
  std::vector<Request> batch(at_once);
  std::vector<Drawn> drawn;
  for (size_t count; (count = source->read(batch)) > 0;) {
    for (size_t i = 0; i < count; ++i) {
      drawn.push_back({std::string(batch[i].text_key), batch[i].op, batch[i].ttl_ns});
    }
  }
  return drawn;
}

TEST(ClassMix, HasTheSharesOpsAndTtlsOfItsClasses) {
  const auto workload = make_workload(
      Spec::parse("by-class:requests=10k,product=zipf,product.share=3,product.keys=50,event="
                  "sequential,event.get=0,event.set=1,event.ttl=5s,event.keys=100k"));
  EXPECT_TRUE(workload->traits().has_sets);
  EXPECT_FALSE(workload->traits().carries_time);
  const auto drawn = draw_all(*workload, 100);
  ASSERT_EQ(drawn.size(), 10'000u);
  size_t events = 0;
  for (const Drawn& request : drawn) {
    const bool is_event = request.key.starts_with("event:");
    EXPECT_EQ(request.op, is_event ? Op::kSet : Op::kGet);
    EXPECT_EQ(request.ttl_ns, is_event ? 5'000'000'000 : 0);
    if (is_event) {
      EXPECT_EQ(request.key, "event:" + std::to_string(++events));
    } else {
      EXPECT_TRUE(request.key.starts_with("product:")) << request.key;
    }
  }
  EXPECT_NEAR(static_cast<double>(events), 2500, 5 * 43.3);  // five standard deviations
}

TEST(ClassMix, IsTheSameHoweverItIsRead) {
  const auto workload = make_workload(Spec::parse("by-class:requests=999,rate=5,a=zipf,b=uniform"));
  EXPECT_TRUE(workload->traits().carries_time);
  EXPECT_EQ(draw_all(*workload, 64), draw_all(*workload, 7));
  EXPECT_EQ(draw_all(*make_workload(workload->spec()), 64), draw_all(*workload, 64))
      << "its resolved spec says it in full";
}

}  // namespace
}  // namespace cachegauge
