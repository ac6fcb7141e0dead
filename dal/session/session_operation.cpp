#include "dal/session/session_operation.h"

#include "dal/session/deadline.h"

#include <utility>

namespace fairlead::dal {

session_operation::session_operation(const tenant_home& home, kept_connection* kept,
                                     std::chrono::milliseconds timeout)
    : home_(home), kept_(kept) {
    begin_again(timeout);
}

session_operation::~session_operation() {
    if (stage_ == stage::running) give_up();
}

void session_operation::give_up() {
    if (kept_ != nullptr) return kept_->interrupted();
    if (own_) own_.mark_interrupted();
    own_.give_back();
}

void session_operation::begin_again(std::chrono::milliseconds timeout) {
    deadline_ = deadline_after(timeout);
    stage_ = stage::fresh;
}

Step session_operation::advance(Wait ready) {
    switch (stage_) {
        case stage::fresh:
            prepare(failed_);
            if (failed_) return finish();
            if (lease()) return on_connection();

            stage_ = stage::waiting;
            request_.start(*home_.seat, std::move(wakeup_));
            [[fallthrough]];
        case stage::waiting:
            switch (request_.state()) {
                case LeaseRequest::State::waiting:
                    return Step::woken();
                case LeaseRequest::State::failed:
                    failed_ = request_.failed();
                    return finish();
                case LeaseRequest::State::granted:
                    break;
            }
            lease() = request_.take();
            waited_ = lease().waited();
            return on_connection();
        case stage::running:
            return drive(lease().session().resume(ready));
        case stage::over:
            break;
    }
    return Step::finished();
}

// The guard read the text under the sql_mode that the placement's sessions had when it was verified. An
// operator may have changed the server's since, and a text may mean something else under it.
bool session_operation::reads_as_judged(const ServerSession& session) {
    if (home_.engine() != config::Engine::mysql) return true;
    if (session.sql_mode() == home_.placement->served.mysql.sql_mode) return true;
    failed_.set(errc::configuration);
    failed_.message = "the server's sql_mode is not the one that statements were judged under";
    failed_.hint = "It is read again with each catalogue_refresh of the placement.";
    return false;
}

Step session_operation::on_connection() {
    stage_ = stage::running;
    ServerSession& session = lease().session();
    if (!reads_as_judged(session)) return finish();
    if (kept_ != nullptr) openings_ = kept_->openings(!takes_begin());
    opening_ = !openings_.empty();
    const bool afresh = starts_afresh();
    return drive(opening_ ? session.start_command(openings_.front()) : start(session), afresh);
}

std::optional<Wait> session_operation::go_on(ServerSession& session) {
    if (!opening_) return proceed(session);
    openings_ = openings_.subspan(1);
    opening_ = !openings_.empty();
    return opening_ ? session.start_command(openings_.front()) : start(session);
}

Step session_operation::drive(Wait wait, bool afresh) {
    ServerSession& session = lease().session();
    while (wait == Wait::nothing) {
        if (session.failed()) {
            failed_ = explain(session.failed());
            if (opening_) lease().mark_dirty();  // it may hold for the next transaction on the connection
            return finish();
        }
        const std::optional<Wait> more = go_on(session);
        if (!more) return finish();
        wait = *more;
    }
    return Step::ready(session.descriptor(), wait, &session.mark(), afresh);
}

Diagnostics session_operation::explain(const Diagnostics& server) const {
    Diagnostics failed = server;
    const Lease& lease = kept_ != nullptr ? kept_->lease() : own_;
    const ServerSession& session = lease.session();
    if (session.is_broken() && session.was_sent() && may_take_effect()) {
        failed.set(errc::outcome_unknown);
        failed.hint = "It may have taken effect: look before doing it again.";
    }
    return failed;
}

Step session_operation::finish() {
    const bool started = stage_ == stage::running;
    stage_ = stage::over;
    const bool in_doubt = started && failed_ && !opening_ && kept_ != nullptr && kept_->is_transaction() &&
                          home_.engine() == config::Engine::mysql && may_have_committed();
    if (in_doubt && failed_.hint.empty())
        failed_.hint = "The transaction is over: the server may have committed what came before.";
    over();
    if (!started) return Step::finished();  // refused, or no connection: nothing has changed
    const bool stays = !failed_ && keeps_connection();
    if (kept_ == nullptr) {
        if (!stays) own_.give_back();
    } else if (stays) {
        kept_->streams(with_context_);
    } else {
        kept_->ran(failed_, with_context_);
        if (in_doubt && kept_->is_open())
            kept_->end("a statement failed that may have committed the transaction before it");
    }
    return Step::finished();
}

void session_operation::interrupt(errc why) {
    if (stage_ == stage::over) return;
    const bool waiting = stage_ != stage::running;
    const bool fresh = stage_ == stage::fresh;
    request_.withdraw();
    stage_ = stage::over;
    failed_.clear();
    failed_.set(why);
    failed_.message = why == errc::deadline ? "the call's time is over" : "the call was cancelled";
    if (fresh) {
        failed_.message += " before it began";
    } else if (waiting) {
        failed_.message += " while it waited for a server connection";
    } else if (interrupted_unknown()) {
        failed_.set(errc::outcome_unknown);
        failed_.message += " when it had been sent";
        failed_.hint = "It may have taken effect: look before doing it again.";
    }
    over();
    if (!waiting) give_up();
}

void session_operation::put_in_front(StatementJob& job) {
    with_context_ = true;
    if (kept_ != nullptr) {
        job.begin = kept_->begin_text();
        job.context = kept_->context(context_value_);
    } else {
        job.context = make_context(home_, own_.session(), context_value_);
    }
}

}  // namespace fairlead::dal
