#include "bench/dal/bare_connection.h"

#include <mysql.h>

#include <poll.h>
#include <stdexcept>

namespace fairlead::bench {
namespace {

class bare_mysql final : public bare_connection {
public:
    bare_mysql(const address& to, const std::string& sql, bool blocking) : connection_(mysql_init(nullptr)) {
        if (!blocking) mysql_options(connection_, MYSQL_OPT_NONBLOCK, nullptr);
        if (mysql_real_connect(connection_, "127.0.0.1", to.user.c_str(), to.password.c_str(),
                               to.database.c_str(), static_cast<unsigned>(to.port), nullptr, 0) == nullptr)
            throw std::runtime_error(mysql_error(connection_));
        statement_ = mysql_stmt_init(connection_);
        check(mysql_stmt_prepare(statement_, sql.c_str(), sql.size()));
        key_bind_.buffer_type = MYSQL_TYPE_LONG;
        key_bind_.buffer = &key_;
        value_bind_.buffer_type = MYSQL_TYPE_LONGLONG;
        value_bind_.buffer = &value_;
        check(mysql_stmt_bind_param(statement_, &key_bind_));
        check(mysql_stmt_bind_result(statement_, &value_bind_));
    }
    ~bare_mysql() override {
        mysql_stmt_close(statement_);
        mysql_close(connection_);
    }

    long ask(int key) override {
        key_ = key;
        check(mysql_stmt_execute(statement_));
        check(mysql_stmt_store_result(statement_));
        return take();
    }
    bool start(int key) override {
        key_ = key;
        storing_ = false;
        waits_for_ = mysql_stmt_execute_start(&failed_, statement_);
        return advance();
    }
    bool go_on(short ready) override {
        const int came =
            ((ready & POLLIN) != 0 ? MYSQL_WAIT_READ : 0) | ((ready & POLLOUT) != 0 ? MYSQL_WAIT_WRITE : 0);
        waits_for_ = storing_ ? mysql_stmt_store_result_cont(&failed_, statement_, came)
                              : mysql_stmt_execute_cont(&failed_, statement_, came);
        return advance();
    }
    int descriptor() const override { return static_cast<int>(mysql_get_socket(connection_)); }
    short waits_for() const override {
        return static_cast<short>(((waits_for_ & MYSQL_WAIT_READ) != 0 ? POLLIN : 0) |
                                  ((waits_for_ & MYSQL_WAIT_WRITE) != 0 ? POLLOUT : 0));
    }

private:
    bool advance() {
        while (waits_for_ == 0) {
            check(failed_);
            if (storing_) {
                take();
                return true;
            }
            storing_ = true;
            waits_for_ = mysql_stmt_store_result_start(&failed_, statement_);
        }
        return false;
    }
    long take() {
        if (mysql_stmt_fetch(statement_) != 0) throw std::runtime_error("no row");
        mysql_stmt_free_result(statement_);
        return static_cast<long>(value_);
    }
    void check(int failed) const {
        if (failed != 0) throw std::runtime_error(mysql_stmt_error(statement_));
    }

    MYSQL* connection_;
    MYSQL_STMT* statement_ = nullptr;
    MYSQL_BIND key_bind_{};
    MYSQL_BIND value_bind_{};
    int key_ = 0;
    long long value_ = 0;
    int waits_for_ = 0;
    int failed_ = 0;
    bool storing_ = false;
};

}  // namespace

std::unique_ptr<bare_connection> connect_mysql(const address& to, const std::string& sql, bool blocking) {
    return std::make_unique<bare_mysql>(to, sql, blocking);
}

}  // namespace fairlead::bench
