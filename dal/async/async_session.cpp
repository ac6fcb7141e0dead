#include "dal/async/async_session.h"

#include "dal/async/kept_line.h"

#include <utility>

namespace fairlead::dal {
namespace {

class async_session final : public fairlead::detail::async_target {
public:
    explicit async_session(const call_origin& origin)
        : async_target(origin.executor), line_(std::make_shared<kept_line>(origin, nullptr)) {}

    void execute(BoundStatement statement, async_call::Completion completion) override {
        line_->execute(std::move(statement), std::move(completion));
    }
    void stream(BoundStatement statement, async_call::Completion completion) override {
        line_->stream(std::move(statement), std::move(completion));
    }

private:
    const std::shared_ptr<kept_line> line_;
};

}  // namespace

std::shared_ptr<fairlead::detail::async_target> make_async_session(const call_origin& origin) {
    return std::make_shared<async_session>(origin);
}

}  // namespace fairlead::dal
