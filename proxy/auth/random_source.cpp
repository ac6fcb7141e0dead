#include "proxy/auth/random_source.h"

#include <climits>
#include <openssl/rand.h>

namespace fairlead::proxy::auth {

bool system_random(std::span<std::uint8_t> out) {
    if (out.size() > INT_MAX) return false;
    return RAND_bytes(out.data(), static_cast<int>(out.size())) == 1;
}

}  // namespace fairlead::proxy::auth
