#include "bench/dal/bare_connection.h"

#include <libpq-fe.h>

#include <charconv>
#include <cstdlib>
#include <poll.h>
#include <stdexcept>

namespace fairlead::bench {
namespace {

class bare_postgres final : public bare_connection {
public:
    bare_postgres(const address& to, const std::string& sql) {
        const std::string text =
            "host=127.0.0.1 sslmode=disable gssencmode=disable port=" + std::to_string(to.port) +
            " user=" + to.user + " password=" + to.password + " dbname=" + to.database;
        connection_ = PQconnectdb(text.c_str());
        PGresult* prepared = PQprepare(connection_, "s", sql.c_str(), 0, nullptr);
        const bool good = PQresultStatus(prepared) == PGRES_COMMAND_OK;
        PQclear(prepared);
        if (!good) fail();
    }
    ~bare_postgres() override { PQfinish(connection_); }

    long ask(int key) override {
        const char* values[] = {text_of(key)};
        return take(PQexecPrepared(connection_, "s", 1, values, nullptr, nullptr, 0));
    }
    bool start(int key) override {
        const char* values[] = {text_of(key)};
        PQsetnonblocking(connection_, 1);
        if (PQsendQueryPrepared(connection_, "s", 1, values, nullptr, nullptr, 0) == 0) fail();
        if (PQflush(connection_) != 0) fail();
        return false;
    }
    bool go_on(short) override {
        if (PQconsumeInput(connection_) == 0) fail();
        while (PQisBusy(connection_) == 0) {
            PGresult* result = PQgetResult(connection_);
            if (result == nullptr) return true;
            take(result);
        }
        return false;
    }
    int descriptor() const override { return PQsocket(connection_); }
    short waits_for() const override { return POLLIN; }

private:
    const char* text_of(int key) {
        *std::to_chars(text_, text_ + sizeof text_ - 1, key).ptr = '\0';
        return text_;
    }
    long take(PGresult* result) {
        if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1) fail();
        const long value = std::atol(PQgetvalue(result, 0, 0));
        PQclear(result);
        return value;
    }
    [[noreturn]] void fail() const { throw std::runtime_error(PQerrorMessage(connection_)); }

    PGconn* connection_;
    char text_[16];
};

}  // namespace

std::unique_ptr<bare_connection> connect_postgres(const address& to, const std::string& sql) {
    return std::make_unique<bare_postgres>(to, sql);
}

}  // namespace fairlead::bench
