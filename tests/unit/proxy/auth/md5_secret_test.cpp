#include "proxy/auth/md5_secret.h"

#include <gtest/gtest.h>

namespace fairlead::proxy::auth {
namespace {

TEST(md5_secret, agrees_with_another_implementation) {
    auto secret = make_md5_secret("pencil", "alice");
    EXPECT_EQ(secret, "md5ee69efad287c7423caf0b3229d71f567");
    const std::uint8_t salt[] = {1, 1, 1, 1};
    EXPECT_EQ(md5_response(*secret, salt), "md50391fcef9504c2b23a22406f36ee5fe6");
}

TEST(md5_secret, is_told_from_a_password) {
    EXPECT_TRUE(is_md5_secret("md5ee69efad287c7423caf0b3229d71f567"));
    EXPECT_FALSE(is_md5_secret("md5ee69efad287c7423caf0b3229d71f56"));
    EXPECT_FALSE(is_md5_secret("md5EE69efad287c7423caf0b3229d71f567"));
    EXPECT_FALSE(is_md5_secret("xd5ee69efad287c7423caf0b3229d71f567"));
    EXPECT_FALSE(md5_response("pencil", {}));
}

}  // namespace
}  // namespace fairlead::proxy::auth
