#include "dal/driver/mysql/row_reader.h"

#include <mysql.h>

#include <charconv>
#include <string_view>
#include <utility>

namespace fairlead::dal::mysql {
namespace {

constexpr std::size_t longest_number = 32;
constexpr std::size_t usual_text = 128;

/// One value out of the current row.
class value_fetch {
public:
    value_fetch(enum_field_types type, bool is_unsigned, void* to, std::size_t room) {
        bind_.buffer_type = type;
        bind_.is_unsigned = is_unsigned ? 1 : 0;
        bind_.buffer = to;
        bind_.buffer_length = static_cast<unsigned long>(room);
        bind_.length = &length_;
        bind_.is_null = &is_null_;
        bind_.error = &truncated_;
    }
    value_fetch(const value_fetch&) = delete;
    value_fetch& operator=(const value_fetch&) = delete;

    bool run(st_mysql_stmt* statement, unsigned column) {
        return mysql_stmt_fetch_column(statement, &bind_, column, 0) == 0;
    }
    bool is_null() const { return is_null_ != 0; }
    /// Of the whole value, also where the room was too small.
    std::size_t size() const { return length_; }

private:
    MYSQL_BIND bind_{};
    unsigned long length_ = 0;
    my_bool is_null_ = 0;
    my_bool truncated_ = 0;
};

template <typename Number>
bool take_number(st_mysql_stmt* statement, unsigned column, enum_field_types type, row_block& to) {
    Number value{};
    value_fetch fetch(type, std::is_unsigned_v<Number>, &value, sizeof value);
    if (!fetch.run(statement, column)) return false;
    if (fetch.is_null()) {
        to.add_null();
        return true;
    }
    char* const begin = to.room(longest_number);
    to.add(static_cast<std::size_t>(std::to_chars(begin, begin + longest_number, value).ptr - begin));
    return true;
}

bool take_text(st_mysql_stmt* statement, unsigned column, row_block& to) {
    char* const first = to.room(usual_text);
    const std::size_t room = to.left();
    value_fetch fetch(MYSQL_TYPE_STRING, false, first, room);
    if (!fetch.run(statement, column)) return false;
    if (fetch.is_null()) {
        to.add_null();
        return true;
    }
    const std::size_t size = fetch.size();
    if (size > room) {
        value_fetch whole(MYSQL_TYPE_STRING, false, to.room(size), size);
        if (!whole.run(statement, column) || whole.size() != size) return false;
    }
    to.add(size);
    return true;
}

}  // namespace

row_reader::kind row_reader::kind_of(const st_mysql_field& field) {
    switch (field.type) {
        case MYSQL_TYPE_TINY:
        case MYSQL_TYPE_SHORT:
        case MYSQL_TYPE_INT24:
        case MYSQL_TYPE_LONG:
        case MYSQL_TYPE_LONGLONG:
            // The server writes these with leading zeros, and so does the library.
            if ((field.flags & ZEROFILL_FLAG) != 0) return kind::text;
            return (field.flags & UNSIGNED_FLAG) != 0 ? kind::unsigned_number : kind::signed_number;
        case MYSQL_TYPE_FLOAT:
            return kind::float_number;
        case MYSQL_TYPE_DOUBLE:
            return kind::double_number;
        default:
            return kind::text;
    }
}

bool row_reader::look_at(st_mysql_stmt* statement) {
    const MYSQL_FIELD* const fields = mariadb_stmt_fetch_fields(statement);
    if (fields == nullptr) return false;
    const unsigned count = mysql_stmt_field_count(statement);
    if (!is_laid_out_for(fields, count)) lay_out(fields, count);
    return true;
}

/// The table may have been altered since the last time.
bool row_reader::is_laid_out_for(const st_mysql_field* fields, unsigned count) const {
    if (!names_ || columns_.size() != count) return false;
    for (unsigned c = 0; c < count; ++c) {
        const bool same = columns_[c].type == static_cast<int>(fields[c].type) &&
                          columns_[c].flags == fields[c].flags &&
                          (*names_)[c] == std::string_view(fields[c].name, fields[c].name_length);
        if (!same) return false;
    }
    return true;
}

void row_reader::lay_out(const st_mysql_field* fields, unsigned count) {
    auto names = std::make_shared<column_names>();
    columns_.clear();
    for (unsigned c = 0; c < count; ++c) {
        names->emplace_back(fields[c].name, fields[c].name_length);
        columns_.push_back({kind_of(fields[c]), static_cast<int>(fields[c].type), fields[c].flags});
    }
    names_ = std::move(names);
}

bool row_reader::take_row(st_mysql_stmt* statement, row_block& to) const {
    for (unsigned i = 0; i < columns_.size(); ++i) {
        bool taken = false;
        switch (columns_[i].what) {
            case kind::signed_number:
                taken = take_number<std::int64_t>(statement, i, MYSQL_TYPE_LONGLONG, to);
                break;
            case kind::unsigned_number:
                taken = take_number<std::uint64_t>(statement, i, MYSQL_TYPE_LONGLONG, to);
                break;
            case kind::float_number:
                taken = take_number<float>(statement, i, MYSQL_TYPE_FLOAT, to);
                break;
            case kind::double_number:
                taken = take_number<double>(statement, i, MYSQL_TYPE_DOUBLE, to);
                break;
            case kind::text:
                taken = take_text(statement, i, to);
                break;
        }
        if (!taken) return false;
    }
    return true;
}

}  // namespace fairlead::dal::mysql
