#include "config/properties.h"

#include "config/parsers.h"

#include <algorithm>

namespace fairlead::config {

namespace {

void tls(const Value& value, Tls& out) {
    read_settings(value, out, properties_of<Tls>());
}

/// "*" is a word of its own: it means every tenant, and cannot be one of a list.
void tenants_of_user(const Value& value, User& out) {
    names(value, out.tenants);
    auto star = std::find(out.tenants.begin(), out.tenants.end(), "*");
    if (star == out.tenants.end()) return;
    if (value.node.is_array())
        value.mistake("\"*\" means every tenant and cannot stand in a list; write tenants = \"*\"");
    out.tenants.clear();
    out.any_tenant = true;
}

constexpr Property<Proxy> proxy_properties[] = {
    bind<&Proxy::workers, number<0, 1'024>>("workers"),
    bind<&Proxy::login_timeout, duration<1>>("login_timeout"),
    bind<&Proxy::shutdown_timeout, duration<0>>("shutdown_timeout"),
    bind<&Proxy::max_client_connections, number<1>>("max_client_connections"),
    bind<&Proxy::max_startup_connections, number<1>>("max_startup_connections"),
    bind<&Proxy::max_statement_bytes, size<1'024>>("max_statement_bytes"),
    bind<&Proxy::max_prepared_statements, number<1>>("max_prepared_statements"),
    bind<&Proxy::guard_cache_bytes, size<65'536>>("guard_cache_bytes"),
};

constexpr Property<Log> log_properties[] = {
    bind<&Log::format, choice>("format"),
    bind<&Log::level, choice>("level"),
    bind<&Log::statements, flag>("statements"),
};

constexpr Property<Admin> admin_properties[] = {
    bind<&Admin::address, text>("address"),
    bind<&Admin::busiest_tenants, number<0, 10'000>>("busiest_tenants"),
};

constexpr Property<Tls> tls_properties[] = {
    bind<&Tls::mode, choice>("mode"),
    bind<&Tls::cert, file_path>("cert"),
    bind<&Tls::key, file_path>("key"),
    bind<&Tls::ca, file_path>("ca"),
};

constexpr Property<Listen> listen_properties[] = {
    bind<&Listen::address, text_or_list>("address"),
    bind<&Listen::tls, tls>("tls"),
    bind<&Listen::sni_suffix, filled_text>("sni_suffix"),
    bind<&Listen::auth, choice>("auth"),
};

constexpr Property<Backend> backend_properties[] = {
    bind<&Backend::engine, choice>("engine"),
    bind<&Backend::host, filled_text>("host"),
    bind<&Backend::port, number<1, 65'535>>("port"),
    bind<&Backend::user, filled_text>("user"),
    bind<&Backend::password, text>("password"),
    bind<&Backend::pool_size, number<1>>("pool_size"),
    bind<&Backend::min_pool_size, number<0>>("min_pool_size"),
    bind<&Backend::max_overflow, number<0>>("max_overflow"),
    bind<&Backend::pool_timeout, duration<1>>("pool_timeout"),
    bind<&Backend::pool_recycle, duration<1>>("pool_recycle"),
    bind<&Backend::pool_pre_ping, flag>("pool_pre_ping"),
    bind<&Backend::idle_timeout, duration<1>>("idle_timeout"),
    bind<&Backend::connect_timeout, duration<1>>("connect_timeout"),
    bind<&Backend::dns_ttl, duration<0>>("dns_ttl"),
    bind<&Backend::max_parallel_logins, number<1>>("max_parallel_logins"),
    bind<&Backend::max_server_prepared_statements, number<0>>("max_server_prepared_statements"),
    bind<&Backend::minimum_server_version, number<0>>("minimum_server_version"),
    bind<&Backend::probe_interval, duration<0>>("probe_interval"),
    bind<&Backend::tls, tls>("tls"),
};

constexpr Property<Placement> placement_properties[] = {
    bind<&Placement::model, choice>("model"),
    bind<&Placement::backend, filled_text>("backend"),
    bind<&Placement::database, filled_text>("database"),
    bind<&Placement::schema, filled_text>("schema"),
    bind<&Placement::tenant_column, filled_text>("tenant_column"),
    bind<&Placement::global_tables, text_list>("global_tables"),
    bind<&Placement::allowed_functions, text_list>("allowed_functions"),
    bind<&Placement::expose_as, filled_text>("expose_as"),
    bind<&Placement::isolation, choice>("isolation"),
    bind<&Placement::pooling, choice>("pooling"),
    bind<&Placement::context_variable, filled_text>("context_variable"),
    bind<&Placement::context_keys, text_list>("context_keys"),
    bind<&Placement::context_lifetime, duration<1'000>>("context_lifetime"),
    bind<&Placement::catalogue_refresh, duration<1'000>>("catalogue_refresh"),
};

constexpr Property<Directory> directory_properties[] = {
    bind<&Directory::source, filled_text>("source"),
};

constexpr Property<Tenant> tenant_properties[] = {
    bind<&Tenant::id, filled_text>("id"),
    bind<&Tenant::placements, names>("placement"),
    bind<&Tenant::weight, number<1>>("weight"),
    bind<&Tenant::max_server_connections, number<0>>("max_server_connections"),
    bind<&Tenant::max_client_connections, number<0>>("max_client_connections"),
};

constexpr Property<User> user_properties[] = {
    bind<&User::name, filled_text>("name"),
    bind<&User::password, text>("password"),
    {"tenants", tenants_of_user},
    bind<&User::certificate_name, filled_text>("certificate_name"),
};

}  // namespace

template <>
std::span<const Property<Proxy>> properties_of<Proxy>() {
    return proxy_properties;
}
template <>
std::span<const Property<Log>> properties_of<Log>() {
    return log_properties;
}
template <>
std::span<const Property<Admin>> properties_of<Admin>() {
    return admin_properties;
}
template <>
std::span<const Property<Tls>> properties_of<Tls>() {
    return tls_properties;
}
template <>
std::span<const Property<Listen>> properties_of<Listen>() {
    return listen_properties;
}
template <>
std::span<const Property<Backend>> properties_of<Backend>() {
    return backend_properties;
}
template <>
std::span<const Property<Placement>> properties_of<Placement>() {
    return placement_properties;
}
template <>
std::span<const Property<Directory>> properties_of<Directory>() {
    return directory_properties;
}
template <>
std::span<const Property<Tenant>> properties_of<Tenant>() {
    return tenant_properties;
}
template <>
std::span<const Property<User>> properties_of<User>() {
    return user_properties;
}

}  // namespace fairlead::config
