#include "policy/pin.h"

#include <bit>

namespace fairlead::policy {

std::string_view to_string(Pin pin) {
    // No default: a new cause without a name is a compiler warning, so metrics never count one as "unknown"
    // unnoticed.
    switch (pin) {
        case Pin::none:
            return "none";
        case Pin::listen:
            return "listen";
        case Pin::temporary_object:
            return "temporary_object";
        case Pin::advisory_lock:
            return "advisory_lock";
        case Pin::holdable_cursor:
            return "holdable_cursor";
        case Pin::setting:
            return "setting";
        case Pin::unparsed:
            return "unparsed";
        case Pin::replication:
            return "replication";
        case Pin::session_pooling:
            return "session_pooling";
        case Pin::user_variable:
            return "user_variable";
        case Pin::table_lock:
            return "table_lock";
        case Pin::text_prepare:
            return "text_prepare";
        case Pin::handler:
            return "handler";
        case Pin::cursor:
            return "cursor";
        case Pin::long_data:
            return "long_data";
        case Pin::diagnostics:
            return "diagnostics";
        case Pin::found_rows:
            return "found_rows";
        case Pin::xa:
            return "xa";
        case Pin::count_:
            break;
    }
    return "unknown";
}

Pin PinSet::first() const {
    return empty() ? Pin::none : static_cast<Pin>(std::countr_zero(bits_));
}

}  // namespace fairlead::policy
