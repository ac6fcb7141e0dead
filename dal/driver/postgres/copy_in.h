#pragma once

#include "dal/driver/postgres/handles.h"
#include "dal/driver/server_session.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace fairlead::dal::postgres {

/// One COPY ... FROM STDIN, fed as the socket takes it: at most one slice of the data is copied into libpq's
/// buffer, which would otherwise grow to the size of all of it. Outside pipeline mode. Never blocks.
class CopyIn {
public:
    void set(std::string sql, std::string data);
    bool is_set() const { return stage_ != Stage::none; }
    /// After it has begun.
    bool is_running() const { return stage_ > Stage::set; }

    /// Sends the statement. False: libpq refused.
    bool begin(pg_conn* connection);
    /// The server is told that no more comes and shall forget what came.
    void abandon();

    enum class Event : std::uint8_t {
        waiting,   // for `wait`
        answer,    // a result other than that the server waits for data
        finished,  // all answers have been read
        lost,
    };
    Event next(Wait& wait, ResultHandle& answer);
    /// The server asked for the data: the statement was a COPY FROM STDIN.
    bool was_fed() const { return fed_; }
    void clear() { *this = CopyIn(); }

private:
    enum class Stage : std::uint8_t { none, set, asked, feeding, reading };
    bool feed();

    pg_conn* connection_ = nullptr;
    Stage stage_ = Stage::none;
    std::string sql_;
    std::string data_;
    std::size_t at_ = 0;
    bool fed_ = false;
    bool abandoned_ = false;
};

}  // namespace fairlead::dal::postgres
