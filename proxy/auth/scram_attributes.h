#pragma once

#include <optional>
#include <string_view>

namespace fairlead::proxy::auth {

/// The longest SCRAM message that either side accepts. Real ones are below 300 bytes; user names may be long.
inline constexpr std::size_t max_scram_message = 4096;

/// Reads "n=value,r=value,..." front to back. A comma stands between attributes and nowhere else.
class scram_attributes {
public:
    explicit scram_attributes(std::string_view text) : rest_(text), pending_(true) {}

    struct attribute {
        char name;
        std::string_view value;
    };

    /// The next attribute, whatever its name; nullopt: none left, or not of the form "x=value".
    std::optional<attribute> any() {
        if (!pending_ || rest_.size() < 2 || rest_[1] != '=' || !is_letter(rest_[0])) return std::nullopt;
        std::size_t comma = rest_.find(',');
        pending_ = comma != std::string_view::npos;
        attribute found{rest_[0], rest_.substr(2, pending_ ? comma - 2 : std::string_view::npos)};
        rest_ = pending_ ? rest_.substr(comma + 1) : std::string_view();
        return found;
    }

    /// The value of the next attribute, which must have this name.
    std::optional<std::string_view> expect(char name) {
        std::optional<attribute> next = any();
        if (!next || next->name != name) return std::nullopt;
        return next->value;
    }

    bool at_end() const { return !pending_; }
    /// What has not been read.
    std::string_view rest() const { return rest_; }

private:
    static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

    std::string_view rest_;
    bool pending_;  // an attribute must follow: at the start, and behind a comma
};

/// A nonce is printable ASCII without comma, not empty.
inline bool is_scram_nonce(std::string_view text) {
    for (char c : text)
        if (c < 0x21 || c > 0x7e || c == ',') return false;
    return !text.empty();
}

}  // namespace fairlead::proxy::auth
