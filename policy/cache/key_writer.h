#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace fairlead::policy {

/// Writes pieces of a cache key into room that the caller has made, without a check for each byte. A text
/// comes with its length before it, so that pieces can be read back in one way only.
class key_writer {
public:
    /// What a text needs besides its own bytes.
    static constexpr std::size_t longest_length = 5;

    explicit key_writer(char* at) : at_(at) {}
    char* at() const { return at_; }

    void byte(char c) { *at_++ = c; }
    void bytes(const char* from, std::size_t size) {
        std::memcpy(at_, from, size);
        at_ += size;
    }
    /// The length is one byte, or 255 and four bytes.
    void text(std::string_view text) {
        if (text.size() < 255) {
            byte(static_cast<char>(text.size()));
        } else {
            byte(static_cast<char>(255));
            auto length = static_cast<std::uint32_t>(text.size());
            bytes(reinterpret_cast<const char*>(&length), sizeof length);
        }
        bytes(text.data(), text.size());
    }

private:
    char* at_;
};

template <typename T>
void append_raw(std::string& key, T value) {
    static_assert(std::is_trivially_copyable_v<T>);
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    key.append(bytes, sizeof bytes);
}

/// Behind its length.
inline void append_text(std::string& key, std::string_view text) {
    append_raw(key, text.size());
    key.append(text);
}

}  // namespace fairlead::policy
