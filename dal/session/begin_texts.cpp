#include "dal/session/begin_texts.h"

namespace fairlead::dal {
namespace {

std::string isolation_clause(IsolationLevel level) {
    switch (level) {
        case IsolationLevel::server_default:
            break;
        case IsolationLevel::read_uncommitted:
            return " ISOLATION LEVEL READ UNCOMMITTED";
        case IsolationLevel::read_committed:
            return " ISOLATION LEVEL READ COMMITTED";
        case IsolationLevel::repeatable_read:
            return " ISOLATION LEVEL REPEATABLE READ";
        case IsolationLevel::serializable:
            return " ISOLATION LEVEL SERIALIZABLE";
    }
    return {};
}

}  // namespace

std::vector<std::string> begin_texts(config::Engine engine, const TransactionOptions& options) {
    const std::string isolation = isolation_clause(options.isolation);
    const std::string access = options.read_only ? " READ ONLY" : "";
    if (engine == config::Engine::postgres) return {"BEGIN" + isolation + access};
    // MySQL's START TRANSACTION takes no isolation level; that of the next transaction is set before it.
    if (isolation.empty()) return {"START TRANSACTION" + access};
    return {"SET TRANSACTION" + isolation, "START TRANSACTION" + access};
}

}  // namespace fairlead::dal
