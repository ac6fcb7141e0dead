#include "proxy/wire/mysql/handshake.h"

#include "proxy/wire/mysql/commands.h"
#include "proxy/wire/mysql/field.h"
#include "proxy/wire/mysql/packet.h"

#include <algorithm>

namespace fairlead::proxy::mysql {
namespace {

constexpr std::uint8_t protocol_version = 10;
constexpr std::size_t first_scramble_part = 8;
constexpr std::size_t max_attributes = 512;  // clients send about ten; a packet full of empty ones costs MBs
constexpr std::size_t response_head = 32;    // flags, packet size, collation, filler
constexpr std::size_t extended_at = 28;      // MariaDB's flags, the last four bytes of the filler

/// MariaDB's flags stand in the filler only when CLIENT_MYSQL is off; else the bytes mean nothing.
capability_set join(std::uint32_t low, std::uint32_t extended) {
    capability_set set = low;
    if (!has(set, capability::long_password)) set |= capability_set{extended} << 32;
    return set;
}

std::uint32_t extended_of(capability_set set) {
    return has(set, capability::long_password) ? 0 : static_cast<std::uint32_t>(set >> 32);
}

void write_attributes(field_writer& writer, const connection_attributes& attributes) {
    std::string block;
    field_writer inner(block);
    for (const auto& [name, value] : attributes) {
        inner.lenenc_text(name);
        inner.lenenc_text(value);
    }
    writer.lenenc_text(block);
}

bool read_attributes(field_reader& reader, connection_attributes& into) {
    std::optional<std::string_view> block = reader.lenenc_text();
    if (!block) return false;
    field_reader inner(as_bytes(*block));
    while (!inner.at_end()) {
        std::optional<std::string_view> name = inner.lenenc_text();
        std::optional<std::string_view> value = inner.lenenc_text();
        if (!value || into.size() == max_attributes) return false;
        into.emplace_back(*name, *value);
    }
    return inner.ok();
}

void write_response_head(field_writer& writer, const handshake_response& response) {
    writer.u32(static_cast<std::uint32_t>(response.capabilities));
    writer.u32(response.max_packet);
    writer.u8(response.collation);
    writer.zeros(extended_at - 9);
    writer.u32(extended_of(response.capabilities));
}

void write_auth_response(field_writer& writer, std::string_view data, capability_set capabilities) {
    if (has(capabilities, capability::plugin_auth_lenenc)) return writer.lenenc_text(data);
    // One byte of length, or an end by NUL: longer answers need the flag above, and callers have it.
    if (!has(capabilities, capability::secure_connection)) return writer.cstring(data);
    data = data.substr(0, 255);
    writer.u8(static_cast<std::uint8_t>(data.size()));
    writer.raw(data);
}

std::optional<std::string_view> read_auth_response(field_reader& reader, capability_set capabilities) {
    if (has(capabilities, capability::plugin_auth_lenenc)) return reader.lenenc_text();
    if (!has(capabilities, capability::secure_connection)) return reader.cstring();
    std::optional<std::uint8_t> length = reader.u8();
    return length ? reader.text(*length) : std::nullopt;
}

/// The plugin's name may lack its NUL at the end of the packet (old connectors).
std::string_view read_plugin(field_reader& reader) {
    Bytes rest = reader.rest();
    if (std::find(rest.begin(), rest.end(), 0) != rest.end()) return *reader.cstring();
    return *reader.text(rest.size());
}

}  // namespace

void append_greeting(std::string& out, std::uint8_t& sequence, const greeting& hello) {
    append_packet(out, sequence, [&](std::string& body) {
        field_writer writer(body);
        std::string_view scramble = hello.scramble;
        writer.u8(protocol_version);
        writer.cstring(hello.server_version);
        writer.u32(hello.thread_id);
        writer.raw(scramble.substr(0, first_scramble_part));
        writer.u8(0);
        writer.u16(static_cast<std::uint16_t>(hello.capabilities & 0xffff));
        writer.u8(hello.collation);
        writer.u16(hello.status);
        writer.u16(static_cast<std::uint16_t>((hello.capabilities >> 16) & 0xffff));
        writer.u8(static_cast<std::uint8_t>(scramble.size() + 1));
        writer.zeros(6);
        writer.u32(extended_of(hello.capabilities));
        writer.cstring(scramble.substr(std::min(first_scramble_part, scramble.size())));
        writer.cstring(hello.plugin);
    });
}

std::optional<greeting> parse_greeting(Bytes payload) {
    field_reader reader(payload);
    greeting hello;
    if (reader.u8() != protocol_version) return std::nullopt;
    hello.server_version = reader.cstring().value_or(std::string_view());
    hello.thread_id = reader.u32().value_or(0);
    hello.scramble = reader.text(first_scramble_part).value_or(std::string_view());
    (void)reader.u8();
    std::uint32_t low = reader.u16().value_or(0);
    hello.collation = reader.u8().value_or(0);
    hello.status = reader.u16().value_or(0);
    std::uint32_t high = reader.u16().value_or(0);
    std::uint8_t data_size = reader.u8().value_or(0);
    (void)reader.take(6);
    std::uint32_t extended = reader.u32().value_or(0);
    if (!reader.ok()) return std::nullopt;
    hello.capabilities = join(low | (high << 16), extended);
    if (has(hello.capabilities, capability::secure_connection)) {
        std::size_t announced = data_size > first_scramble_part ? data_size - first_scramble_part : 0;
        std::optional<std::string_view> more = reader.text(std::max<std::size_t>(announced, 13));
        if (!more) return std::nullopt;
        hello.scramble += more->substr(0, more->find('\0'));
    }
    if (has(hello.capabilities, capability::plugin_auth)) hello.plugin = read_plugin(reader);
    return hello;
}

void append_handshake_response(std::string& out, std::uint8_t& sequence, const handshake_response& response) {
    append_packet(out, sequence, [&](std::string& body) {
        field_writer writer(body);
        capability_set flags = response.capabilities;
        write_response_head(writer, response);
        writer.cstring(response.user);
        write_auth_response(writer, response.auth_response, flags);
        if (has(flags, capability::connect_with_db)) writer.cstring(response.database.value_or(""));
        if (has(flags, capability::plugin_auth)) writer.cstring(response.plugin);
        if (has(flags, capability::connect_attrs)) write_attributes(writer, response.attributes);
        if (has(flags, capability::zstd_compression)) writer.u8(response.zstd_level);
    });
}

std::optional<handshake_response> parse_handshake_response(Bytes payload, capability_set offered) {
    std::optional<capability_set> said = peek_capabilities(payload);
    if (!said || !has(*said, capability::protocol_41)) return std::nullopt;
    capability_set flags = *said & offered;
    field_reader reader(payload);
    handshake_response response;
    response.capabilities = *said;
    (void)reader.u32();
    response.max_packet = reader.u32().value_or(0);
    response.collation = reader.u8().value_or(0);
    (void)reader.take(response_head - 9);
    response.user = reader.cstring().value_or(std::string_view());
    response.auth_response = read_auth_response(reader, flags).value_or(std::string_view());
    if (!reader.ok()) return std::nullopt;
    // Clients leave out what comes last although they set its flag; the server reads what is there.
    if (has(flags, capability::connect_with_db) && !reader.at_end()) response.database = reader.cstring();
    if (has(flags, capability::plugin_auth) && !reader.at_end()) response.plugin = read_plugin(reader);
    if (has(flags, capability::connect_attrs) && !reader.at_end() &&
        !read_attributes(reader, response.attributes))
        return std::nullopt;
    if (has(flags, capability::zstd_compression) && !reader.at_end())
        response.zstd_level = reader.u8().value_or(0);
    if (!reader.ok()) return std::nullopt;
    return response;
}

void append_ssl_request(std::string& out, std::uint8_t& sequence, const handshake_response& response) {
    append_packet(out, sequence, [&](std::string& body) {
        field_writer writer(body);
        write_response_head(writer, response);
    });
}

bool is_ssl_request(Bytes payload) {
    std::optional<capability_set> flags = peek_capabilities(payload);
    return flags && payload.size() == response_head && has(*flags, capability::ssl);
}

std::optional<capability_set> peek_capabilities(Bytes payload) {
    if (payload.size() < response_head) return std::nullopt;
    std::uint32_t low = *field_reader(payload).u32();
    std::uint32_t extended = *field_reader(payload.subspan(extended_at)).u32();
    return join(low, extended);
}

void append_change_user(std::string& out, std::uint8_t& sequence, const change_user_request& request,
                        capability_set capabilities) {
    append_packet(out, sequence, [&](std::string& body) {
        field_writer writer(body);
        writer.u8(static_cast<std::uint8_t>(command::change_user));
        writer.cstring(request.user);
        write_auth_response(writer, request.auth_response,
                            capabilities & ~capability::plugin_auth_lenenc);  // one byte of length, always
        writer.cstring(request.database);
        writer.u16(request.collation);
        if (has(capabilities, capability::plugin_auth)) writer.cstring(request.plugin);
        if (has(capabilities, capability::connect_attrs)) write_attributes(writer, request.attributes);
    });
}

std::optional<change_user_request> parse_change_user(Bytes payload, capability_set capabilities) {
    field_reader reader(payload);
    change_user_request request;
    if (reader.u8() != static_cast<std::uint8_t>(command::change_user)) return std::nullopt;
    request.user = reader.cstring().value_or(std::string_view());
    request.auth_response = read_auth_response(reader, capabilities & ~capability::plugin_auth_lenenc)
                                .value_or(std::string_view());
    request.database = reader.cstring().value_or(std::string_view());
    if (!reader.ok()) return std::nullopt;
    if (!reader.at_end()) request.collation = reader.u16().value_or(0);
    if (has(capabilities, capability::plugin_auth) && !reader.at_end()) request.plugin = read_plugin(reader);
    if (has(capabilities, capability::connect_attrs) && !reader.at_end() &&
        !read_attributes(reader, request.attributes))
        return std::nullopt;
    if (!reader.ok()) return std::nullopt;
    return request;
}

void append_auth_switch(std::string& out, std::uint8_t& sequence, const auth_switch& request) {
    append_packet(out, sequence, [&](std::string& body) {
        field_writer writer(body);
        writer.u8(auth_switch_header);
        writer.cstring(request.plugin);
        writer.raw(request.data);
    });
}

std::optional<auth_switch> parse_auth_switch(Bytes payload) {
    field_reader reader(payload);
    if (reader.u8() != auth_switch_header) return std::nullopt;
    std::optional<std::string_view> plugin = reader.cstring();
    if (!plugin) return std::nullopt;
    return auth_switch{std::string(*plugin), std::string(as_text(reader.rest()))};
}

void append_auth_more(std::string& out, std::uint8_t& sequence, std::string_view data) {
    append_packet(out, sequence, [&](std::string& body) {
        field_writer writer(body);
        writer.u8(auth_more_header);
        writer.raw(data);
    });
}

const std::string* find_attribute(const connection_attributes& attributes, std::string_view name) {
    auto found = std::find_if(attributes.rbegin(), attributes.rend(),
                              [&](const auto& pair) { return pair.first == name; });
    return found == attributes.rend() ? nullptr : &found->second;
}

}  // namespace fairlead::proxy::mysql
