#pragma once

#include "config/settings.h"

#include <span>
#include <string_view>

namespace fairlead::config {

template <typename Enum>
struct EnumName {
    std::string_view name;
    Enum value;
};

/// The words of the configuration file for each enumeration, in the order in which messages list them.
template <typename Enum>
std::span<const EnumName<Enum>> enum_names();

template <>
std::span<const EnumName<Engine>> enum_names<Engine>();
template <>
std::span<const EnumName<TlsMode>> enum_names<TlsMode>();
template <>
std::span<const EnumName<Model>> enum_names<Model>();
template <>
std::span<const EnumName<Isolation>> enum_names<Isolation>();
template <>
std::span<const EnumName<Pooling>> enum_names<Pooling>();
template <>
std::span<const EnumName<ClientAuth>> enum_names<ClientAuth>();
template <>
std::span<const EnumName<LogFormat>> enum_names<LogFormat>();
template <>
std::span<const EnumName<LogLevel>> enum_names<LogLevel>();

/// "postgres", "verify-full", ...: for messages, logs and metric labels.
template <typename Enum>
std::string_view name_of(Enum value) {
    for (const auto& entry : enum_names<Enum>())
        if (entry.value == value) return entry.name;
    return "?";
}

}  // namespace fairlead::config
