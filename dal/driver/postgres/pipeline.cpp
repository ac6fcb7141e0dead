#include "dal/driver/postgres/pipeline.h"

#include <libpq-fe.h>

namespace fairlead::dal::postgres {

bool Pipeline::enter(pg_conn* connection) {
    connection_ = connection;
    parts_.clear();
    head_ = 0;
    return PQenterPipelineMode(connection) == 1;
}

bool Pipeline::leave() {
    return PQexitPipelineMode(connection_) == 1;
}

void Pipeline::query(Part part, std::string_view sql, const Parameters& parameters) {
    text_ = sql;
    sent(part, PQsendQueryParams(connection_, text_.c_str(), parameters.count(), parameters.types(),
                                 parameters.values(), parameters.lengths(), parameters.formats(), 0));
}

void Pipeline::prepare(Part part, const std::string& name, std::string_view sql,
                       const Parameters& parameters) {
    text_ = sql;
    const int types = parameters.types() == nullptr ? 0 : parameters.count();
    sent(part, PQsendPrepare(connection_, name.c_str(), text_.c_str(), types, parameters.types()));
}

void Pipeline::execute(Part part, const std::string& name, const Parameters& parameters) {
    sent(part, PQsendQueryPrepared(connection_, name.c_str(), parameters.count(), parameters.values(),
                                   parameters.lengths(), parameters.formats(), 0));
}

void Pipeline::sync() {
    sent({Purpose::sync}, PQpipelineSync(connection_));
}

void Pipeline::sent(Part part, int accepted) {
    if (accepted != 1) whole_ = false;
    parts_.push_back(part);
    if (parts_.size() == head_ + 1 && part.purpose == Purpose::stream) PQsetSingleRowMode(connection_);
}

Wait Pipeline::flush() {
    const int unsent = PQflush(connection_);
    if (unsent < 0) return Wait::nothing;
    return unsent > 0 ? Wait::either : Wait::readable;
}

void Pipeline::next_part() {
    if (++head_ == parts_.size()) {
        parts_.clear();
        head_ = 0;
    } else if (parts_[head_].purpose == Purpose::stream) {
        PQsetSingleRowMode(connection_);  // libpq takes it only here, between two parts' answers
    }
}

Pipeline::Event Pipeline::next(Part& part, ResultHandle& answer) {
    bool ended = false;  // an answer, at the sync
    while (!is_finished()) {
        if (PQisBusy(connection_) != 0) return Event::waiting;
        answer.reset(PQgetResult(connection_));
        part = parts_[head_];
        if (!answer) {
            if (PQstatus(connection_) == CONNECTION_BAD || ended) return Event::lost;
            // What fails at the sync is the commit; its answer ends, and the sync's own is still to come.
            ended = part.purpose == Purpose::sync;
            if (!ended) next_part();
            continue;
        }
        const ExecStatusType kind = PQresultStatus(answer.get());
        // Either both or none: else the answers no longer belong to what we think we have asked.
        const bool fits = part.purpose == Purpose::sync
                              ? kind == PGRES_PIPELINE_SYNC || kind == PGRES_FATAL_ERROR
                              : kind != PGRES_PIPELINE_SYNC;
        if (!fits) return Event::lost;
        if (kind == PGRES_PIPELINE_SYNC) next_part();
        return Event::answer;
    }
    return Event::finished;
}

}  // namespace fairlead::dal::postgres
