#include "dal/driver/postgres/copy_in.h"

#include <libpq-fe.h>

#include <algorithm>
#include <utility>

namespace fairlead::dal::postgres {
namespace {

constexpr std::size_t slice = 256 * 1024;

}  // namespace

void CopyIn::set(std::string sql, std::string data) {
    clear();
    stage_ = Stage::set;
    sql_ = std::move(sql);
    data_ = std::move(data);
}

bool CopyIn::begin(pg_conn* connection) {
    connection_ = connection;
    stage_ = Stage::asked;
    // The extended protocol takes exactly one statement.
    return PQsendQueryParams(connection, sql_.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) == 1;
}

void CopyIn::abandon() {
    abandoned_ = true;
}

bool CopyIn::feed() {
    const bool at_end = at_ == data_.size();
    if (abandoned_ || at_end) {
        stage_ = Stage::reading;
        return PQputCopyEnd(connection_, abandoned_ ? "abandoned" : nullptr) == 1;
    }
    const std::size_t size = std::min(slice, data_.size() - at_);
    if (PQputCopyData(connection_, data_.data() + at_, static_cast<int>(size)) != 1) return false;
    at_ += size;
    return true;
}

CopyIn::Event CopyIn::next(Wait& wait, ResultHandle& answer) {
    while (true) {
        const int unsent = PQflush(connection_);
        if (unsent < 0) return Event::lost;
        wait = unsent > 0 ? Wait::either : Wait::readable;
        if (stage_ == Stage::feeding) {
            if (unsent > 0) return Event::waiting;
            if (!feed()) return Event::lost;
            continue;
        }
        if (unsent > 0 || PQisBusy(connection_) != 0) return Event::waiting;
        answer.reset(PQgetResult(connection_));
        if (!answer) return PQstatus(connection_) == CONNECTION_BAD ? Event::lost : Event::finished;
        if (PQresultStatus(answer.get()) != PGRES_COPY_IN) return Event::answer;
        if (stage_ != Stage::asked) return Event::lost;  // libpq repeats it, we would never end
        stage_ = Stage::feeding;
        fed_ = true;
    }
}

}  // namespace fairlead::dal::postgres
