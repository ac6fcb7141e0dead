#include "dal/library/load_round.h"

#include "dal/session/deadline.h"

#include <chrono>
#include <utility>

namespace fairlead::detail {
namespace {

using dal::ending_operation;
using dal::savepoint_operation;
using dal::Step;
using dal::Wait;

// The time of a round is its own, not that of its parts.
constexpr std::chrono::milliseconds no_limit{0};

}  // namespace

load_round::load_round(table_load& load, How how) : load_(load), how_(how) {
    if (how != How::undo) deadline_ = dal::deadline_after(load.tenant_->options().timeout);
}

load_round::~load_round() = default;

Step load_round::advance(Wait ready) {
    if (part_ == part::fresh) begin();
    while (running_ != nullptr) {
        const Step step = running_->advance(ready);
        if (step.kind != Step::Kind::done) return step;
        settle();
        ready = Wait::nothing;
    }
    return Step::finished();
}

void load_round::run(dal::Operation& operation, part which) {
    part_ = which;
    running_ = &operation;
    operation.on_wakeup(wakeup_);
}

void load_round::begin() {
    if (load_.over_) {
        part_ = part::over;
        if (how_ == How::undo) return;
        failed_.set(errc::usage);
        failed_.message = "the bulk load is over";
        return;
    }
    if (how_ != How::undo) failed_ = load_.failed_;
    if (how_ == How::undo || failed_) return undo();
    if (load_.buffer_.empty()) {
        if (how_ == How::finish) return end();
        part_ = part::over;
    } else if (load_.own_ || load_.begun_) {
        send_rows();
    } else {
        open_savepoint();
    }
}

void load_round::open_savepoint() {
    savepoint_.emplace(load_.kept_, savepoint_operation::How::open, std::string(), no_limit);
    run(*savepoint_, part::savepoint);
}

void load_round::send_rows() {
    load_.begun_ = true;
    given_ = load_.buffer_.rows();
    if (load_.how_.how == policy::bulk_load::way::data) {
        send_text();
    } else {
        send_inserts();
    }
}

void load_round::send_text() {
    std::string sql = load_.how_.statement(load_.buffer_.hexadecimal());
    text_.emplace(*load_.kept_, std::move(sql), load_.buffer_.take_text(), no_limit);
    run(*text_, part::rows);
}

void load_round::send_inserts() {
    sql_ = load_.how_.head + load_.buffer_.placeholders();
    CallOptions options = load_.tenant_->options();
    options.timeout = no_limit;
    inserts_.emplace(load_.tenant_->services(), *load_.kept_->home(), load_.kept_.get(),
                     Statement{sql_, load_.buffer_.values()}, options);
    run(*inserts_, part::rows);
}

void load_round::end() {
    close(ending_operation::How::commit, savepoint_operation::How::release, part::ending);
}

void load_round::undo() {
    close(ending_operation::How::rollback, savepoint_operation::How::undo, part::undoing);
}

void load_round::close(ending_operation::How whole, savepoint_operation::How within, part which) {
    if (load_.own_) {
        ending_.emplace(load_.kept_, whole, no_limit);
        run(*ending_, which);
    } else if (load_.begun_) {
        part_end_.emplace(load_.kept_, within, load_.savepoint_, no_limit);
        run(*part_end_, which);
    } else {
        be_over();
    }
}

void load_round::settle() {
    const Diagnostics failed = std::exchange(running_, nullptr)->failed();
    switch (part_) {
        case part::savepoint:
            failed_ = failed;
            if (failed_) return be_over();
            load_.savepoint_ = savepoint_->name();
            return send_rows();
        case part::rows:
            failed_ = failed;
            return after_rows();
        case part::ending:
            failed_ = failed;
            return be_over();
        default:  // it stays the failure for which all is undone
            return be_over();
    }
}

void load_round::after_rows() {
    const std::uint64_t taken = text_ ? text_->rows() : inserts_->take_result().affected();
    load_.buffer_.clear();
    if (!failed_ && taken != given_) {
        failed_.set(errc::data);
        failed_.message =
            "the server took " + std::to_string(taken) + " of " + std::to_string(given_) + " rows";
    }
    if (failed_) return undo();
    load_.rows_ += taken;
    if (how_ == How::finish) return end();
    part_ = part::over;
}

void load_round::be_over() {
    part_ = part::over;
    load_.over_ = true;
}

void load_round::interrupt(errc why) {
    if (part_ == part::over) return;
    if (running_ != nullptr) {
        running_->interrupt(why);
        if (part_ != part::undoing) failed_ = running_->failed();
        running_ = nullptr;
    } else if (how_ != How::undo) {
        failed_.set(why);
        failed_.message = "the bulk load was given up";
    }
    // What had reached the server went with the connection, which the interrupted part has given up.
    if (load_.kept_->is_open() && (load_.own_ || load_.begun_)) {
        if (load_.kept_->is_streaming()) load_.kept_->interrupted();
        load_.kept_->end("a bulk load was interrupted, and the transaction is rolled back");
    }
    be_over();
}

std::optional<dal::TimePoint> load_round::deadline() const {
    return part_ == part::undoing && running_ != nullptr ? running_->deadline() : deadline_;
}

}  // namespace fairlead::detail
