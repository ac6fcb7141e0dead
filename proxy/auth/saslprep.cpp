#include "proxy/auth/saslprep.h"

#include "proxy/auth/crypto.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <stringprep.h>
#include <vector>

namespace fairlead::proxy::auth {
namespace {

constexpr std::size_t max_steps = 32;              // the library's profile has 18
constexpr std::size_t max_nfkc_growth = 18;        // U+FDFA becomes 18 characters, none becomes more
constexpr Stringprep_profile end_of_profile = {};  // operation 0

/// What the library allocated for a text of known size; wiped before it is freed.
template <typename T>
class wiped_text {
public:
    wiped_text(T* text, std::size_t size) : text_(text), size_(size) {}
    ~wiped_text() {
        if (text_ != nullptr) wipe(text_, size_ * sizeof(T));
        std::free(text_);
    }
    wiped_text(const wiped_text&) = delete;
    wiped_text& operator=(const wiped_text&) = delete;

    explicit operator bool() const { return text_ != nullptr; }
    const T* begin() const { return text_; }
    const T* end() const { return text_ + size_; }

private:
    T* text_;
    std::size_t size_;
};

/// The code points being prepared, in a buffer that never has to grow and so leaves no copies behind.
struct code_points {
    std::vector<std::uint32_t> buffer;
    std::size_t size = 0;

    code_points() = default;
    code_points(const code_points&) = delete;
    code_points& operator=(const code_points&) = delete;
    ~code_points() { wipe(buffer.data(), buffer.size() * sizeof(std::uint32_t)); }
};

bool is_ascii(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

/// The library's profile with normalisation moved to its end. PostgreSQL looks for forbidden and unassigned
/// characters in the text before normalisation, the RFC in the text after it; they differ for the few that
/// normalisation replaces (U+0340). nullopt when the library's profile is not one we know.
std::optional<std::array<Stringprep_profile, max_steps>> postgres_profile() {
    std::array<Stringprep_profile, max_steps> steps;
    steps.fill(end_of_profile);
    const Stringprep_profile* normalise = nullptr;
    std::size_t size = 0;
    for (const Stringprep_profile* step = stringprep_saslprep; step->operation != 0; ++step) {
        if (step->operation == STRINGPREP_NFKC) {
            normalise = step;
        } else {
            if (size + 2 >= max_steps) return std::nullopt;
            steps[size++] = *step;
        }
    }
    if (normalise == nullptr) return std::nullopt;
    steps[size] = *normalise;
    return steps;
}

bool decode(std::string_view password, code_points& into) {
    std::size_t count = 0;
    std::uint32_t* allocated =
        stringprep_utf8_to_ucs4(password.data(), static_cast<ssize_t>(password.size()), &count);
    wiped_text<std::uint32_t> decoded(allocated, count);
    if (!decoded) return false;
    into.buffer.resize(count * max_nfkc_growth + 1);
    std::copy(decoded.begin(), decoded.end(), into.buffer.begin());
    into.size = count;
    return true;
}

std::optional<std::string> encode(const code_points& text) {
    std::size_t read = 0;
    std::size_t written = 0;
    char* encoded =
        stringprep_ucs4_to_utf8(text.buffer.data(), static_cast<ssize_t>(text.size), &read, &written);
    wiped_text<char> utf8(encoded, written);
    if (!utf8 || read != text.size) return std::nullopt;
    return std::string(utf8.begin(), utf8.end());
}

}  // namespace

std::optional<std::string> saslprep(std::string_view password) {
    // The library stops at a NUL, which is forbidden anyway: two passwords that differ behind it must differ.
    if (password.size() > max_saslprep_size || is_ascii(password) ||
        password.find('\0') != std::string_view::npos)
        return std::nullopt;
    auto profile = postgres_profile();
    code_points text;
    if (!profile || !decode(password, text)) return std::nullopt;
    int outcome = stringprep_4i(text.buffer.data(), &text.size, text.buffer.size(), STRINGPREP_NO_UNASSIGNED,
                                profile->data());
    // Of soft hyphens alone nothing is left, and an empty key would open for every such password.
    if (outcome != STRINGPREP_OK || text.size == 0) return std::nullopt;
    return encode(text);
}

}  // namespace fairlead::proxy::auth
