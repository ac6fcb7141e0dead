#include "policy/mysql/guard/transaction_rules.h"

#include <string>

namespace fairlead::policy::mysql::guard {

namespace {

using parse::statement_kind;

TransactionEffect effect_of(statement_kind kind) {
    switch (kind) {
        case statement_kind::begin:
            return TransactionEffect::begin;
        case statement_kind::commit:
            return TransactionEffect::commit;
        case statement_kind::rollback:
            return TransactionEffect::rollback;
        case statement_kind::rollback_to:
            return TransactionEffect::rollback_to;
        default:
            return TransactionEffect::savepoint;
    }
}

}  // namespace

void check_transaction(analysis& a, const parse::statement& statement) {
    if (statement.kind == statement_kind::xa) {
        if (!a.silo())
            return a.refuse(rule::xa, "XA is refused for " + std::string(a.whom()), statement.verb);
        a.touches_data = true;
        return a.pin(Pin::xa);
    }
    // The server would close its connection, which is not the client's.
    if ((statement.flags & parse::release) != 0)
        return a.refuse(rule::unknown_syntax, "RELEASE at the end of a transaction is refused",
                        statement.verb, "Close the connection yourself.");
    a.verdict.transaction = effect_of(statement.kind);
}

}  // namespace fairlead::policy::mysql::guard
