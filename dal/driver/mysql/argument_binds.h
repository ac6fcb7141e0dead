#pragma once

#include "fairlead/value.h"

#include <cstddef>
#include <span>
#include <vector>

struct st_mysql_bind;
struct st_mysql_stmt;

namespace fairlead::dal::mysql {

/// The values of one prepared statement as the client library takes them. Texts and bytes are not copied:
/// they must stay until the statement was started.
class argument_binds {
public:
    argument_binds();
    ~argument_binds();
    argument_binds(const argument_binds&) = delete;
    argument_binds& operator=(const argument_binds&) = delete;

    /// False: the library failed, see the statement's error. Always with the same statement, and as many
    /// arguments as it has placeholders. Where only numbers have changed the library is not told again, nor
    /// are their types sent again: it reads them from here.
    bool bind(st_mysql_stmt* statement, std::span<const Argument> arguments);

private:
    union number {
        std::int64_t integer;
        std::uint64_t unsigned_integer;
        double real;
        signed char boolean;
    };
    /// The library has the address of `numbers_`, and these are all in there.
    bool are_bound(std::span<const Argument> arguments) const;
    static void store(number& storage, const Argument& argument);
    static void fill(st_mysql_bind& bind, number& storage, const Argument& argument);

    std::vector<st_mysql_bind> binds_;
    std::vector<number> numbers_;
    std::vector<Argument::Kind> bound_;  // of the values that the library was told of; empty: of none
};

}  // namespace fairlead::dal::mysql
