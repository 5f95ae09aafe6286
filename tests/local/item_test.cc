#include "adapters/local/item.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cachegauge {
namespace {

TEST(Item, KeepsKeyAndValueOfAnySize) {
  for (const size_t key_size : {size_t{0}, size_t{1}, size_t{250}, size_t{65534}, size_t{65535}}) {
    for (const size_t value_size :
         {size_t{0}, size_t{1}, size_t{65534}, size_t{65535}, size_t{65536}, size_t{3} << 20}) {
      const std::string key(key_size, 'k');
      std::string value(value_size, 'v');
      if (value_size > 1) value[value_size / 2] = '\0';
      Item item = Item::make(key, value);
      ASSERT_TRUE(item);
      EXPECT_EQ(item.key(), key);
      EXPECT_EQ(item.value(), value);
      EXPECT_EQ(item.payload_bytes(), key_size + value_size);
      EXPECT_GT(item.held_bytes(), key_size + value_size);
      item.release();
      EXPECT_FALSE(item);
    }
  }
}

TEST(Item, NullViewsAreEmpty) {
  volatile size_t zero = 0;  // lest the compiler warn about branches that no empty view takes
  const std::string_view none(nullptr, zero);
  Item item = Item::make(none, none);
  EXPECT_EQ(item.key(), "");
  EXPECT_EQ(item.value(), "");
  EXPECT_TRUE(item.overwrite(none));
  item.release();
}

TEST(Item, OverwritesInPlaceWhatTakesTheSameRoom) {
  const std::vector<std::string> values = {std::string(100, 'a'), std::string(95, 'b'),
                                           std::string(96, 'c'), "d", std::string(70'000, 'e')};
  Item item = Item::make("key", values[0]);
  EXPECT_TRUE(item.overwrite(values[0]));
  EXPECT_TRUE(item.overwrite(values[1]));
  EXPECT_EQ(item.key(), "key");
  EXPECT_EQ(item.value(), values[1]);
  EXPECT_FALSE(item.overwrite(values[2])) << "longer";
  EXPECT_FALSE(item.overwrite(values[3])) << "a small value must not keep a large allocation";
  EXPECT_FALSE(item.overwrite(values[4])) << "other header";
  EXPECT_EQ(item.value(), values[1]);
  item.release();
}

}  // namespace
}  // namespace cachegauge
