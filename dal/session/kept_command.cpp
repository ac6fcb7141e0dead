#include "dal/session/kept_command.h"

#include <utility>

namespace fairlead::dal {

kept_command::~kept_command() = default;

Step kept_command::advance(Wait ready) {
    if (!std::exchange(begun_, true)) begin();
    if (!command_ || over_) return Step::finished();
    const Step step = command_->advance(ready);
    if (step.kind == Step::Kind::done) close();
    return step;
}

void kept_command::send(std::vector<std::string> texts, std::chrono::milliseconds timeout,
                        command_operation::Effect effect) {
    command_.emplace(*kept_, std::move(texts), timeout, effect);
    command_->on_wakeup(wakeup_);
}

void kept_command::close() {
    over_ = true;
    settle(command_->failed());
}

void kept_command::interrupt(errc why) {
    if (!std::exchange(begun_, true)) {
        over_ = true;
        return never_began(why);
    }
    if (!command_ || over_) return;
    command_->interrupt(why);
    close();
}

std::optional<TimePoint> kept_command::deadline() const {
    return command_ ? command_->deadline() : std::nullopt;
}

}  // namespace fairlead::dal
