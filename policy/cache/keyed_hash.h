#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string_view>

namespace fairlead::policy {

/// A fast 64-bit hash of bytes under secret seeds, so that clients cannot make keys that share a bucket. It
/// only finds the bucket; whoever uses it compares keys in full.
class keyed_hash {
public:
    /// Seeds from the operating system's random device.
    keyed_hash() {
        std::random_device device;
        for (std::uint64_t& seed : seeds_) seed = (std::uint64_t{device()} << 32) | device();
    }

    std::uint64_t operator()(std::string_view bytes) const {
        const char* p = bytes.data();
        std::size_t left = bytes.size();
        std::uint64_t a = seeds_[0] ^ bytes.size();
        std::uint64_t b = seeds_[1];
        // Two chains, since one multiplication waits for the one before it.
        for (; left >= 32; left -= 32, p += 32) {
            a = fold(load(p, 8) ^ seeds_[2], load(p + 8, 8) ^ a);
            b = fold(load(p + 16, 8) ^ seeds_[3], load(p + 24, 8) ^ b);
        }
        for (; left >= 8; left -= 8, p += 8) a = fold(load(p, 8) ^ seeds_[2], a ^ seeds_[3]);
        if (left > 0) b = fold(load(p, left) ^ seeds_[2], b ^ left);
        return fold(a ^ seeds_[1], b ^ seeds_[0]);
    }

private:
    __extension__ typedef unsigned __int128 wide;

    static std::uint64_t fold(std::uint64_t x, std::uint64_t y) {
        wide product = static_cast<wide>(x) * y;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    }
    static std::uint64_t load(const char* p, std::size_t size) {
        std::uint64_t value = 0;
        std::memcpy(&value, p, size);
        return value;
    }

    std::uint64_t seeds_[4];
};

}  // namespace fairlead::policy
