#pragma once

#include <cstddef>
#include <string>

struct st_mysql;

namespace fairlead::dal::mysql {

/// What a connection answers when the server asks for a file: the data of the load that runs, once, and
/// otherwise nothing. A file is never opened, whatever name the server says. It must stay where it is while
/// the connection lives.
class load_source {
public:
    load_source() = default;
    load_source(const load_source&) = delete;
    load_source& operator=(const load_source&) = delete;

    /// Before the connection logs in: the server has to be told then that it may ask.
    void attach(st_mysql* connection);

    void arm(std::string data);
    /// After the load: every request is refused again, and the data is freed.
    void disarm();
    /// Whether the server asked for the data since arm(), and got all of it.
    bool is_spent() const { return asked_ && at_ == data_.size(); }

private:
    static int open(void** handle, const char* name, void* source);
    static int read(void* handle, char* to, unsigned size);
    static void close(void* handle);
    static int explain(void* handle, char* to, unsigned size);

    std::string data_;
    std::size_t at_ = 0;
    bool armed_ = false;
    bool asked_ = false;
};

}  // namespace fairlead::dal::mysql
