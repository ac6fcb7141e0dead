#pragma once

#include "common/bytes.h"
#include "common/result.h"
#include "proxy/wire/postgres/frame.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The packets a connection opens with, which have no type byte.
namespace fairlead::proxy::postgres {

inline constexpr std::uint32_t max_startup_length = 10'000;  // with its length word; the server's own limit
inline constexpr std::uint16_t protocol_major = 3;
inline constexpr std::uint16_t newest_protocol_minor = 2;
inline constexpr std::uint32_t protocol_3_0 = 3u << 16;

enum class startup_kind : std::uint8_t { startup, ssl_request, gssenc_request, cancel_request };

struct startup_packet {
    startup_kind kind = startup_kind::startup;
    std::uint32_t protocol = 0;  // startup only: major << 16 | minor
    Bytes body;                  // behind the code word; points into the input
    std::size_t total = 0;       // with the length word

    std::uint16_t major() const { return static_cast<std::uint16_t>(protocol >> 16); }
    std::uint16_t minor() const { return static_cast<std::uint16_t>(protocol & 0xffff); }
};

/// `malformed` as soon as the length word shows it; a packet of wrong size for its kind is malformed too.
Decode read_startup_packet(Bytes input, startup_packet& packet);

enum class replication_mode : std::uint8_t { none, physical, logical };

/// What a client asks for in its StartupMessage.
struct startup_parameters {
    std::string user;
    std::string database;  // the user's name when the client names none
    replication_mode replication = replication_mode::none;
    std::optional<std::string> tenant;  // fairlead.tenant, from `options` or as a parameter of its own
    /// Settings: those of `options` first, then the others, so that the last of a name wins as on the server.
    /// Names in lower case, checked to be identifiers joined by dots; values are any text.
    std::vector<std::pair<std::string, std::string>> settings;
    std::vector<std::string> protocol_options;  // `_pq_.*`, all unknown to us

    /// The last value of a setting, or null.
    const std::string* setting(std::string_view name) const;
};

/// Why a start-up packet is refused: to be sent as FATAL.
struct startup_error {
    std::string sqlstate;
    std::string message;
    std::string hint;
};

Result<startup_parameters, startup_error> parse_startup_parameters(Bytes body);

}  // namespace fairlead::proxy::postgres
