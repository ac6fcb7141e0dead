#pragma once

#include "policy/mysql/lex_mode.h"
#include "policy/verdict.h"
#include "proxy/session/settings.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Session settings of MySQL as a settings_map: names as they stand in SET (`sql_mode`, "@a" for a user
/// variable), values as SQL text that means the same in every sql_mode and character set. The character sets
/// and sql_mode are always there, so a client and a server connection can be compared.
namespace fairlead::proxy::mysql {

/// What a client starts with: the collation that its handshake named and the backend's sql_mode
/// (placement_scope::sql_mode). Null: a character set that clients may not use; the login refuses it.
settings_ptr startup_settings(std::uint16_t collation, std::string_view sql_mode);

/// `base` after one change; `names` (SET NAMES) becomes the variables it stands for.
settings_ptr apply_mysql_change(const settings_ptr& base, const policy::SettingChange& change,
                                const settings_ptr& on_reset);

/// A value that the server reported as SQL text. nullopt: it cannot be written safely.
std::optional<std::string> setting_text(std::string_view reported);

/// A variable that has to have a value of ours on every server connection, whoever used it last
/// (policy/mysql/required_settings.h).
bool is_required(std::string_view name);

/// Appends "SET ..." for getting from `from` to `to`, nothing if they are the same.
void append_set(std::string& sql, const settings_map& from, const settings_map& to);

/// How texts are read under these settings. nullopt: a character set or mode that is not understood.
std::optional<policy::mysql::lex_mode> lex_mode_of(const settings_map& settings,
                                                   policy::mysql::flavour server,
                                                   std::uint32_t server_version);

}  // namespace fairlead::proxy::mysql
