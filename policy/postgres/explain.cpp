#include "policy/postgres/explain.h"

#include "policy/postgres/guard/setting_list.h"
#include "policy/postgres/rules.h"

#include <nlohmann/json.hpp>

namespace fairlead::policy::postgres {

namespace {

std::string_view to_string(SettingChange::Kind kind) {
    switch (kind) {
        case SettingChange::Kind::set:
            return "set";
        case SettingChange::Kind::reset:
            return "reset";
        case SettingChange::Kind::reset_all:
            return "reset all";
    }
    return "";
}

bool applies_context(const GuardScope& scope, const Verdict& verdict) {
    return scope.model == config::Model::pool && !verdict.refused && verdict.needs_context &&
           verdict.command != SessionCommand::set_tenant;
}

std::string_view words_for(guard::setting_values values) {
    switch (values) {
        case guard::setting_values::any:
            return "any constant";
        case guard::setting_values::on_only:
            return "only `on`";
        case guard::setting_values::ascii_safe_encoding:
            return "`UTF8`, `LATIN1` or `SQL_ASCII`";
        case guard::setting_values::message_level:
            return "`notice`, `warning` or `error`";
        case guard::setting_values::search_path:
            return "schemas of the placement's own search path";
    }
    return "";
}

nlohmann::json settings_json(const Verdict& verdict) {
    auto settings = nlohmann::json::array();
    for (const SettingChange& change : verdict.settings)
        settings.push_back({{"kind", to_string(change.kind)},
                            {"name", change.name},
                            {"value", change.value},
                            {"local", change.local}});
    return settings;
}

void append_settings(std::string& out, const Verdict& verdict) {
    for (const SettingChange& change : verdict.settings) {
        out += "setting:  " + std::string(to_string(change.kind));
        if (!change.name.empty()) out += " " + change.name;
        if (change.kind == SettingChange::Kind::set) out += " = " + change.value;
        out += change.local ? " (this transaction)\n" : "\n";
    }
}

}  // namespace

nlohmann::json explain_json(const GuardScope& scope, const Verdict& verdict, std::string_view sql) {
    nlohmann::json out;
    out["verdict"] = verdict.refused ? "refuse" : "pass";
    out["rule"] = verdict.refused ? nlohmann::json(verdict.refusal.rule) : nlohmann::json();
    out["message"] = verdict.refused ? nlohmann::json(verdict.refusal.message) : nlohmann::json();
    out["hint"] = verdict.refused ? nlohmann::json(verdict.refusal.hint) : nlohmann::json();
    out["sqlstate"] = verdict.refused ? nlohmann::json(verdict.refusal.sqlstate) : nlohmann::json();
    out["position"] = verdict.refused ? nlohmann::json(verdict.refusal.position) : nlohmann::json();
    out["sql"] = verdict.refused ? nlohmann::json() : nlohmann::json(sql);
    out["context"] = applies_context(scope, verdict);
    out["pin"] = verdict.refused ? "none" : std::string(policy::to_string(verdict.pin));
    out["settings"] = verdict.refused ? nlohmann::json::array() : settings_json(verdict);
    out["command"] = verdict.refused ? std::string_view() : policy::to_string(verdict.command);
    return out;
}

std::string explain_text(const GuardScope& scope, const Verdict& verdict, std::string_view sql) {
    std::string out;
    if (verdict.refused) {
        out += "verdict:  refuse\nrule:     " + verdict.refusal.rule + "\n";
        out += "error:    " + verdict.refusal.message + " (SQLSTATE " + verdict.refusal.sqlstate + ")\n";
        if (verdict.refusal.position > 0)
            out += "position: " + std::to_string(verdict.refusal.position) + "\n";
        if (!verdict.refusal.hint.empty()) out += "hint:     " + verdict.refusal.hint + "\n";
        return out;
    }
    out += "verdict:  pass\nsql:      " + std::string(sql) + "\n";
    out += applies_context(scope, verdict) ? "context:  the tenant's, in force before it runs\n"
                                           : "context:  none\n";
    if (verdict.pin != Pin::none) out += "pin:      " + std::string(policy::to_string(verdict.pin)) + "\n";
    if (verdict.command != SessionCommand::none)
        out += "command:  " + std::string(policy::to_string(verdict.command)) + " " + verdict.command_name +
               "\n";
    append_settings(out, verdict);
    return out;
}

std::string rules_markdown() {
    std::string out = "| rule | refused | instead | SQLSTATE |\n| --- | --- | --- | --- |\n";
    for (const rule_text& text : all_rules())
        out += "| `" + std::string(text.id) + "` | " + std::string(text.description) + " | " +
               std::string(text.remedy) + " | " + std::string(text.sqlstate) + " |\n";
    return out;
}

std::string settings_markdown() {
    std::string out = "| setting | values |\n| --- | --- |\n";
    for (const guard::setting_entry& entry : guard::changeable_settings())
        out += "| `" + std::string(entry.name) + "` | " + std::string(words_for(entry.values)) + " |\n";
    return out;
}

}  // namespace fairlead::policy::postgres
