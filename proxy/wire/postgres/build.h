#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

/// Builders that append one whole message to a byte buffer. The caller guarantees that texts hold no NUL.
namespace fairlead::proxy::postgres {

/// What an ErrorResponse or NoticeResponse of ours says. Empty fields are left out.
struct ErrorFields {
    std::string_view severity = "ERROR";  // ERROR ends the statement, FATAL the connection
    std::string_view sqlstate = "XX000";
    std::string_view message = {};
    std::string_view detail = {};
    std::string_view hint = {};
    std::uint32_t position = 0;  // 1-based character in the statement
};

// To clients.
void append_error(std::string& out, const ErrorFields& fields);
void append_notice(std::string& out, const ErrorFields& fields);
void append_authentication(std::string& out, std::uint32_t code, std::string_view data = {});  // 'R'
/// `newest_version`: major << 16 | minor. The manual says "minor", but PostgreSQL 15 sends and libpq reads
/// both.
void append_negotiate_protocol_version(std::string& out, std::uint32_t newest_version,
                                       std::span<const std::string> unknown_options);
void append_parameter_status(std::string& out, std::string_view name, std::string_view value);
void append_backend_key(std::string& out, std::uint32_t pid, std::string_view secret);
void append_ready_for_query(std::string& out, char status);
void append_command_complete(std::string& out, std::string_view tag);
/// A message without a body: ParseComplete '1', BindComplete '2', CloseComplete '3', NoData 'n', ...
void append_empty(std::string& out, char type);

// To servers.
void append_startup(std::string& out, std::uint32_t protocol,
                    std::span<const std::pair<std::string, std::string>> parameters);
void append_ssl_request(std::string& out);
void append_cancel_request(std::string& out, std::uint32_t pid, std::string_view secret);
void append_password(std::string& out, std::string_view data_with_terminator_if_any);  // 'p'
void append_query(std::string& out, std::string_view sql);
void append_parse(std::string& out, std::string_view name, std::string_view sql);
/// Text-format parameters, text-format results.
void append_bind(std::string& out, std::string_view portal, std::string_view statement,
                 std::span<const std::string_view> parameters);
void append_execute(std::string& out, std::string_view portal, std::uint32_t max_rows = 0);
void append_close(std::string& out, char kind, std::string_view name);  // 'S' statement, 'P' portal
void append_sync(std::string& out);
void append_terminate(std::string& out);

}  // namespace fairlead::proxy::postgres
