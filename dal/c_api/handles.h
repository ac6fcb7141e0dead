#pragma once

#include "fairlead.h"
#include "fairlead/batch.h"
#include "fairlead/bulk_load.h"
#include "fairlead/data_source.h"
#include "fairlead/error.h"
#include "fairlead/session.h"
#include "fairlead/tenant.h"
#include "fairlead/transaction.h"

#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

// What is behind the handles of fairlead.h: the C++ objects themselves.

struct fairlead_error {
    fairlead::Diagnostics diagnostics;
};

struct fairlead_source {
    fairlead::DataSource source;
};

struct fairlead_tenant {
    fairlead::Tenant tenant;
};

struct fairlead_canceller {
    std::stop_source source;
};

/// Either a transaction of the caller's own or, while a fairlead_work runs, the library's.
struct fairlead_transaction {
    explicit fairlead_transaction(fairlead::Transaction&& own) : own_(std::move(own)), transaction(*own_) {}
    explicit fairlead_transaction(fairlead::Transaction& lent) : transaction(lent) {}
    fairlead_transaction(const fairlead_transaction&) = delete;
    fairlead_transaction& operator=(const fairlead_transaction&) = delete;

private:
    std::optional<fairlead::Transaction> own_;

public:
    fairlead::Transaction& transaction;
};

struct fairlead_session {
    fairlead::Session session;
};

struct fairlead_result {
    fairlead::ResultSet result;
};

struct fairlead_stream {
    fairlead::RowStream stream;
    bool has_row = false;
};

struct fairlead_batch {
    fairlead::Batch batch;
};

struct fairlead_load {
    fairlead::BulkLoad load;
};

struct fairlead_pools {
    std::vector<fairlead::PoolState> pools;
    std::vector<fairlead_pool_state> states;  // views into `pools`
};
