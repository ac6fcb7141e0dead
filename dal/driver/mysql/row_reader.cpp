#include "dal/driver/mysql/row_reader.h"

#include <mysql.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string_view>

namespace fairlead::dal::mysql {
namespace {

constexpr std::size_t least_buffer = 32;  // what the library writes for any date or time
constexpr std::size_t first_buffer = 64;
constexpr std::size_t largest_buffer = 4'096;
constexpr std::size_t longest_number = 32;

enum class kind : std::uint8_t { signed_number, unsigned_number, float_number, double_number, text };

kind kind_of(const MYSQL_FIELD& field) {
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

enum_field_types bound_as(kind k) {
    switch (k) {
        case kind::float_number:
            return MYSQL_TYPE_FLOAT;
        case kind::double_number:
            return MYSQL_TYPE_DOUBLE;
        case kind::text:
            return MYSQL_TYPE_STRING;
        default:
            return MYSQL_TYPE_LONGLONG;
    }
}

std::size_t first_size(const MYSQL_FIELD& field) {
    if (kind_of(field) != kind::text) return sizeof(std::int64_t);
    return std::clamp<std::size_t>(field.length, least_buffer, first_buffer);
}

template <typename Number>
void add_number(const char* from, row_block& to) {
    Number value;
    std::memcpy(&value, from, sizeof value);
    char* const begin = to.room(longest_number);
    to.add(static_cast<std::size_t>(std::to_chars(begin, begin + longest_number, value).ptr - begin));
}

}  // namespace

struct row_reader::column {
    kind what;
    enum_field_types type;
    unsigned flags;
    std::size_t capacity;
    char* buffer = nullptr;
    unsigned long length = 0;
    my_bool is_null = 0;
    my_bool truncated = 0;
};

row_reader::row_reader() = default;
row_reader::~row_reader() = default;

bool row_reader::bind(st_mysql_stmt* statement) {
    const unsigned count = mysql_stmt_field_count(statement);
    const MYSQL_FIELD* const fields = mariadb_stmt_fetch_fields(statement);
    if (fields == nullptr) return false;
    if (!is_laid_out_for(fields, count)) lay_out(fields, count);
    if (bound_) return true;
    bound_ = mysql_stmt_bind_result(statement, binds_.data()) == 0;
    return bound_;
}

/// The table may have been altered since the last time.
bool row_reader::is_laid_out_for(const st_mysql_field* fields, unsigned count) const {
    if (!names_ || columns_.size() != count) return false;
    for (unsigned c = 0; c < count; ++c) {
        const bool same = columns_[c].type == fields[c].type && columns_[c].flags == fields[c].flags &&
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
        columns_.push_back({kind_of(fields[c]), fields[c].type, fields[c].flags, first_size(fields[c])});
    }
    names_ = std::move(names);
    place_buffers();
}

void row_reader::place_buffers() {
    std::size_t size = 0;
    for (const column& c : columns_) size += c.capacity;
    buffer_ = std::make_unique_for_overwrite<char[]>(size);
    binds_.assign(columns_.size(), MYSQL_BIND{});
    char* at = buffer_.get();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        column& c = columns_[i];
        c.buffer = at;
        at += c.capacity;
        MYSQL_BIND& bind = binds_[i];
        bind.buffer_type = bound_as(c.what);
        bind.is_unsigned = c.what == kind::unsigned_number ? 1 : 0;
        bind.buffer = c.buffer;
        bind.buffer_length = static_cast<unsigned long>(c.capacity);
        bind.length = &c.length;
        bind.is_null = &c.is_null;
        bind.error = &c.truncated;
    }
    bound_ = false;
}

bool row_reader::take_row(st_mysql_stmt* statement, row_block& to) {
    for (unsigned i = 0; i < columns_.size(); ++i) {
        column& c = columns_[i];
        if (c.is_null != 0) {
            to.add_null();
            continue;
        }
        switch (c.what) {
            case kind::signed_number:
                add_number<std::int64_t>(c.buffer, to);
                break;
            case kind::unsigned_number:
                add_number<std::uint64_t>(c.buffer, to);
                break;
            case kind::float_number:
                add_number<float>(c.buffer, to);
                break;
            case kind::double_number:
                add_number<double>(c.buffer, to);
                break;
            case kind::text:
                if (!take_text(statement, i, to)) return false;
        }
    }
    return !too_small_ || grow_buffers(statement);
}

bool row_reader::take_text(st_mysql_stmt* statement, unsigned index, row_block& to) {
    column& c = columns_[index];
    const std::size_t size = c.length;
    if (size <= c.capacity) {
        to.add(c.buffer, size);
        return true;
    }
    MYSQL_BIND whole{};
    unsigned long length = 0;
    my_bool is_null = 0, truncated = 0;
    whole.buffer_type = MYSQL_TYPE_STRING;
    whole.buffer = to.room(size);
    whole.buffer_length = static_cast<unsigned long>(size);
    whole.length = &length;
    whole.is_null = &is_null;
    whole.error = &truncated;
    if (mysql_stmt_fetch_column(statement, &whole, index, 0) != 0 || length != size) return false;
    to.add(size);
    too_small_ = too_small_ || c.capacity < largest_buffer;
    return true;
}

/// Only once all values of a row are taken: binding makes the library forget where they are.
bool row_reader::grow_buffers(st_mysql_stmt* statement) {
    too_small_ = false;
    for (column& c : columns_) {
        if (c.what == kind::text && c.length > c.capacity)
            c.capacity = std::min(std::max<std::size_t>(c.length, c.capacity * 2), largest_buffer);
    }
    place_buffers();
    bound_ = mysql_stmt_bind_result(statement, binds_.data()) == 0;
    return bound_;
}

}  // namespace fairlead::dal::mysql
