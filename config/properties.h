#pragma once

#include "config/property.h"

namespace fairlead::config {

/// Top of a configuration file, as far as it is not [listen], [backends.*], [placements.*], tenants and
/// users.
struct Directory {
    std::string source;
};

/// Which keys each table may hold, and how each is read.
template <typename Owner>
std::span<const Property<Owner>> properties_of();

template <>
std::span<const Property<Proxy>> properties_of<Proxy>();
template <>
std::span<const Property<Log>> properties_of<Log>();
template <>
std::span<const Property<Admin>> properties_of<Admin>();
template <>
std::span<const Property<Tls>> properties_of<Tls>();
template <>
std::span<const Property<Listen>> properties_of<Listen>();
template <>
std::span<const Property<Backend>> properties_of<Backend>();
template <>
std::span<const Property<Placement>> properties_of<Placement>();
template <>
std::span<const Property<Directory>> properties_of<Directory>();
template <>
std::span<const Property<Tenant>> properties_of<Tenant>();
template <>
std::span<const Property<User>> properties_of<User>();

}  // namespace fairlead::config
