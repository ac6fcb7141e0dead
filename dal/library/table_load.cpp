#include "dal/library/table_load.h"

#include "policy/mysql/bulk_load.h"
#include "policy/postgres/bulk_load.h"

#include <utility>

namespace fairlead::detail {
namespace {

using policy::bulk_load;

Result<bulk_load> plan(const dal::tenant_home& home, std::string_view table,
                       std::span<const std::string_view> columns) {
    const dal::served_placement& served = home.placement->served;
    if (home.engine() == config::Engine::postgres)
        return policy::postgres::plan_bulk_load(*served.postgres.scope, home.place.own_schema, table,
                                                columns);
    return policy::mysql::plan_bulk_load(*served.mysql.scope, home.place.server_database, home.tenant(),
                                         table, columns);
}

}  // namespace

table_load::table_load(std::shared_ptr<const tenant_impl> tenant, std::shared_ptr<dal::kept_connection> kept,
                       bool own, bulk_load how, std::size_t columns)
    : tenant_(std::move(tenant)),
      kept_(std::move(kept)),
      own_(own),
      how_(std::move(how)),
      buffer_(how_.how, kept_->home()->engine(), columns) {}

std::unique_ptr<table_load> table_load::open(std::shared_ptr<const tenant_impl> tenant,
                                             std::shared_ptr<dal::kept_connection> kept, bool own,
                                             std::string_view table,
                                             std::span<const std::string_view> columns, Diagnostics& failed) {
    if (!kept->may_run(failed)) return nullptr;
    auto how = plan(*kept->home(), table, columns);
    if (!how) {
        failed.set(errc::usage);
        failed.message = how.error().message;
        failed.hint = how.error().hint;
        return nullptr;
    }
    return std::make_unique<table_load>(std::move(tenant), std::move(kept), own, std::move(how).value(),
                                        columns.size());
}

void table_load::add(std::span<const Argument> values, Diagnostics& failed) {
    failed.clear();
    if (over_ || failed_) {
        failed.set(errc::usage);
        failed.message = "the bulk load is over";
        return;
    }
    buffer_.add(values, failed_);
    failed = failed_;
}

}  // namespace fairlead::detail
