#pragma once

#include <memory>
#include <string>

namespace fairlead::bench {

/// How a program without Fairlead asks: one connection of its own, one prepared statement with an integer as
/// its only value and its only result.
class bare_connection {
public:
    virtual ~bare_connection() = default;

    /// Waits for the answer.
    virtual long ask(int key) = 0;

    /// The same without waiting: true when the answer is there, else wait for waits_for() on descriptor().
    virtual bool start(int key) = 0;
    virtual bool go_on(short ready) = 0;
    virtual int descriptor() const = 0;
    virtual short waits_for() const = 0;  // POLLIN, POLLOUT
};

struct address {
    int port = 0;
    std::string user;
    std::string password;
    std::string database;
};

// `blocking`: for ask(). Throw std::runtime_error.
std::unique_ptr<bare_connection> connect_postgres(const address& to, const std::string& sql);
std::unique_ptr<bare_connection> connect_mysql(const address& to, const std::string& sql, bool blocking);

}  // namespace fairlead::bench
