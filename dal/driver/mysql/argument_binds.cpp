#include "dal/driver/mysql/argument_binds.h"

#include <mysql.h>

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

void argument_binds::fill(st_mysql_bind& bind, number& storage, const Argument& argument) {
    bind.buffer = &storage;
    switch (argument.kind()) {
        case Argument::Kind::null:
            bind.buffer_type = MYSQL_TYPE_NULL;
            break;
        case Argument::Kind::boolean:
            bind.buffer_type = MYSQL_TYPE_TINY;
            storage.boolean = argument.unsigned_integer() != 0 ? 1 : 0;
            break;
        case Argument::Kind::integer:
            bind.buffer_type = MYSQL_TYPE_LONGLONG;
            storage.integer = argument.integer();
            break;
        case Argument::Kind::unsigned_integer:
            bind.buffer_type = MYSQL_TYPE_LONGLONG;
            bind.is_unsigned = 1;
            storage.unsigned_integer = argument.unsigned_integer();
            break;
        case Argument::Kind::real:
            bind.buffer_type = MYSQL_TYPE_DOUBLE;
            storage.real = argument.real();
            break;
        case Argument::Kind::text:
            fill_bytes(bind, MYSQL_TYPE_STRING, argument.text());
            break;
        case Argument::Kind::bytes:
            fill_bytes(bind, MYSQL_TYPE_BLOB, argument.text());
            break;
    }
}

bool argument_binds::bind(st_mysql_stmt* statement, std::span<const Argument> arguments) {
    if (arguments.empty()) return true;
    binds_.assign(arguments.size(), MYSQL_BIND{});
    numbers_.resize(arguments.size());
    for (std::size_t i = 0; i < arguments.size(); ++i) fill(binds_[i], numbers_[i], arguments[i]);
    return mysql_stmt_bind_param(statement, binds_.data()) == 0;
}

}  // namespace fairlead::dal::mysql
