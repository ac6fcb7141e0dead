#include "policy/verdict.h"

namespace fairlead::policy {

std::string_view to_string(SessionCommand command) {
    switch (command) {
        case SessionCommand::none:
            return "";
        case SessionCommand::prepare:
            return "prepare";
        case SessionCommand::execute:
            return "execute";
        case SessionCommand::deallocate:
            return "deallocate";
        case SessionCommand::deallocate_all:
            return "deallocate all";
        case SessionCommand::discard_all:
            return "discard all";
        case SessionCommand::set_tenant:
            return "set tenant";
        case SessionCommand::use_database:
            return "use database";
        case SessionCommand::kill_connection:
            return "kill connection";
        case SessionCommand::kill_query:
            return "kill query";
    }
    return "";
}

}  // namespace fairlead::policy
