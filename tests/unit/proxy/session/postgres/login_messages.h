#pragma once

#include "common/bytes.h"
#include "proxy/wire/postgres/frame.h"

#include <string>
#include <string_view>
#include <vector>

/// Reading and writing of messages for the login tests, apart from the code under test.
namespace fairlead::proxy::postgres::test {

inline std::string big_endian(std::uint32_t v) {
    return {static_cast<char>(v >> 24), static_cast<char>(v >> 16), static_cast<char>(v >> 8),
            static_cast<char>(v)};
}

inline std::string message(char type, std::string_view body) {
    return type + big_endian(static_cast<std::uint32_t>(body.size() + 4)).append(body);
}

inline std::string untyped(std::uint32_t code, std::string_view body = {}) {
    return big_endian(static_cast<std::uint32_t>(body.size() + 8)) + big_endian(code).append(body);
}

/// Texts, each with its NUL.
template <typename... Texts>
std::string strings(Texts... texts) {
    std::string all;
    ((all.append(texts).push_back('\0')), ...);
    return all;
}

inline std::string authentication(std::uint32_t code, std::string_view data = {}) {
    return message('R', big_endian(code).append(data));
}

inline std::string sasl_initial(std::string_view mechanism, std::string_view data) {
    return message('p',
                   strings(mechanism) + big_endian(static_cast<std::uint32_t>(data.size())).append(data));
}

/// The types of whole messages, "RSSKZ"; '!' where the bytes are no messages.
inline std::string types(std::string_view bytes) {
    std::string found;
    while (!bytes.empty()) {
        FrameHeader header;
        if (read_header(as_bytes(bytes), header) != Decode::ok || header.total() > bytes.size())
            return found + '!';
        found += header.type;
        bytes.remove_prefix(header.total());
    }
    return found;
}

/// A field of the ErrorResponse that `bytes` ends with.
inline std::string error_field(std::string_view bytes, char code) {
    while (!bytes.empty()) {
        FrameHeader header;
        if (read_header(as_bytes(bytes), header) != Decode::ok || header.total() > bytes.size()) return "?";
        if (header.type == 'E') {
            ByteReader reader(as_bytes(bytes.substr(header_size, header.body_length)));
            for (auto c = reader.u8(); c && *c != 0; c = reader.u8())
                if (auto text = reader.cstring(); text && *c == static_cast<std::uint8_t>(code))
                    return std::string(*text);
            return "";
        }
        bytes.remove_prefix(header.total());
    }
    return "";
}

}  // namespace fairlead::proxy::postgres::test
