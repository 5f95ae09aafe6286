#include "harness/core/spec.h"

#include "tests/core/expect_error.h"

namespace cachegauge {
namespace {

TEST(Spec, ReadsKindAndParameters) {
  EXPECT_EQ(Spec::parse("lru"), Spec("lru"));
  EXPECT_EQ(Spec::parse("lru:capacity=64MiB,shards=8"),
            Spec("lru", {{"capacity", "64MiB"}, {"shards", "8"}}));
  EXPECT_EQ(Spec::parse("csv:path=a=b"), Spec("csv", {{"path", "a=b"}}));
  EXPECT_EQ(Spec::parse("csv:path="), Spec("csv", {{"path", ""}}));
}

TEST(Spec, TakesAUrlWhole) {
  const Spec spec = Spec::parse("redis://10.0.0.7:6379/2?a=b,c");
  EXPECT_EQ(spec.kind(), "redis");
  EXPECT_EQ(spec.text("url", ""), "redis://10.0.0.7:6379/2?a=b,c");
}

TEST(Spec, TextIsCanonical) {
  for (const char* text : {"lru", "lru:entries=10k,admission=tinylfu", "redis://h:1/2",
                           "tiered:l1=lru,l1.capacity=64MiB,l2=redis", "redis:url=http://x,db=1"}) {
    const Spec spec = Spec::parse(text);
    EXPECT_EQ(spec.text(), text);
    EXPECT_EQ(Spec::parse(spec.text()), spec);
  }
}

TEST(Spec, RefusesWhatIsNoSpec) {
  EXPECT_ERROR(kUsage, "expected kind or kind:name=value,…, got \"\"", Spec::parse(""));
  EXPECT_ERROR(kUsage, "expected kind or kind:name=value,…, got \":a=b\"", Spec::parse(":a=b"));
  EXPECT_ERROR(kUsage, "in \"lru:\": expected name=value after \"lru:\", got \"\"",
               Spec::parse("lru:"));
  EXPECT_ERROR(kUsage, "in \"lru:64MiB\": expected name=value after \"lru:\", got \"64MiB\"",
               Spec::parse("lru:64MiB"));
  EXPECT_ERROR(kUsage, "in \"lru:a=1,=2\": expected name=value after \"lru:\", got \"=2\"",
               Spec::parse("lru:a=1,=2"));
  EXPECT_ERROR(kUsage, "in \"lru:a=1,a=2\": \"a\" is given twice", Spec::parse("lru:a=1,a=2"));
}

TEST(Spec, ReadsTypedValues) {
  const Spec spec = Spec::parse("x:c=10k,s=1MiB,t=50ms,p=10%,n=1.5,word=b");
  EXPECT_EQ(spec.count("c", 0), 10'000u);
  EXPECT_EQ(spec.size_bytes("s", 0), 1u << 20);
  EXPECT_EQ(spec.duration_ns("t", 0), 50'000'000);
  EXPECT_DOUBLE_EQ(spec.share("p", 0), 0.1);
  EXPECT_DOUBLE_EQ(spec.number("n", 0), 1.5);
  EXPECT_EQ(spec.choice("word", {"a", "b"}), "b");
  EXPECT_EQ(spec.count("absent", 7), 7u);
  EXPECT_EQ(spec.choice("absent", {"a", "b"}), "a");
}

TEST(Spec, NamesTheParameterThatIsWrong) {
  EXPECT_ERROR(kUsage,
               "lru:capacity: expected a size such as 64MiB, got \"big\" (units: B KiB MiB GiB)",
               Spec::parse("lru:capacity=big").size_bytes("capacity", 0));
  EXPECT_ERROR(
      kUsage,
      "unknown value of redis:policy \"allkeys-lru2\"; did you mean allkeys-lru or allkeys-lfu? "
      "Valid: allkeys-lru, allkeys-lfu, noeviction",
      Spec::parse("redis:policy=allkeys-lru2")
          .choice("policy", {"allkeys-lru", "allkeys-lfu", "noeviction"}));
}

TEST(Spec, RefusesParametersThatAreNotKnown) {
  constexpr ParamInfo kKnown[] = {{"capacity", "size", ""}, {"shards", "count = 1", ""}};
  Spec::parse("lru:capacity=1,shards=2,shards.deep=3").require_known(kKnown);
  EXPECT_ERROR(
      kUsage,
      "unknown parameter of lru \"capacty\"; did you mean capacity? Valid: capacity, shards",
      Spec::parse("lru:capacty=1").require_known(kKnown));
  EXPECT_ERROR(kUsage, "unknown parameter of null \"a\"; none can be given here",
               Spec::parse("null:a=1").require_known({}));
}

TEST(Spec, NestedTakesTheDottedParameters) {
  const Spec spec = Spec::parse("tiered:l1=lru,l1.capacity=64MiB,l2=redis,l10=x,l1.a.b=c");
  EXPECT_EQ(spec.nested("l1"), Spec("lru", {{"capacity", "64MiB"}, {"a.b", "c"}}));
  EXPECT_EQ(spec.nested("l2"), Spec("redis"));
  EXPECT_ERROR(kUsage, "tiered: expected l3=…", spec.nested("l3"));
  const Spec url = Spec::parse("tiered:l2=redis://h:1,l2.db=3").nested("l2");
  EXPECT_EQ(url, Spec("redis", {{"url", "redis://h:1"}, {"db", "3"}}));
}

TEST(Spec, HidesPasswords) {
  auto redacted = [](const char* text) { return Spec::parse(text).redacted(); };
  EXPECT_EQ(redacted("redis://user:secret@h:6379/2"), "redis://user:***@h:6379/2");
  EXPECT_EQ(redacted("redis://:secret@h"), "redis://:***@h");
  EXPECT_EQ(redacted("redis:url=redis://:secret@h:1,db=2"), "redis:url=redis://:***@h:1,db=2");
  EXPECT_EQ(redacted("tiered:l1=redis://:secret@a,l2=redis://u:secret@b"),
            "tiered:l1=redis://:***@a,l2=redis://u:***@b");
}

TEST(Spec, HidesPasswordsThatBreakTheUrl) {
  EXPECT_EQ(redact_passwords("redis://:se@cret@h"), "redis://:***@h");
  EXPECT_EQ(redact_passwords("redis://:se/cret@h:1"), "redis://:***@h:1");
  EXPECT_EQ(redact_passwords("redis://:se,cret@h"), "redis://:***@h");
  EXPECT_EQ(redact_passwords("redis://:12?cret@h"), "redis://:***@h");
}

TEST(Spec, HidesPasswordsOfConnectionStrings) {
  EXPECT_EQ(redact_passwords("postgres:dsn=host=h password=secret user=u,threads=2"),
            "postgres:dsn=host=h password=*** user=u,threads=2");
  EXPECT_EQ(redact_passwords("postgres:dsn=password = secret"), "postgres:dsn=password = ***");
  EXPECT_EQ(redact_passwords("dsn=password='se cret\\' user=x' user=u"), "dsn=password=*** user=u");
  EXPECT_EQ(redact_passwords("postgresql://h/d?password=secret&user=u"),
            "postgresql://h/d?password=***&user=u");
  // What libpq would not take is hidden all the same.
  EXPECT_EQ(redact_passwords("dsn=password=se cret, more user=u"), "dsn=password=*** user=u");
  EXPECT_EQ(redact_passwords("dsn=sslpassword=a password='b"), "dsn=sslpassword=*** password=***");
  EXPECT_EQ(redact_passwords("password=***"), "password=***");
}

TEST(Spec, LeavesTextWithoutPasswordsAlone) {
  for (const char* text :
       {"lru:capacity=1", "redis://h:6379/2", "redis://user@h:6379", "http://h:80/a:b", "x://",
        "a@b", "", "password", "password=", "redis:password-file=p,host=h"}) {
    EXPECT_EQ(redact_passwords(text), text);
  }
}

TEST(Spec, ErrorsHidePasswords) {
  EXPECT_ERROR(kUsage,
               "in \"tiered:l1=redis://:***@h,oops\": expected name=value after \"tiered:\", got "
               "\"oops\"",
               Spec::parse("tiered:l1=redis://:secret@h,oops"));
  EXPECT_ERROR(kUsage,
               "in \"postgres:dsn=password=***\": expected name=value after \"postgres:\", got "
               "\"***\"",
               Spec::parse("postgres:dsn=password=sec,ret"));
}

TEST(Spec, SetReplacesOrAdds) {
  Spec spec = Spec::parse("zipf:keys=1");
  spec.set("keys", "2");
  spec.set("seed", "42");
  EXPECT_EQ(spec.text(), "zipf:keys=2,seed=42");
}

}  // namespace
}  // namespace cachegauge
