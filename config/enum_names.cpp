#include "config/enum_names.h"

namespace fairlead::config {

namespace {

constexpr EnumName<Engine> engines[] = {{"postgres", Engine::postgres}, {"mysql", Engine::mysql}};
constexpr EnumName<TlsMode> tls_modes[] = {
    {"disable", TlsMode::disable}, {"allow", TlsMode::allow},         {"prefer", TlsMode::prefer},
    {"require", TlsMode::require}, {"verify-ca", TlsMode::verify_ca}, {"verify-full", TlsMode::verify_full},
};
constexpr EnumName<Model> models[] = {
    {"pool", Model::pool}, {"bridge", Model::bridge}, {"silo", Model::silo}};
constexpr EnumName<Isolation> isolations[] = {
    {"sealed", Isolation::sealed},
    {"guc", Isolation::guc},
    {"rewrite", Isolation::rewrite},
    {"none", Isolation::none},
};
constexpr EnumName<Pooling> poolings[] = {{"transaction", Pooling::transaction},
                                          {"session", Pooling::session}};
constexpr EnumName<ClientAuth> client_auths[] = {{"automatic", ClientAuth::automatic},
                                                 {"password", ClientAuth::password}};
constexpr EnumName<LogFormat> log_formats[] = {{"text", LogFormat::text}, {"json", LogFormat::json}};
constexpr EnumName<LogLevel> log_levels[] = {
    {"debug", LogLevel::debug},
    {"info", LogLevel::info},
    {"warning", LogLevel::warning},
    {"error", LogLevel::error},
};

}  // namespace

template <>
std::span<const EnumName<Engine>> enum_names<Engine>() {
    return engines;
}
template <>
std::span<const EnumName<TlsMode>> enum_names<TlsMode>() {
    return tls_modes;
}
template <>
std::span<const EnumName<Model>> enum_names<Model>() {
    return models;
}
template <>
std::span<const EnumName<Isolation>> enum_names<Isolation>() {
    return isolations;
}
template <>
std::span<const EnumName<Pooling>> enum_names<Pooling>() {
    return poolings;
}
template <>
std::span<const EnumName<ClientAuth>> enum_names<ClientAuth>() {
    return client_auths;
}
template <>
std::span<const EnumName<LogFormat>> enum_names<LogFormat>() {
    return log_formats;
}
template <>
std::span<const EnumName<LogLevel>> enum_names<LogLevel>() {
    return log_levels;
}

}  // namespace fairlead::config
