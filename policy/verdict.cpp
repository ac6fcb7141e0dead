#include "policy/verdict.h"

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
        case Pin::count_:
            break;
    }
    return "unknown";
}

}  // namespace fairlead::policy
