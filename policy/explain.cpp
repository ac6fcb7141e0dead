#include "policy/explain.h"

#include <nlohmann/json.hpp>

namespace fairlead::policy {

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

nlohmann::json explain_json(const explanation& of) {
    const Verdict& verdict = of.verdict;
    nlohmann::json out;
    out["verdict"] = verdict.refused ? "refuse" : "pass";
    out["rule"] = verdict.refused ? nlohmann::json(verdict.refusal.rule) : nlohmann::json();
    out["message"] = verdict.refused ? nlohmann::json(verdict.refusal.message) : nlohmann::json();
    out["hint"] = verdict.refused ? nlohmann::json(verdict.refusal.hint) : nlohmann::json();
    out["sqlstate"] = verdict.refused ? nlohmann::json(verdict.refusal.sqlstate) : nlohmann::json();
    out["position"] = verdict.refused ? nlohmann::json(verdict.refusal.position) : nlohmann::json();
    out["sql"] = verdict.refused ? nlohmann::json() : nlohmann::json(of.sql);
    out["context"] = of.applies_context;
    out["pin"] = verdict.refused ? "none" : std::string(policy::to_string(verdict.pins.first()));
    out["settings"] = verdict.refused ? nlohmann::json::array() : settings_json(verdict);
    out["command"] = verdict.refused ? std::string_view() : policy::to_string(verdict.command);
    return out;
}

std::string explain_text(const explanation& of) {
    const Verdict& verdict = of.verdict;
    std::string out;
    if (verdict.refused) {
        out += "verdict:  refuse\nrule:     " + verdict.refusal.rule + "\n";
        out += "error:    " + verdict.refusal.message + " (SQLSTATE " + verdict.refusal.sqlstate + ")\n";
        if (verdict.refusal.position > 0)
            out += "position: " + std::to_string(verdict.refusal.position) + "\n";
        if (!verdict.refusal.hint.empty()) out += "hint:     " + verdict.refusal.hint + "\n";
        return out;
    }
    out += "verdict:  pass\nsql:      " + std::string(of.sql) + "\n";
    out += of.applies_context ? "context:  the tenant's, in force before it runs\n" : "context:  none\n";
    if (!verdict.pins.empty())
        out += "pin:      " + std::string(policy::to_string(verdict.pins.first())) + "\n";
    if (verdict.command != SessionCommand::none)
        out += "command:  " + std::string(policy::to_string(verdict.command)) + " " + verdict.command_name +
               "\n";
    append_settings(out, verdict);
    return out;
}

}  // namespace fairlead::policy
