#pragma once

#include <string_view>

namespace fairlead::policy::mysql {

/// Assignments, as SET takes them, that must be in force on every server connection that serves shared
/// tables; the guard refuses to change them.
///
/// With index condition pushdown the server tests those of a statement's conditions that an index can answer
/// before it reads the row, and so before it tests the tenant column when the index has none: an expression
/// of the client's then sees other tenants' values, and tells of them by warnings, errors or its run time.
/// Measured on MariaDB 10.11: with a primary key (id) and an index (note), `note + 1 = 7` warned of foreign
/// notes, in WHERE behind the tenant's test as well as behind a derived table; not with the switch off.
///
/// `default` first: the other switches keep the values of whoever used the connection last otherwise, even
/// behind an assignment of DEFAULT in the same SET (measured).
inline constexpr std::string_view required_settings =
    "@@session.optimizer_switch='default,index_condition_pushdown=off'";

}  // namespace fairlead::policy::mysql
