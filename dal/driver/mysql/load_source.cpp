#include "dal/driver/mysql/load_source.h"

#include "dal/driver/mysql/library_error.h"

#include <mysql.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace fairlead::dal::mysql {

void load_source::attach(st_mysql* connection) {
    const unsigned yes = 1;
    mysql_options(connection, MYSQL_OPT_LOCAL_INFILE, &yes);
    mysql_set_local_infile_handler(connection, open, read, close, explain, this);
}

void load_source::arm(std::string data) {
    data_ = std::move(data);
    at_ = 0;
    armed_ = true;
    asked_ = false;
}

void load_source::disarm() {
    armed_ = false;
    at_ = 0;
    data_ = std::string();
}

int load_source::open(void** handle, const char* /*name*/, void* source) {
    auto& self = *static_cast<load_source*>(source);
    *handle = source;
    if (!self.armed_ || self.asked_) return 1;
    self.asked_ = true;
    return 0;
}

int load_source::read(void* handle, char* to, unsigned size) {
    auto& self = *static_cast<load_source*>(handle);
    // Given up in its midst: an error here ends the transfer without the rest.
    if (!self.armed_) return -1;
    const std::size_t some = std::min<std::size_t>(size, self.data_.size() - self.at_);
    std::copy_n(self.data_.data() + self.at_, some, to);
    self.at_ += some;
    return static_cast<int>(some);
}

void load_source::close(void* /*handle*/) {}

int load_source::explain(void* /*handle*/, char* to, unsigned size) {
    std::snprintf(to, size, "the server asked for a file, which it does not get");
    return static_cast<int>(refused_file_request);
}

}  // namespace fairlead::dal::mysql
