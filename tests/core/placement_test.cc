#include "harness/core/placement.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/core/expect_error.h"

namespace cachegauge {
namespace {

using Cpus = std::vector<int>;
const Cpus kEight = {0, 1, 2, 3, 4, 5, 6, 7};

Placement parse(std::string_view text) { return parse_placement(text, kEight); }

TEST(Placement, ReadsListsAndRangesInTheirOrder) {
  EXPECT_EQ(parse("client=1,server=0"), (Placement{{1}, {0}}));
  EXPECT_EQ(parse("server=3"), (Placement{{}, {3}}));
  EXPECT_EQ(parse("client=0+2"), (Placement{{0, 2}, {}}));
  EXPECT_EQ(parse("client=0-3,server=7+4-5"), (Placement{{0, 1, 2, 3}, {7, 4, 5}}));
  EXPECT_EQ(parse("client=5-5"), (Placement{{5}, {}}));
}

TEST(Placement, TextComesBackAsItWasMeant) {
  for (const char* text : {"client=1,server=0", "server=3", "client=0-3,server=7+4-5", "client=6+2",
                           "client=0+2+4-7+1"}) {
    EXPECT_EQ(placement_text(parse(text)), text);
  }
  EXPECT_EQ(placement_text(parse("client=0+1+2")), "client=0-2");
  EXPECT_EQ(placement_text({}), "");
}

TEST(Placement, SaysWhatIsWrong) {
  EXPECT_ERROR(kUsage, "there is no CPU 9 for this process to use; there is 0-7",
               parse("client=9"));
  EXPECT_ERROR(kUsage, "there is no CPU 1 for this process to use; there is 0+2-3",
               parse_placement("client=0-3", Cpus{0, 2, 3}));
  EXPECT_ERROR(kUsage, "unknown side \"clinet\"; did you mean client? Valid: client, server",
               parse("clinet=1"));
  EXPECT_ERROR(kUsage, "\"client\" is given twice", parse("client=1,client=2"));
  EXPECT_ERROR(kUsage, "CPU 1 is given twice in \"1+0-2\"", parse("client=1+0-2"));
  EXPECT_ERROR(kUsage, "the range \"3-1\" runs backwards", parse("client=0+3-1"));
  for (const char* list : {"", "a", "1+", "+1", "1++2", "1-", "-1", "1-2-3", "1 2", "0x1"}) {
    EXPECT_ERROR(kUsage,
                 fmt::format("expected CPUs such as 1, 0+2 or 0-3, got \"{}\"", list).c_str(),
                 parse(fmt::format("server={}", list)));
  }
  for (const char* text : {"", "1", "client", "client=1,", "client=1,server"}) {
    EXPECT_ERROR(
        kUsage,
        fmt::format("expected client=CPUS,server=CPUS or one of them, got \"{}\"", text).c_str(),
        parse(text));
  }
  EXPECT_THROW(parse("client=0-2147483647"), Error);
  EXPECT_THROW(parse("client=99999999999"), Error);
}

// In a child, which does not give its CPUs back.
TEST(Placement, PinsTheCallingThread) {
  const Cpus before = allowed_cpus();
  ASSERT_FALSE(before.empty());
  const pid_t child = fork();
  if (child == 0) {
    const Cpus last = {before.back()};
    pin_this_thread(last);
    _exit(allowed_cpus() == last ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(allowed_cpus(), before);
  EXPECT_EQ(allowed_cpus(getpid()), before);
  EXPECT_ERROR(kFailed, "cannot run on CPU 1023: Invalid argument", pin_this_thread(Cpus{1023}));
  EXPECT_EQ(allowed_cpus(child), Cpus()) << "it is gone";
}

}  // namespace
}  // namespace cachegauge
