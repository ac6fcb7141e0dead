#include "dal/async/async_load.h"

#include "dal/library/load_round.h"
#include "dal/library/table_load.h"

#include <utility>

namespace fairlead::dal {
namespace {

using Completion = async_call::Completion;
using How = fairlead::detail::load_round::How;

class async_load final : public fairlead::detail::async_load,
                         public std::enable_shared_from_this<async_load> {
public:
    async_load(std::shared_ptr<kept_line> line, std::unique_ptr<fairlead::detail::table_load> load)
        : fairlead::detail::async_load(line->origin().executor),
          line_(std::move(line)),
          load_(std::move(load)) {}
    ~async_load() override;

    bool add(std::span<const Argument> values, Diagnostics& failed) override;
    void send(Completion completion) override { start(How::send, std::move(completion)); }
    void finish(Completion completion) override { start(How::finish, std::move(completion)); }
    void undo(Completion completion) override { start(How::undo, std::move(completion)); }

    fairlead::detail::table_load& load() { return *load_; }

private:
    void start(How how, Completion completion);

    const std::shared_ptr<kept_line> line_;
    const std::unique_ptr<fairlead::detail::table_load> load_;  // of who has the turn
};

class load_work final : public async_work {
public:
    load_work(call_place place, std::shared_ptr<async_load> of, How how)
        : place_(std::move(place)), of_(std::move(of)), round_(of_->load(), how) {}

    Operation& operation() override { return round_; }
    void collect(fairlead::detail::async_outcome& outcome) override { outcome.count = of_->load().rows(); }

private:
    const call_place place_;  // its turn ends last: that the load is dropped concerns its transaction
    const std::shared_ptr<async_load> of_;
    fairlead::detail::load_round round_;
};

// No call is left: it would hold this. What is the load's own goes with its line.
async_load::~async_load() {
    if (!load_->is_own() && load_->has_begun() && !load_->is_over()) line_->lose_part();
}

bool async_load::add(std::span<const Argument> values, Diagnostics& failed) {
    call_place place;
    if (!line_->enter(place, failed)) return false;
    if (load_->is_full() && !load_->is_over()) {
        failed.set(errc::usage);
        failed.message = "there are enough rows for the server, and they were not sent";
        failed.hint = "Call send() when row() has returned true.";
        return false;
    }
    load_->add(values, failed);
    return !failed && load_->is_full();
}

void async_load::start(How how, Completion completion) {
    line_->start(std::move(completion), [&](call_place place) {
        return std::make_unique<load_work>(std::move(place), shared_from_this(), how);
    });
}

}  // namespace

std::shared_ptr<fairlead::detail::async_load> open_async_load(std::shared_ptr<kept_line> line, bool own,
                                                              std::string_view table,
                                                              std::span<const std::string_view> columns,
                                                              Diagnostics& failed) {
    call_place place;
    if (!line->enter(place, failed)) return nullptr;
    auto load =
        fairlead::detail::table_load::open(place.tenant, std::move(place.kept), own, table, columns, failed);
    if (load == nullptr) return nullptr;
    return std::make_shared<async_load>(std::move(line), std::move(load));
}

}  // namespace fairlead::dal
