#include "dal/driver/mysql/argument_binds.h"

#include <mysql.h>

#include <algorithm>

namespace fairlead::dal::mysql {
namespace {

void fill_bytes(MYSQL_BIND& bind, enum_field_types type, std::string_view bytes) {
    bind.buffer_type = type;
    bind.buffer = const_cast<char*>(bytes.data());  // the library only reads values that go to the server
    bind.buffer_length = static_cast<unsigned long>(bytes.size());
}

}  // namespace

argument_binds::argument_binds() = default;
argument_binds::~argument_binds() = default;

void argument_binds::store(number& storage, const Argument& argument) {
    switch (argument.kind()) {
        case Argument::Kind::boolean:
            storage.boolean = argument.unsigned_integer() != 0 ? 1 : 0;
            break;
        case Argument::Kind::integer:
            storage.integer = argument.integer();
            break;
        case Argument::Kind::unsigned_integer:
            storage.unsigned_integer = argument.unsigned_integer();
            break;
        case Argument::Kind::real:
            storage.real = argument.real();
            break;
        case Argument::Kind::null:
        case Argument::Kind::text:
        case Argument::Kind::bytes:
            break;
    }
}

void argument_binds::fill(MYSQL_BIND& bind, number& storage, const Argument& argument) {
    bind.buffer = &storage;
    switch (argument.kind()) {
        case Argument::Kind::null:
            bind.buffer_type = MYSQL_TYPE_NULL;
            break;
        case Argument::Kind::boolean:
            bind.buffer_type = MYSQL_TYPE_TINY;
            break;
        case Argument::Kind::integer:
            bind.buffer_type = MYSQL_TYPE_LONGLONG;
            break;
        case Argument::Kind::unsigned_integer:
            bind.buffer_type = MYSQL_TYPE_LONGLONG;
            bind.is_unsigned = 1;
            break;
        case Argument::Kind::real:
            bind.buffer_type = MYSQL_TYPE_DOUBLE;
            break;
        case Argument::Kind::text:
            fill_bytes(bind, MYSQL_TYPE_STRING, argument.text());
            break;
        case Argument::Kind::bytes:
            fill_bytes(bind, MYSQL_TYPE_BLOB, argument.text());
            break;
    }
}

bool argument_binds::are_bound(std::span<const Argument> arguments) const {
    const auto same = [](Argument::Kind kind, const Argument& argument) {
        const bool elsewhere = kind == Argument::Kind::text || kind == Argument::Kind::bytes;
        return !elsewhere && kind == argument.kind();
    };
    return std::equal(bound_.begin(), bound_.end(), arguments.begin(), arguments.end(), same);
}

bool argument_binds::bind(st_mysql_stmt* statement, std::span<const Argument> arguments) {
    if (arguments.empty()) return true;
    numbers_.resize(arguments.size());
    for (std::size_t i = 0; i < arguments.size(); ++i) store(numbers_[i], arguments[i]);
    if (are_bound(arguments)) return true;
    bound_.clear();
    binds_.assign(arguments.size(), MYSQL_BIND{});
    for (std::size_t i = 0; i < arguments.size(); ++i) fill(binds_[i], numbers_[i], arguments[i]);
    if (mysql_stmt_bind_param(statement, binds_.data()) != 0) return false;
    for (const Argument& argument : arguments) bound_.push_back(argument.kind());
    return true;
}

}  // namespace fairlead::dal::mysql
