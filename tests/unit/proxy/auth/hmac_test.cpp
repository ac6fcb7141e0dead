#include "proxy/auth/crypto.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <string>

namespace fairlead::proxy::auth {
namespace {

std::string hex(std::string_view bytes) {
    std::string digits;
    for (unsigned char byte : bytes) {
        digits += "0123456789abcdef"[byte >> 4];
        digits += "0123456789abcdef"[byte & 15];
    }
    return digits;
}

TEST(hmac_sha256, gives_the_answers_of_rfc_4231) {
    EXPECT_EQ(hex(text_of(*hmac_sha256("Jefe", "what do ya want for nothing?"))),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hex(text_of(*hmac_sha256(std::string(131, '\xaa'),
                                       "Test Using Larger Than Block-Size Key - Hash Key First"))),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(hmac_sha256, agrees_with_openssl_for_keys_and_texts_of_any_length) {
    for (std::size_t size = 0; size < 200; ++size) {
        std::string key(size, static_cast<char>('a' + size % 26)), data(3 * size, static_cast<char>(size));
        unsigned char expected[EVP_MAX_MD_SIZE];
        unsigned length = 0;
        ASSERT_NE(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                       reinterpret_cast<const unsigned char*>(data.data()), data.size(), expected, &length),
                  nullptr);
        EXPECT_EQ(text_of(*hmac_sha256(key, data)),
                  std::string_view(reinterpret_cast<const char*>(expected), length))
            << size;
    }
}

}  // namespace
}  // namespace fairlead::proxy::auth
