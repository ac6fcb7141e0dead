#include "proxy/session/mysql/statement_judge.h"

#include <memory>

namespace fairlead::proxy::mysql {

policy::VerdictPtr pass_unread() {
    auto verdict = std::make_shared<policy::Verdict>();
    verdict->pins = policy::Pin::unparsed;
    verdict->may_change_mode = true;
    return verdict;
}

}  // namespace fairlead::proxy::mysql
