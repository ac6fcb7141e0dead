#include "dal/driver/sql_result.h"

namespace fairlead::dal {

std::string Rows::single() const {
    if (rows.empty() || rows.front().empty()) return {};
    return rows.front().front().value_or("");
}

}  // namespace fairlead::dal
