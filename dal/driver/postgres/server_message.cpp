#include "dal/driver/postgres/server_message.h"

#include "dal/driver/postgres/connect_start.h"
#include "dal/driver/server_error.h"

#include <libpq-fe.h>

#include <charconv>
#include <string>

namespace fairlead::dal::postgres {
namespace {

std::string_view field(const pg_result* error, int code) {
    const char* const text = PQresultErrorField(error, code);
    return text == nullptr ? std::string_view() : text;
}

}  // namespace

Diagnostics to_diagnostics(const pg_result* error) {
    const std::string_view sqlstate = field(error, PG_DIAG_SQLSTATE);
    if (sqlstate.empty()) return connection_error(one_line(PQresultErrorMessage(error)));
    const std::string_view digits = field(error, PG_DIAG_STATEMENT_POSITION);
    std::uint32_t position = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), position);
    Diagnostics out = server_error(sqlstate, one_line(PQresultErrorField(error, PG_DIAG_MESSAGE_PRIMARY)),
                                   one_line(PQresultErrorField(error, PG_DIAG_MESSAGE_HINT)), 0, position);
    if (ends_session(error)) out.set(errc::connection);  // whatever its class: 25P03 is an idle transaction
    return out;
}

bool ends_session(const pg_result* error) {
    const std::string_view severity = field(error, PG_DIAG_SEVERITY_NONLOCALIZED);
    return severity == "FATAL" || severity == "PANIC" || field(error, PG_DIAG_SQLSTATE).empty();
}

bool is_stale_plan(const pg_result* error) {
    return field(error, PG_DIAG_SQLSTATE) == "0A000" &&
           field(error, PG_DIAG_SOURCE_FUNCTION) == "RevalidateCachedQuery" &&
           field(error, PG_DIAG_CONTEXT).empty();
}

bool is_unknown_statement(const pg_result* error, std::string_view name) {
    if (field(error, PG_DIAG_SQLSTATE) != "26000") return false;
    const std::string quoted = '"' + std::string(name) + '"';  // in every language
    return field(error, PG_DIAG_MESSAGE_PRIMARY).find(quoted) != std::string_view::npos;
}

}  // namespace fairlead::dal::postgres
