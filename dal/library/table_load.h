#pragma once

#include "dal/library/row_buffer.h"
#include "dal/library/tenant_impl.h"
#include "dal/session/kept_connection.h"
#include "policy/bulk_load.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace fairlead::detail {

/// A bulk load: the rows that were not sent yet, and how far it is. What needs the server is a load_round's.
/// One thread at a time.
class table_load {
public:
    /// `own`: `kept` is a transaction that is the load's own; else one that it is a part of, behind a
    /// savepoint. Null: the load has no meaning there, as `failed` says.
    static std::unique_ptr<table_load> open(std::shared_ptr<const tenant_impl> tenant,
                                            std::shared_ptr<dal::kept_connection> kept, bool own,
                                            std::string_view table, std::span<const std::string_view> columns,
                                            Diagnostics& failed);

    /// For open().
    table_load(std::shared_ptr<const tenant_impl> tenant, std::shared_ptr<dal::kept_connection> kept,
               bool own, policy::bulk_load how, std::size_t columns);

    /// After a failure only undoing is left.
    void add(std::span<const Argument> values, Diagnostics& failed);
    /// Enough for the server: send it before more is added.
    bool is_full() const { return buffer_.is_full(); }
    bool is_over() const { return over_; }
    /// Whether something has to be undone.
    bool has_begun() const { return begun_; }
    const std::shared_ptr<dal::kept_connection>& kept() const { return kept_; }
    bool is_own() const { return own_; }
    /// Rows that the server has taken.
    std::uint64_t rows() const { return rows_; }

private:
    friend class load_round;

    const std::shared_ptr<const tenant_impl> tenant_;
    const std::shared_ptr<dal::kept_connection> kept_;
    const bool own_;
    const policy::bulk_load how_;
    row_buffer buffer_;
    std::string savepoint_;
    std::uint64_t rows_ = 0;
    bool begun_ = false;
    bool over_ = false;
    Diagnostics failed_;  // of a row that was added
};

}  // namespace fairlead::detail
