#include "proxy/wire/postgres/build.h"

#include "common/bytes.h"

namespace fairlead::proxy::postgres {
namespace {

/// Writes the type byte and a length placeholder; the destructor fills the length in.
class MessageScope {
public:
    MessageScope(std::string& out, char type) : writer_(out), out_(out) {
        if (type != 0) writer_.u8(static_cast<std::uint8_t>(type));
        length_at_ = out.size();
        writer_.u32(0);
    }
    ~MessageScope() { writer_.patch_u32(length_at_, static_cast<std::uint32_t>(out_.size() - length_at_)); }
    MessageScope(const MessageScope&) = delete;
    MessageScope& operator=(const MessageScope&) = delete;

    ByteWriter* operator->() { return &writer_; }

private:
    ByteWriter writer_;
    std::string& out_;
    std::size_t length_at_ = 0;
};

constexpr char untyped = 0;
constexpr std::uint32_t ssl_request_code = 80877103;
constexpr std::uint32_t cancel_request_code = 80877102;

void append_fields(std::string& out, char type, const ErrorFields& fields) {
    MessageScope message(out, type);
    auto field = [&](char code, std::string_view text) {
        if (text.empty()) return;
        message->u8(static_cast<std::uint8_t>(code));
        message->cstring(text);
    };
    field('S', fields.severity);
    field('V', fields.severity);
    field('C', fields.sqlstate);
    field('M', fields.message);
    field('D', fields.detail);
    field('H', fields.hint);
    if (fields.position != 0) field('P', std::to_string(fields.position));
    message->u8(0);
}

}  // namespace

void append_error(std::string& out, const ErrorFields& fields) {
    append_fields(out, 'E', fields);
}

void append_notice(std::string& out, const ErrorFields& fields) {
    append_fields(out, 'N', fields);
}

void append_authentication(std::string& out, std::uint32_t code, std::string_view data) {
    MessageScope message(out, 'R');
    message->u32(code);
    message->raw(data);
}

void append_negotiate_protocol_version(std::string& out, std::uint32_t newest_version,
                                       std::span<const std::string> unknown_options) {
    MessageScope message(out, 'v');
    message->u32(newest_version);
    message->u32(static_cast<std::uint32_t>(unknown_options.size()));
    for (const std::string& option : unknown_options) message->cstring(option);
}

void append_parameter_status(std::string& out, std::string_view name, std::string_view value) {
    MessageScope message(out, 'S');
    message->cstring(name);
    message->cstring(value);
}

void append_backend_key(std::string& out, std::uint32_t pid, std::string_view secret) {
    MessageScope message(out, 'K');
    message->u32(pid);
    message->raw(secret);
}

void append_ready_for_query(std::string& out, char status) {
    MessageScope message(out, 'Z');
    message->u8(static_cast<std::uint8_t>(status));
}

void append_command_complete(std::string& out, std::string_view tag) {
    MessageScope message(out, 'C');
    message->cstring(tag);
}

void append_empty(std::string& out, char type) {
    MessageScope message(out, type);
}

void append_startup(std::string& out, std::uint32_t protocol,
                    std::span<const std::pair<std::string, std::string>> parameters) {
    MessageScope message(out, untyped);
    message->u32(protocol);
    for (const auto& [name, value] : parameters) {
        message->cstring(name);
        message->cstring(value);
    }
    message->u8(0);
}

void append_ssl_request(std::string& out) {
    MessageScope message(out, untyped);
    message->u32(ssl_request_code);
}

void append_cancel_request(std::string& out, std::uint32_t pid, std::string_view secret) {
    MessageScope message(out, untyped);
    message->u32(cancel_request_code);
    message->u32(pid);
    message->raw(secret);
}

void append_password(std::string& out, std::string_view data) {
    MessageScope message(out, 'p');
    message->raw(data);
}

void append_query(std::string& out, std::string_view sql) {
    MessageScope message(out, 'Q');
    message->cstring(sql);
}

void append_parse(std::string& out, std::string_view name, std::string_view sql) {
    MessageScope message(out, 'P');
    message->cstring(name);
    message->cstring(sql);
    message->u16(0);
}

void append_bind(std::string& out, std::string_view portal, std::string_view statement,
                 std::span<const std::string_view> parameters) {
    MessageScope message(out, 'B');
    message->cstring(portal);
    message->cstring(statement);
    message->u16(0);
    message->u16(static_cast<std::uint16_t>(parameters.size()));
    for (std::string_view parameter : parameters) {
        message->u32(static_cast<std::uint32_t>(parameter.size()));
        message->raw(parameter);
    }
    message->u16(0);
}

void append_execute(std::string& out, std::string_view portal, std::uint32_t max_rows) {
    MessageScope message(out, 'E');
    message->cstring(portal);
    message->u32(max_rows);
}

void append_close(std::string& out, char kind, std::string_view name) {
    MessageScope message(out, 'C');
    message->u8(static_cast<std::uint8_t>(kind));
    message->cstring(name);
}

void append_sync(std::string& out) {
    append_empty(out, 'S');
}

void append_terminate(std::string& out) {
    append_empty(out, 'X');
}

}  // namespace fairlead::proxy::postgres
