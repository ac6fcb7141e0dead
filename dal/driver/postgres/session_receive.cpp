#include "dal/driver/postgres/server_message.h"
#include "dal/driver/postgres/server_session.h"
#include "dal/driver/server_error.h"

#include <libpq-fe.h>

#include <utility>

namespace fairlead::dal::postgres {

void Session::receive(const Part& part, ResultHandle answer) {
    switch (PQresultStatus(answer.get())) {
        case PGRES_EMPTY_QUERY:
        case PGRES_COMMAND_OK:
        case PGRES_TUPLES_OK:
            return accept(part, std::move(answer));
        case PGRES_SINGLE_TUPLE:
            if (!dropping_) rows_.add(std::move(answer));
            return;
        case PGRES_PIPELINE_SYNC:
            return;
        case PGRES_PIPELINE_ABORTED:
            if (part.purpose == Purpose::close) prepared_.to_close().push_back(closing_[part.index]);
            return;
        case PGRES_COPY_IN:
        case PGRES_COPY_OUT:
        case PGRES_COPY_BOTH:
            // libpq cannot go on in pipeline mode, and the server waits for data behind our Sync.
            broke("COPY is not run as a statement; the connection was closed");
            failed_.set(errc::usage);
            return;
        case PGRES_BAD_RESPONSE:
        case PGRES_NONFATAL_ERROR:
        case PGRES_FATAL_ERROR:
            break;
    }
    receive_error(part, answer.get());
}

void Session::accept(const Part& part, ResultHandle answer) {
    switch (part.purpose) {
        case Purpose::prepare_context:
            context_prepared_ = true;
            return;
        case Purpose::connection_tag:
            return receive_tag(answer.get());
        case Purpose::parse:
            return prepared_.confirm(*part.prepared);
        case Purpose::discard:
            prepared_.clear();
            context_prepared_ = false;
            return;
        case Purpose::statement:
            if (!dropping_) results_.push_back(to_result_set(std::move(answer)));
            return;
        case Purpose::command:
            // PostgreSQL answers COMMIT of a failed transaction with the word ROLLBACK, and no error.
            if (is_commit_ && std::string_view(PQcmdStatus(answer.get())) == "ROLLBACK") {
                failed_ = server_error("25P02", "the transaction had failed; it was rolled back");
                failed_.server_text.clear();
            }
            return;
        case Purpose::close:
        case Purpose::begin:
        case Purpose::context:
        case Purpose::stream:
        case Purpose::sync:
            return;
    }
}

void Session::receive_error(const Part& part, const pg_result* error) {
    if (ends_session(error)) {
        Diagnostics said = to_diagnostics(error);
        broke(said.message);
        failed_ = std::move(said);
        return;
    }
    note_stale(part, error);
    if (part.purpose == Purpose::close) return close_failed(part, error);
    if (!failed_ && !dropping_) failed_ = to_diagnostics(error);
}

/// A name that is not closed stays on the server until it is tried again.
void Session::close_failed(const Part& part, const pg_result* error) {
    std::string& name = closing_[part.index];
    if (!is_unknown_statement(error, name)) prepared_.to_close().push_back(std::move(name));
}

void Session::note_stale(const Part& part, const pg_result* error) {
    if (part.purpose == Purpose::context && is_unknown_statement(error, context_name)) {
        // Somebody deallocated all.
        prepared_.clear();
        context_prepared_ = false;
        stale_ = true;
        return;
    }
    if (part.prepared == nullptr || part.purpose == Purpose::parse) return;
    if (is_stale_plan(error)) {
        prepared_.give_up(*part.prepared);
    } else if (is_unknown_statement(error, part.prepared->handle)) {
        prepared_.forget(*part.prepared);
    } else {
        return;
    }
    stale_ = part.index == 0;  // nothing was executed before it
}

/// The transaction was the statement's own and is over; nothing of it was executed. Behind a BEGIN the status
/// would be failed.
bool Session::must_run_again() const {
    return stale_ && !again_ && !dropping_ && !jobs_.empty() && was_idle_ &&
           status() == TransactionStatus::idle;
}

void Session::receive_copied(ResultHandle answer) {
    switch (PQresultStatus(answer.get())) {
        case PGRES_COMMAND_OK:
            if (!copy_.was_fed()) break;
            results_.push_back(ResultSet(nullptr, affected_rows(answer.get()), 0));
            return;
        case PGRES_FATAL_ERROR:
            return receive_error({Purpose::statement}, answer.get());
        case PGRES_COPY_OUT:
        case PGRES_COPY_BOTH:
            broke("the statement of a load sends data instead of taking it; the connection was closed");
            failed_.set(errc::usage);
            return;
        default:
            break;
    }
    if (!failed_ && !dropping_) refuse(errc::usage, "the statement of a load takes no data");
}

}  // namespace fairlead::dal::postgres
