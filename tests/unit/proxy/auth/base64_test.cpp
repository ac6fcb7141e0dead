#include "proxy/auth/base64.h"

#include <gtest/gtest.h>

namespace fairlead::proxy::auth {
namespace {

TEST(base64, has_the_vectors_of_rfc_4648) {
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (auto [plain, encoded] : vectors) {
        EXPECT_EQ(base64_encode(plain), encoded);
        EXPECT_EQ(base64_decode(encoded), plain);
    }
}

TEST(base64, takes_every_byte_there_and_back) {
    std::string all;
    for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
    EXPECT_EQ(base64_decode(base64_encode(all)), all);
}

TEST(base64, refuses_all_but_the_one_spelling) {
    for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "=Zg=", "Z===", "====", "Zh==", "Zm9=", "Zm8 ",
                             "Zm8\n", " Zm8=", "Zg==Zg==", "Zm9v=", "Zm-_", "Zm9vYg==\n"})
        EXPECT_FALSE(base64_decode(text)) << text;
}

}  // namespace
}  // namespace fairlead::proxy::auth
