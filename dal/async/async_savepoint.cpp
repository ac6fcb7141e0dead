#include "dal/async/async_savepoint.h"

#include "dal/session/savepoint_operation.h"

#include <string>
#include <utility>

namespace fairlead::dal {
namespace {

using Completion = async_call::Completion;
using How = savepoint_operation::How;

class async_savepoint final : public fairlead::detail::async_savepoint,
                              public std::enable_shared_from_this<async_savepoint> {
public:
    explicit async_savepoint(std::shared_ptr<kept_line> line)
        : fairlead::detail::async_savepoint(line->origin().executor), line_(std::move(line)) {}
    ~async_savepoint() override {
        if (open_) line_->lose_part();
    }

    void open(Completion completion) override { start(How::open, std::move(completion)); }
    void release(Completion completion) override { start(How::release, std::move(completion)); }
    void undo(Completion completion) override { start(How::undo, std::move(completion)); }

    const std::string& name() const { return name_; }
    void settled(How how, const std::string& name) {
        open_ = how == How::open;
        name_ = name;
    }

private:
    void start(How how, Completion completion);

    const std::shared_ptr<kept_line> line_;
    std::string name_;
    bool open_ = false;
};

class savepoint_work final : public async_work {
public:
    savepoint_work(call_place place, std::shared_ptr<async_savepoint> of, How how)
        : place_(std::move(place)),
          of_(std::move(of)),
          how_(how),
          operation_(place_.kept, how, of_->name(), place_.tenant->options().timeout) {}

    Operation& operation() override { return operation_; }
    void collect(fairlead::detail::async_outcome&) override { of_->settled(how_, operation_.name()); }

private:
    const call_place place_;
    const std::shared_ptr<async_savepoint> of_;
    const How how_;
    savepoint_operation operation_;
};

void async_savepoint::start(How how, Completion completion) {
    line_->start(std::move(completion), [&](call_place place) {
        return std::make_unique<savepoint_work>(std::move(place), shared_from_this(), how);
    });
}

}  // namespace

std::shared_ptr<fairlead::detail::async_savepoint> make_async_savepoint(std::shared_ptr<kept_line> line) {
    return std::make_shared<async_savepoint>(std::move(line));
}

}  // namespace fairlead::dal
