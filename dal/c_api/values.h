#pragma once

#include "fairlead.h"
#include "fairlead/statement.h"

#include <cstddef>
#include <vector>

namespace fairlead::dal::c_api {

/// The caller's values as those of the C++ interface: views of them. UsageError: a type that does not exist,
/// or text that is NULL.
std::vector<Argument> arguments_of(const fairlead_value* values, std::size_t count);

/// A statement of the caller's: views, valid until the call returns.
class CallerStatement {
public:
    CallerStatement(const char* sql, const fairlead_value* values, std::size_t count);
    Statement view() const { return {sql_, arguments_}; }

private:
    std::string_view sql_;
    std::vector<Argument> arguments_;
};

}  // namespace fairlead::dal::c_api
