#include "harness/replay/layers/key_naming.h"

#include <gtest/gtest.h>

#include <functional>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

std::string name_of(const KeyNaming& naming, std::string_view key) {
  std::string name = "what was there";
  naming.make(key, name);
  return name;
}

KeyNaming hashed(const std::string& spec) {
  KeyNaming naming;
  naming.set_hash(Spec::parse(spec));
  return naming;
}

// The test suite of RFC 1321, section A.5.
TEST(KeyNaming, Md5AsTheRfcHasIt) {
  const KeyNaming md5 = hashed("md5");
  for (const auto& [key, digest] : {
           std::pair{"", "d41d8cd98f00b204e9800998ecf8427e"},
           {"a", "0cc175b9c0f1b6a831c399e269772661"},
           {"abc", "900150983cd24fb0d6963f7d28e17f72"},
           {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
           {"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
           {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            "d174ab98d277d9f5a5611c2c9f419d9f"},
           {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
            "57edf4a22be3c955ac49da2e2107b67a"},
       }) {
    EXPECT_EQ(name_of(md5, key), digest);
  }
}

// The offset basis, and two vectors of the Internet-Draft's.
TEST(KeyNaming, Fnv1aAsItsAuthorsHaveIt) {
  const KeyNaming fnv = hashed("fnv1a");
  EXPECT_EQ(name_of(fnv, ""), "cbf29ce484222325");
  EXPECT_EQ(name_of(fnv, "a"), "af63dc4c8601ec8c");
  EXPECT_EQ(name_of(fnv, "foobar"), "85944171f73967e8");
}

TEST(KeyNaming, KeepsAsManyBitsAsAskedFor) {
  EXPECT_EQ(name_of(hashed("md5:bits=20"), "abc"), "90015");
  EXPECT_EQ(name_of(hashed("fnv1a:bits=12"), "a"), "c8c");
}

TEST(KeyNaming, PutsANamespaceWithItsVersionInFront) {
  KeyNaming naming;
  EXPECT_FALSE(naming.is_set());
  EXPECT_EQ(naming.text(), "none");
  naming.set_namespace("shop");
  EXPECT_EQ(name_of(naming, "k"), "shop:v1:k");
  EXPECT_EQ(naming.text(), "namespace=shop:version=1");
  naming.set_namespace("shop:version=12");
  naming.set_hash(Spec::parse("fnv1a:bits=8"));
  EXPECT_EQ(name_of(naming, "a"), "shop:v12:8c");
  EXPECT_EQ(naming.text(), "fnv1a:bits=8+namespace=shop:version=12");
  naming.set_hash(Spec("none"));
  EXPECT_EQ(name_of(naming, "a"), "shop:v12:a");
}

std::string refusal(const std::function<void()>& ask) {
  try {
    ask();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    return error.what();
  }
  return "none";
}

TEST(KeyNaming, RefusesWhatIsNoHashOrName) {
  for (const auto& [spec, text] : {
           std::pair{"md6", "did you mean md5"},
           {"md5:bits=130", "md5:bits: expected a multiple of 4 from 4 to 128, got 130"},
           {"fnv1a:bits=0", "from 4 to 64, got 0"},
           {"fnv1a:bits=10", "a multiple of 4"},
           {"md5:bitz=8", "did you mean bits"},
       }) {
    EXPECT_NE(refusal([given = spec] { hashed(given); }).find(text), std::string::npos) << spec;
  }
  for (const auto& [name, text] : {std::pair{"a b", "expected a name without spaces"},
                                   {"a/b", "expected a name without spaces"},
                                   {"", "expected kind"},
                                   {"shop:v=2", "Valid: version"}}) {
    EXPECT_NE(refusal([given = name] { KeyNaming().set_namespace(given); }).find(text),
              std::string::npos)
        << name;
  }
}

}  // namespace
}  // namespace cachegauge
