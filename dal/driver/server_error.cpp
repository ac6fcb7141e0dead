#include "dal/driver/server_error.h"

#include <utility>

namespace fairlead::dal {

errc kind_of_sqlstate(std::string_view sqlstate) {
    const std::string_view kind = sqlstate.substr(0, 2);
    if (kind == "08" || sqlstate.starts_with("57P0")) return errc::connection;
    if (kind == "22") return errc::data;
    if (kind == "23") return errc::integrity;
    if (kind == "25") return errc::transaction_state;
    if (kind == "40") return errc::serialization;
    if (kind == "42") return errc::syntax_or_access;
    if (kind == "53" || kind == "54") return errc::resources;
    return errc::server;
}

Diagnostics server_error(std::string_view sqlstate, std::string text, std::string hint,
                         std::uint32_t server_code, std::uint32_t position) {
    Diagnostics out;
    out.set(kind_of_sqlstate(sqlstate));
    out.message = text;
    out.server_text = std::move(text);
    out.hint = std::move(hint);
    out.sqlstate = sqlstate;
    out.server_code = server_code;
    out.position = position;
    return out;
}

Diagnostics connection_error(std::string message) {
    Diagnostics out;
    out.set(errc::connection);
    out.message = std::move(message);
    return out;
}

}  // namespace fairlead::dal
