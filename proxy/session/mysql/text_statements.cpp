#include "proxy/session/mysql/text_statements.h"

#include <algorithm>
#include <utility>

namespace fairlead::proxy::mysql {

text_statements::statement* text_statements::find(std::string_view name) {
    auto found = prepared_.find(std::string(name));
    return found != prepared_.end() ? &found->second : nullptr;
}

void text_statements::sent(std::string name, statement made) {
    prepared_.erase(name);
    sent_name_ = std::move(name);
    sent_ = std::move(made);
}

void text_statements::answered(bool prepared) {
    if (prepared && sent_) prepared_.insert_or_assign(sent_name_, std::move(*sent_));
    sent_.reset();
}

void text_statements::remove(std::string_view name) {
    prepared_.erase(std::string(name));
}

bool same_splices(const policy::Verdict& a, const policy::Verdict& b) {
    return std::equal(a.splices.begin(), a.splices.end(), b.splices.begin(), b.splices.end(),
                      [](const policy::Splice& x, const policy::Splice& y) {
                          return x.first == y.first && x.last == y.last && x.text == y.text;
                      });
}

}  // namespace fairlead::proxy::mysql
