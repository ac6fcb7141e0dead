#pragma once

#include "fairlead/value.h"

#include <cstddef>
#include <span>
#include <vector>

struct st_mysql_bind;
struct st_mysql_stmt;

namespace fairlead::dal::mysql {

/// The values of one execution as the client library takes them. Texts and bytes are not copied: they must
/// stay until the statement was started.
class argument_binds {
public:
    argument_binds();
    ~argument_binds();

    /// False: the library failed, see the statement's error. As many arguments as the statement has
    /// placeholders.
    bool bind(st_mysql_stmt* statement, std::span<const Argument> arguments);

private:
    union number {
        std::int64_t integer;
        std::uint64_t unsigned_integer;
        double real;
        signed char boolean;
    };
    static void fill(st_mysql_bind& bind, number& storage, const Argument& argument);

    std::vector<st_mysql_bind> binds_;
    std::vector<number> numbers_;
};

}  // namespace fairlead::dal::mysql
