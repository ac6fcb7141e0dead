#include "dal/async/kept_line.h"

#include "dal/async/async_stream.h"
#include "dal/async/call_work.h"

#include <utility>

namespace fairlead::dal {
namespace {

void end_whole(kept_connection& kept) {
    if (!kept.is_open()) return;
    if (kept.is_streaming()) kept.interrupted();
    kept.end("a savepoint or bulk load was dropped in its midst, and the transaction is rolled back");
}

}  // namespace

kept_line::~kept_line() {
    const auto& kept = calls_.known_connection();
    if (kept != nullptr && kept->is_open()) kept->end("the transaction or session was dropped");
}

bool kept_line::enter(call_place& place, Diagnostics& failed) {
    place.turn = call_turn(flag_);
    if (!place.turn.held()) {
        failed = another_call_runs();
        return false;
    }
    place.kept = calls_.connection(failed);
    if (place.kept == nullptr) return false;
    if (part_lost_.exchange(false)) end_whole(*place.kept);
    place.tenant = origin_.tenant;
    place.home = place.kept->home();
    place.owner = shared_from_this();
    return true;
}

bool kept_line::enter(call_place& place, Completion& completion) {
    Diagnostics failed;
    if (enter(place, failed)) return true;
    call_origin::fail(std::move(completion), std::move(failed));
    return false;
}

void kept_line::execute(BoundStatement statement, Completion completion) {
    start(std::move(completion),
          [&](call_place place) { return make_statement_work(std::move(place), std::move(statement)); });
}

void kept_line::stream(BoundStatement statement, Completion completion) {
    call_place place;
    if (!enter(place, completion)) return;
    open_async_stream(origin_, std::move(place), flag_, std::move(statement), std::move(completion));
}

bool kept_line::is_open() const {
    const call_turn turn(flag_);
    if (!turn.held()) return true;
    const auto& kept = calls_.known_connection();
    return !part_lost_ && (kept == nullptr || kept->is_open());
}

}  // namespace fairlead::dal
