#include "policy/postgres/guard/transaction_rules.h"

#include "policy/postgres/guard/analysis.h"

#include <string>

namespace fairlead::policy::postgres::guard {

namespace {

void check_two_phase(analysis& a, TransactionEffect effect) {
    if (a.strict())
        a.refuse(rule::two_phase, "prepared transactions are refused for " + std::string(whom(a.where)));
    if (effect != TransactionEffect::none) a.verdict.transaction = effect;
}

void end_transaction(analysis& a, const PgQuery__TransactionStmt& statement, TransactionEffect effect) {
    a.verdict.transaction = effect;
    // The chained transaction would begin without a context.
    if (statement.chain != 0 && a.has_context())
        a.refuse(rule::transaction_chain, "AND CHAIN is refused for " + std::string(whom(a.where)));
}

}  // namespace

bool check_transaction(analysis& a, const PgQuery__TransactionStmt& statement) {
    switch (statement.kind) {
        case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_BEGIN:
        case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START:
            a.verdict.transaction = TransactionEffect::begin;
            return false;
        case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT:
            end_transaction(a, statement, TransactionEffect::commit);
            return false;
        case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK:
            end_transaction(a, statement, TransactionEffect::rollback);
            return false;
        case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT:
            // The context must be older than the savepoint, or ROLLBACK TO would take it away.
            a.verdict.transaction = TransactionEffect::savepoint;
            return true;
        case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_RELEASE:
            a.verdict.transaction = TransactionEffect::savepoint;
            return false;
        case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO:
            a.verdict.transaction = TransactionEffect::rollback_to;
            return false;
        case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_PREPARE:
            check_two_phase(a, TransactionEffect::commit);
            return true;
        case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT_PREPARED:
        case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_PREPARED:
            check_two_phase(a, TransactionEffect::none);
            return true;
        default:
            a.refuse(rule::unknown_syntax, "this transaction command is refused");
            return true;
    }
}

}  // namespace fairlead::policy::postgres::guard
