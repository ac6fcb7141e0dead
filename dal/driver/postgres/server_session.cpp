#include "dal/driver/postgres/server_session.h"

#include "dal/driver/postgres/connect_start.h"
#include "dal/driver/server_error.h"

#include <libpq-fe.h>

#include <utility>

namespace fairlead::dal::postgres {
namespace {

constexpr std::size_t most_rows = 256;  // of a stream, at once

}  // namespace

Wait Session::resume(Wait ready) {
    switch (phase_) {
        case Phase::connecting:
            return connect_on();
        case Phase::pipeline:
        case Phase::copying:
            break;
        case Phase::idle:
        case Phase::broken:
            return Wait::nothing;
    }
    const bool readable = (static_cast<int>(ready) & static_cast<int>(Wait::readable)) != 0;
    // A failed read is told by what there is to read: the server's last words first.
    if (readable && PQconsumeInput(connection_.get()) == 0 && PQisBusy(connection_.get()) != 0)
        return broke(one_line(PQerrorMessage(connection_.get())));
    return phase_ == Phase::copying ? copy_on() : read_on();
}

Wait Session::read_on() {
    Part part{};
    ResultHandle answer;
    while (rows_.rows() < most_rows) {
        switch (pipeline_.next(part, answer)) {
            case Pipeline::Event::answer:
                receive(part, std::move(answer));
                if (is_broken()) return Wait::nothing;
                break;
            case Pipeline::Event::finished:
                return finish();
            case Pipeline::Event::lost:
                return broke(one_line(PQerrorMessage(connection_.get())));
            case Pipeline::Event::waiting: {
                if (rows_.rows() > 0 && !failed_) return Wait::nothing;
                const Wait wait = pipeline_.flush();
                return wait != Wait::nothing ? wait : broke(one_line(PQerrorMessage(connection_.get())));
            }
        }
    }
    return Wait::nothing;
}

Wait Session::finish() {
    phase_ = Phase::idle;
    prepared_.end_operation();
    if (failed_) rows_.clear();
    if (must_run_again()) {
        failed_.clear();
        results_.clear();
        stale_ = false;
        again_ = true;
        return send_jobs();
    }
    if (copy_.is_set() && !copy_.is_running() && !failed_ && !dropping_) return begin_copy();
    copy_.clear();
    return Wait::nothing;
}

Wait Session::begin_copy() {
    was_sent_ = true;
    if (!pipeline_.leave() || !copy_.begin(connection_.get()))
        return broke(one_line(PQerrorMessage(connection_.get())));
    phase_ = Phase::copying;
    return copy_on();
}

Wait Session::copy_on() {
    Wait wait = Wait::nothing;
    ResultHandle answer;
    while (true) {
        switch (copy_.next(wait, answer)) {
            case CopyIn::Event::waiting:
                return wait;
            case CopyIn::Event::answer:
                receive_copied(std::move(answer));
                if (is_broken()) return Wait::nothing;
                break;
            case CopyIn::Event::finished:
                return finish_copy();
            case CopyIn::Event::lost:
                return broke(one_line(PQerrorMessage(connection_.get())));
        }
    }
}

Wait Session::finish_copy() {
    copy_.clear();
    phase_ = Phase::idle;
    if (!pipeline_.enter(connection_.get())) return broke(one_line(PQerrorMessage(connection_.get())));
    return Wait::nothing;
}

Wait Session::start_next_rows() {
    rows_.clear();
    if (phase_ != Phase::pipeline) return Wait::nothing;
    // More has often arrived meanwhile, then this spares a wait; but what has been read comes first, or
    // libpq's buffer would grow with the table.
    return PQisBusy(connection_.get()) != 0 ? resume(Wait::readable) : read_on();
}

std::shared_ptr<const detail::result_data> Session::take_rows() {
    if (rows_.rows() == 0) return nullptr;
    return std::make_shared<const RowChunk>(std::exchange(rows_, RowChunk()));
}

Wait Session::start_drain() {
    if (phase_ == Phase::connecting) return broke("the login was given up");
    failed_.clear();
    results_.clear();
    rows_.clear();
    dropping_ = true;
    if (phase_ == Phase::copying) {
        copy_.abandon();
        return copy_on();
    }
    return phase_ == Phase::pipeline ? read_on() : Wait::nothing;
}

Wait Session::broke(const std::string& why) {
    if (phase_ != Phase::broken) failed_ = connection_error(why.empty() ? "the connection was lost" : why);
    options_ = ConnectOptions();
    phase_ = Phase::broken;
    rows_.clear();
    return Wait::nothing;
}

Wait Session::refuse(errc code, std::string message) {
    failed_.clear();
    failed_.set(code);
    failed_.message = std::move(message);
    return Wait::nothing;
}

int Session::descriptor() const {
    return connection_ ? PQsocket(connection_.get()) : -1;
}

TransactionStatus Session::status() const {
    if (phase_ == Phase::broken || !connection_) return TransactionStatus::unknown;
    switch (PQtransactionStatus(connection_.get())) {
        case PQTRANS_IDLE:
            return TransactionStatus::idle;
        case PQTRANS_INTRANS:
            return TransactionStatus::open;
        case PQTRANS_INERROR:
            return TransactionStatus::failed;
        case PQTRANS_ACTIVE:
        case PQTRANS_UNKNOWN:
            break;
    }
    return TransactionStatus::unknown;
}

ResultSet Session::take_result() {
    ResultSet out;
    if (!results_.empty()) out = std::move(results_.front());
    results_.clear();
    return out;
}

std::vector<ResultSet> Session::take_results() {
    return std::exchange(results_, {});
}

std::string Session::cancel_statement() const {
    return "SELECT pg_catalog.pg_cancel_backend(" + std::to_string(backend_pid()) + ")";
}

std::int32_t Session::backend_pid() const {
    return connection_ ? PQbackendPID(connection_.get()) : 0;
}

std::uint32_t Session::server_version() const {
    return connection_ ? static_cast<std::uint32_t>(PQserverVersion(connection_.get())) : 0;
}

std::unique_ptr<ServerSession> make_server_session(std::uint32_t max_prepared) {
    return std::make_unique<Session>(max_prepared);
}

}  // namespace fairlead::dal::postgres
