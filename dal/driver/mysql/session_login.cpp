#include "dal/driver/mysql/library_error.h"
#include "dal/driver/mysql/nonblocking_session.h"
#include "dal/driver/mysql/peer_name.h"
#include "dal/driver/server_error.h"
#include "policy/mysql/required_settings.h"

#include <mysql.h>

namespace fairlead::dal::mysql {

Wait nonblocking_session::start_connect(const ConnectOptions& options, const std::string& host_name) {
    begin_operation();
    options_ = options;
    host_name_ = host_name;
    tls_ = tls_attempts_of(options);
    address_ = login_address(options);
    logging_in_ = true;
    return log_in(tls_.first);
}

Wait nonblocking_session::log_in(bool encrypted) {
    encrypted_ = encrypted;
    connection_ = new_connection();
    st_mysql* const connection = connection_.get();
    if (connection == nullptr) return login_failed(connection_error("no memory for a connection"));
    const bool other_name = !host_name_.empty() && host_name_ != options_.host;
    check_name_ = encrypted && other_name && options_.tls.mode == config::TlsMode::verify_full;
    set_login_options(connection, options_, encrypted,
                      check_name_ ? name_check::by_caller : name_check::by_library);
    mysql_options(connection, MYSQL_OPT_NONBLOCK, nullptr);
    load_.attach(connection);
    address_.set_protocol(connection);
    const char* const database = options_.database.empty() ? nullptr : options_.database.c_str();
    return call<mysql_real_connect_start, mysql_real_connect_cont>(
        &nonblocking_session::logged_in, connection, address_.host(), options_.user.c_str(),
        options_.password.c_str(), database, address_.port(), address_.path(), 0ul);
}

bool nonblocking_session::is_wrong_peer() {
    if (!check_name_) return false;
    const peer_verdict verdict = check_peer_name(connection_.get(), host_name_);
    if (verdict == peer_verdict::right) check_name_ = false;
    return verdict == peer_verdict::wrong;
}

Wait nonblocking_session::logged_in() {
    st_mysql* const connection = connection_.get();
    if (is_wrong_peer())
        return login_failed(connection_error("the server's certificate is not for " + host_name_));
    if (call_.value() != 0) {
        Diagnostics why = last_error(connection);
        // A second try only where the first got no verdict of the server: a wrong password stays wrong.
        if (!tls_.second || !why.sqlstate.empty()) return login_failed(std::move(why));
        const bool encrypted = *tls_.second;
        tls_.second.reset();
        return log_in(encrypted);
    }
    if (lacks_tls(connection, encrypted_)) {
        Diagnostics why = connection_error(no_tls);
        why.hint = no_tls_hint;
        if (!tls_.second) return login_failed(std::move(why));
        const bool encrypted = *tls_.second;
        tls_.second.reset();
        return log_in(encrypted);
    }
    if (check_name_) return login_failed(connection_error("the server showed no certificate"));
    make_nonblocking(connection);
    database_ = options_.database;
    options_ = ConnectOptions();  // the password is not needed any longer
    logging_in_ = false;
    broken_ = false;
    return set_up();
}

Wait nonblocking_session::login_failed(Diagnostics why) {
    why.message = connect_failure(options_, why.message);
    why.set(errc::connection);
    return fail(std::move(why));
}

/// What a session needs before its first statement, after login as after a reset.
Wait nonblocking_session::set_up() {
    texts_ = {"SET @@session.autocommit=1, " + std::string(policy::mysql::required_settings),
              "SELECT @@session.sql_mode"};
    return run_texts(&nonblocking_session::was_set_up);
}

Wait nonblocking_session::was_set_up() {
    if (text_row_.size() != 1) return fail(connection_error("the server did not say its sql_mode"));
    sql_mode_ = text_row_.front();
    return Wait::nothing;
}

Wait nonblocking_session::start_reset() {
    begin_operation();
    return call<mysql_reset_connection_start, mysql_reset_connection_cont>(&nonblocking_session::was_reset,
                                                                           connection_.get());
}

Wait nonblocking_session::was_reset() {
    if (call_.value() != 0) return fail_connection();
    // The server has none of the statements any longer, and the library has detached them.
    plans_.clear();
    one_shot_.reset();
    current_ = nullptr;
    // Whoever made the reset necessary may have changed it, and a reset keeps it.
    database_.clear();
    if (draining_) return Wait::nothing;
    return set_up();
}

Wait nonblocking_session::start_ping() {
    begin_operation();
    return call<mysql_ping_start, mysql_ping_cont>(&nonblocking_session::was_pinged, connection_.get());
}

Wait nonblocking_session::was_pinged() {
    return call_.value() == 0 ? Wait::nothing : fail_connection();
}

}  // namespace fairlead::dal::mysql
