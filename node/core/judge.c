#include "node/core/judge.h"

enum route_state judge_target(const struct intent_record *intent)
{
    return route_state_after(intent->step, intent->to);
}

bool judge_is_fenced(const struct service_record *service, const struct route_parts *parts)
{
    return service->settings.versioned && !route_is_unit(parts);
}

static bool is_same_reading(const struct route_view *a, const struct route_view *b,
                            const struct intent_record *intent)
{
    return a->state == b->state && a->version == b->version &&
           a->body_hash[intent->step][intent->to] == b->body_hash[intent->step][intent->to] &&
           route_parts_agree(&a->parts, &b->parts);
}

/* DESIGN 3: where no version tells, it takes D since the last request left, and readings that agree
 * on something else, to say that the request will not be carried out as it was intended. */
static enum judgement judge_astray(struct runner *runner, const struct intent_record *intent,
                                   const struct route_view *view, time_ms now_ms)
{
    if (now_ms < runner->quiet_ms) {
        runner->astray = 0;
        return JUDGEMENT_WAIT;
    }
    bool agrees = runner->astray > 0 && is_same_reading(&runner->astray_view, view, intent);
    runner->astray = agrees ? (uint8_t)(runner->astray + 1) : 1;
    runner->astray_view = *view;
    return runner->astray >= DRIFT_READS ? JUDGEMENT_SUPERSEDED : JUDGEMENT_READ_AGAIN;
}

/* Unversioned backends tell less: the target must be read twice, or the request is repeated while
 * its body is the same; a unit of them that is half-moved is finished by that. */
static enum judgement judge_unversioned(struct runner *runner, const struct intent_record *intent,
                                        const struct route_view *view, time_ms now_ms)
{
    bool same_body = view->body_hash[intent->step][intent->to] == intent->base.body_hash;
    if (view->state == judge_target(intent))
        return ++runner->agreeing >= DRIFT_READS ? JUDGEMENT_APPLIED : JUDGEMENT_READ_AGAIN;
    runner->agreeing = 0;
    if (runner->refused != WHY_NONE)
        return JUDGEMENT_REFUSED;
    return same_body ? JUDGEMENT_REPEAT : judge_astray(runner, intent, view, now_ms);
}

/* DESIGN 3: an outcome comes only from a write that consumes the version; until then the same
 * request, with the same key, may be repeated. A body that this leader would write otherwise is a
 * new attempt, on the same version, so that only one of the two can be taken. Of a unit that was
 * seen to differ, a request to one part may still be under way: there the time has to tell, too. */
static enum judgement judge_versioned(struct runner *runner, const struct service_record *service,
                                      const struct route_view *view, time_ms now_ms)
{
    const struct intent_record *intent = &service->move.intent;
    bool consumed = view->version != intent->base.version;
    bool same_body = view->body_hash[intent->step][intent->to] == intent->base.body_hash;
    bool fenced = judge_is_fenced(service, &view->parts);
    bool nothing_to_do = !fenced && !runner->unsure;
    if (view->state == judge_target(intent) && (consumed || nothing_to_do))
        return JUDGEMENT_APPLIED;
    if (runner->refused != WHY_NONE)
        return JUDGEMENT_REFUSED;
    if (!consumed && same_body)
        return JUDGEMENT_REPEAT;
    if (fenced || !runner->unsure)
        return JUDGEMENT_SUPERSEDED;
    return judge_astray(runner, intent, view, now_ms);
}

enum judgement judge_reading(struct runner *runner, const struct service_record *service,
                             const struct route_view *view, time_ms now_ms)
{
    const struct intent_record *intent = &service->move.intent;
    if (judge_is_fenced(service, &view->parts) && view->version != intent->base.version)
        runner->unsure = false; /* whatever is under way meets another version */
    if (view->state == ROUTE_UNKNOWN)
        return JUDGEMENT_READ_AGAIN;
    if (view->state == ROUTE_FOREIGN)
        return JUDGEMENT_FOREIGN;
    if (service->settings.versioned)
        return judge_versioned(runner, service, view, now_ms);
    return judge_unversioned(runner, intent, view, now_ms);
}
