#include "dal/c_api/handles.h"

namespace {

using fairlead::errc;

constexpr bool same(fairlead_kind kind, errc code) {
    return static_cast<int>(kind) == static_cast<int>(code);
}
static_assert(same(FAIRLEAD_CONFIGURATION, errc::configuration) && same(FAIRLEAD_REFUSED, errc::refused) &&
              same(FAIRLEAD_POOL_TIMEOUT, errc::pool_timeout) && same(FAIRLEAD_DEADLINE, errc::deadline) &&
              same(FAIRLEAD_CANCELLED, errc::cancelled) && same(FAIRLEAD_CONNECTION, errc::connection) &&
              same(FAIRLEAD_OUTCOME_UNKNOWN, errc::outcome_unknown) && same(FAIRLEAD_DATA, errc::data) &&
              same(FAIRLEAD_INTEGRITY, errc::integrity) &&
              same(FAIRLEAD_TRANSACTION_STATE, errc::transaction_state) &&
              same(FAIRLEAD_SERIALIZATION, errc::serialization) &&
              same(FAIRLEAD_SYNTAX_OR_ACCESS, errc::syntax_or_access) &&
              same(FAIRLEAD_RESOURCES, errc::resources) && same(FAIRLEAD_SERVER, errc::server) &&
              same(FAIRLEAD_USAGE, errc::usage) && same(FAIRLEAD_CONVERSION, errc::conversion));

const char* text(const fairlead_error* error, std::string fairlead::Diagnostics::*member) {
    return error != nullptr ? (error->diagnostics.*member).c_str() : "";
}

}  // namespace

fairlead_kind fairlead_error_kind(const fairlead_error* error) {
    return error != nullptr ? static_cast<fairlead_kind>(error->diagnostics.kind()) : FAIRLEAD_OK;
}

const char* fairlead_error_message(const fairlead_error* error) {
    return text(error, &fairlead::Diagnostics::message);
}

const char* fairlead_error_hint(const fairlead_error* error) {
    return text(error, &fairlead::Diagnostics::hint);
}

const char* fairlead_error_sqlstate(const fairlead_error* error) {
    return text(error, &fairlead::Diagnostics::sqlstate);
}

const char* fairlead_error_server_text(const fairlead_error* error) {
    return text(error, &fairlead::Diagnostics::server_text);
}

uint32_t fairlead_error_server_code(const fairlead_error* error) {
    return error != nullptr ? error->diagnostics.server_code : 0;
}

const char* fairlead_error_rule(const fairlead_error* error) {
    return text(error, &fairlead::Diagnostics::rule);
}

uint32_t fairlead_error_position(const fairlead_error* error) {
    return error != nullptr ? error->diagnostics.position : 0;
}
