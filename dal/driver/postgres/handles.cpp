#include "dal/driver/postgres/handles.h"

#include <libpq-fe.h>

namespace fairlead::dal::postgres {

void CloseConnection::operator()(pg_conn* connection) const {
    PQfinish(connection);
}

void ClearResult::operator()(pg_result* result) const {
    PQclear(result);
}

}  // namespace fairlead::dal::postgres
