#include "dal/driver/mysql/nonblocking_session.h"

#include "dal/driver/mysql/library_error.h"
#include "dal/driver/server_error.h"

#include <mysql.h>

#include <sys/socket.h>
#include <utility>

namespace fairlead::dal::mysql {

static_assert(static_cast<int>(Wait::readable) == MYSQL_WAIT_READ);
static_assert(static_cast<int>(Wait::writable) == MYSQL_WAIT_WRITE);

nonblocking_session::nonblocking_session(std::uint32_t max_prepared) : plans_(max_prepared) {}

nonblocking_session::~nonblocking_session() {
    if (!connection_) return;
    // Closing says goodbye, which must not wait for a server that does not read. An idle connection's
    // socket has room for it.
    const bool idle = !broken_ && !call_.is_waiting() && !executing_;
    const int socket = descriptor();
    if (!idle && socket >= 0) ::shutdown(socket, SHUT_RDWR);
}

void nonblocking_session::begin_operation() {
    if (failed_) failed_.clear();
    sent_ = false;
    draining_ = false;
    results_.clear();
    rows_.reset();
    has_rows_ = false;
    affected_ = insert_id_ = 0;
    load_.disarm();
}

Wait nonblocking_session::fail(Diagnostics why) {
    executing_ = false;
    load_.disarm();
    if (why.kind() == errc::connection) {
        broken_ = true;
    } else if (draining_) {
        return Wait::nothing;  // what it was abandoned for is nobody's concern any longer
    }
    if (!failed_) failed_ = std::move(why);
    return Wait::nothing;
}

Wait nonblocking_session::fail_connection() {
    return fail(last_error(connection_.get()));
}

Wait nonblocking_session::fail_statement() {
    return fail(last_error(handle()));
}

Wait nonblocking_session::resume(Wait ready) {
    if (logging_in_ && encrypted_) bound_handshake(connection_.get(), options_.connect_timeout);
    const bool finished = call_.go_on(ready);
    if (finished) return (this->*next_)();
    if (logging_in_ && is_wrong_peer())
        return login_failed(connection_error("the server's certificate is not for " + host_name_));
    return call_.wanted();
}

Wait nonblocking_session::start_drain() {
    failed_.clear();
    draining_ = true;
    load_.disarm();
    rows_.reset();
    if (call_.is_waiting()) return call_.wanted();
    return executing_ ? discard_rows() : Wait::nothing;
}

int nonblocking_session::descriptor() const {
    return connection_ ? static_cast<int>(mysql_get_socket(connection_.get())) : -1;
}

unsigned nonblocking_session::server_status() const {
    unsigned flags = 0;
    mariadb_get_infov(connection_.get(), MARIADB_CONNECTION_SERVER_STATUS, &flags);
    return flags;
}

TransactionStatus nonblocking_session::status() const {
    if (broken_) return TransactionStatus::unknown;
    return (server_status() & SERVER_STATUS_IN_TRANS) != 0 ? TransactionStatus::open
                                                           : TransactionStatus::idle;
}

std::string nonblocking_session::cancel_statement() const {
    return "KILL QUERY " + std::to_string(connection_ ? mysql_thread_id(connection_.get()) : 0);
}

std::uint32_t nonblocking_session::server_version() const {
    return connection_ ? static_cast<std::uint32_t>(mysql_get_server_version(connection_.get())) : 0;
}

std::unique_ptr<ServerSession> make_server_session(std::uint32_t max_prepared) {
    return std::make_unique<nonblocking_session>(max_prepared);
}

}  // namespace fairlead::dal::mysql
