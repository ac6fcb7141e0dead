#pragma once

#include "common/bytes.h"
#include "proxy/wire/mysql/capabilities.h"
#include "proxy/wire/mysql/status_flags.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The packets of the connection phase
/// (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html,
/// https://mariadb.com/kb/en/connection/). Builders append one packet each; parsers take a whole payload and
/// give nullopt for anything malformed.
namespace fairlead::proxy::mysql {

inline constexpr std::size_t scramble_size = 20;

namespace auth_plugin {
inline constexpr std::string_view native = "mysql_native_password";
inline constexpr std::string_view caching_sha2 = "caching_sha2_password";
inline constexpr std::string_view clear = "mysql_clear_password";
inline constexpr std::string_view ed25519 = "client_ed25519";
}  // namespace auth_plugin

/// The server's first packet, protocol version 10.
struct greeting {
    std::string server_version;  // "5.5.5-10.11.14-MariaDB": the prefix is MariaDB's, for old replicas
    std::uint32_t thread_id = 0;
    std::string scramble;  // 20 bytes, none of them NUL; shorter only from servers of the last century
    capability_set capabilities = 0;
    std::uint8_t collation = 45;
    std::uint16_t status = status::autocommit;
    std::string plugin;
};
void append_greeting(std::string& out, std::uint8_t& sequence, const greeting& hello);
std::optional<greeting> parse_greeting(Bytes payload);

using connection_attributes = std::vector<std::pair<std::string, std::string>>;

/// A client's answer to the greeting. `capabilities` are what the client says; whoever parses it must
/// intersect them with what was offered.
struct handshake_response {
    capability_set capabilities = 0;
    std::uint32_t max_packet = 0;
    std::uint8_t collation = 45;
    std::string user;
    std::string auth_response;
    std::optional<std::string> database;  // may be named and empty
    std::string plugin;                   // empty: not said
    connection_attributes attributes;
    std::uint8_t zstd_level = 0;  // 0: not said
};
/// The fields that `capabilities` announce, and no others.
void append_handshake_response(std::string& out, std::uint8_t& sequence, const handshake_response& response);
/// `offered`: what the greeting had; flags that were not offered do not decide the layout. Attributes are
/// bounded by the packet. A response without protocol_41 is none: nullopt.
std::optional<handshake_response> parse_handshake_response(Bytes payload, capability_set offered);

/// The first 32 bytes of a response, alone, with the `ssl` flag.
void append_ssl_request(std::string& out, std::uint8_t& sequence, const handshake_response& response);
bool is_ssl_request(Bytes payload);
/// The flags that a response or SSLRequest begins with, both halves. nullopt: too short.
std::optional<capability_set> peek_capabilities(Bytes payload);

/// COM_CHANGE_USER, with its command byte. The layout follows the capabilities of the connection.
struct change_user_request {
    std::string user;
    std::string auth_response;
    std::string database;         // empty: none
    std::uint16_t collation = 0;  // 0: not said
    std::string plugin;           // empty: not said
    connection_attributes attributes;
};
void append_change_user(std::string& out, std::uint8_t& sequence, const change_user_request& request,
                        capability_set capabilities);
std::optional<change_user_request> parse_change_user(Bytes payload, capability_set capabilities);

/// AuthSwitchRequest: 0xfe, plugin, data. Also from servers before 5.7 as a single 0xfe, which asks for the
/// method of before 4.1: nullopt, it is not supported.
inline constexpr std::uint8_t auth_switch_header = 0xfe;
struct auth_switch {
    std::string plugin;
    std::string data;  // as sent; the scrambles of native and caching_sha2 have a NUL behind them
};
void append_auth_switch(std::string& out, std::uint8_t& sequence, const auth_switch& request);
std::optional<auth_switch> parse_auth_switch(Bytes payload);

/// AuthMoreData: 0x01 and what the method wants to say.
inline constexpr std::uint8_t auth_more_header = 0x01;
void append_auth_more(std::string& out, std::uint8_t& sequence, std::string_view data);

/// The value of the last attribute of this name, or null.
const std::string* find_attribute(const connection_attributes& attributes, std::string_view name);

}  // namespace fairlead::proxy::mysql
