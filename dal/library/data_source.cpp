#include "fairlead/data_source.h"

#include "dal/library/data_source_impl.h"
#include "dal/library/tenant_impl.h"

#include <utility>

namespace fairlead {
namespace {

detail::data_source_impl& checked(const std::shared_ptr<detail::data_source_impl>& impl) {
    if (impl == nullptr) detail::fail_usage("the data source is not open");
    return *impl;
}

}  // namespace

DataSource DataSource::open(const std::string& config_file, const OpenOptions& options) {
    Diagnostics failed;
    DataSource source = open(failed, config_file, options);
    if (failed) throw_error(std::move(failed));
    return source;
}

DataSource DataSource::open(Diagnostics& failed, const std::string& config_file, const OpenOptions& options) {
    failed.clear();
    return DataSource(detail::data_source_impl::open(config_file, options, failed));
}

Tenant DataSource::tenant(std::string_view id, std::string_view database) const {
    Diagnostics failed;
    Tenant tenant = this->tenant(failed, id, database);
    if (failed) throw_error(std::move(failed));
    return tenant;
}

// A placement that is refused at the moment is no reason against a handle: it may come back.
Tenant DataSource::tenant(Diagnostics& failed, std::string_view id, std::string_view database) const {
    failed.clear();
    const auto version = checked(impl_).estate().version();
    const auto place = dal::resolve_place(*version->snapshot, id, database);
    if (!place) {
        failed.set(errc::configuration);
        failed.message = place.error().message;
        failed.hint = place.error().hint;
        return {};
    }
    return Tenant(std::make_shared<detail::tenant_impl>(impl_, id, database, CallOptions()));
}

void DataSource::reload() {
    Diagnostics failed;
    reload(failed);
    if (failed) throw_error(std::move(failed));
}

void DataSource::reload(Diagnostics& failed) {
    failed.clear();
    checked(impl_).reload(failed);
}

std::uint64_t DataSource::generation() const {
    return checked(impl_).generation();
}

std::vector<PoolState> DataSource::pools() const {
    return checked(impl_).estate().pools();
}

}  // namespace fairlead
