/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/work/converse_private.h"

enum {
    MOST_HITS = 200, /* of an answer */
    MOST_NEAR = 5,   /* choices for a word that names nothing */
};

/* Choices of a question: those the planner named by id, with what the estate knows of them. */
static struct esc_json *named_choices(const struct ask *ask)
{
    struct esc_json *choices = esc_json_array();
    const struct esc_json *named = esc_json_get(ask->response, "choices");
    for (size_t i = 0; i < esc_json_len(named); i++) {
        const char *id = esc_json_str(esc_json_at(named, i), "id", "");
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = NULL;
        if (work_resource(ask->call->bench, id, &resource, NULL) != ESC_OK)
            continue;
        struct esc_json *choice = esc_json_object();
        esc_json_set_text(choice, "id", id);
        work_set_resource(choice, resource);
        esc_json_push(choices, choice);
    }
    return choices;
}

/* Words that name nothing, with what is near them; *close: whether a spelling explains one.
 * @p fitting: only what the prompt's action can be done with at all. */
static struct esc_json *near_hits(const struct ask *ask, bool fitting, bool *close)
{
    struct esc_json *choices = esc_json_array();
    *close = false;
    for (size_t i = 0; i < esc_json_len(ask->meaning.near); i++) {
        const struct esc_json *hits = esc_json_get(esc_json_at(ask->meaning.near, i), "hits");
        for (size_t k = 0, taken = 0; k < esc_json_len(hits) && taken < MOST_NEAR; k++) {
            const struct esc_json *hit = esc_json_at(hits, k);
            if (fitting && !esc_answer_fits(ask->call->bench->planner, ask->prompt,
                                            esc_json_str(hit, "resource.resource_type", "")))
                continue;
            struct esc_json *choice = esc_json_copy(hit);
            *close = *close || esc_json_flag(choice, "close", false);
            esc_json_set_text(choice, "id", esc_json_str(choice, "resource.id", ""));
            esc_json_push(choices, choice);
            taken++;
        }
    }
    return choices;
}

/* "Stop orders-dn" means no snapshot, unless only a snapshot is called nearly so. */
static struct esc_json *near_choices(const struct ask *ask, bool *close)
{
    bool close_fitting, close_any;
    struct esc_json *fitting = near_hits(ask, true, &close_fitting);
    struct esc_json *any = near_hits(ask, false, &close_any);
    const bool enough = esc_json_len(fitting) > 0 && (close_fitting || !close_any);
    *close = enough ? close_fitting : close_any;
    esc_json_free(enough ? any : fitting);
    return enough ? fitting : any;
}

static const char *first_near_word(const struct ask *ask)
{
    return esc_json_str(esc_json_at(ask->meaning.near, 0), "word", NULL);
}

/* "Did you mean", when a word looks like a name and is none; "nothing is called", when none is
 * close to it. */
static void answer_near(struct ask *ask)
{
    bool close;
    struct esc_json *choices = near_choices(ask, &close);
    struct esc_json *body = esc_json_object();
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_LINE);
    esc_buf_printf(&text, "Nothing is called `%s`. ", first_near_word(ask));
    esc_buf_add_text(&text, close                   ? "Did you mean one of these?"
                            : esc_json_len(choices) ? "The closest by meaning:"
                                                    : "Nothing in the estate is close to it.");
    if (ask->call->bench->unreadable)
        esc_buf_printf(&text, " The estate is damaged; `escher sync` reads it again: %s.",
                       ask->call->bench->unreadable);
    esc_json_set_text(body, "kind", "question");
    esc_json_set_text(body, "reason", "unknown_resource");
    esc_json_set_str(body, "text", esc_buf_str(&text));
    esc_json_set(body, "choices", choices);
    esc_buf_done(&text);
    ask_finish(ask, close ? ESC_AMBIGUOUS : ESC_NOT_FOUND, body);
}

/* Owned by the caller. */
static char *with_damage(const struct ask *ask, const char *text)
{
    return esc_sprintf("%s Another may be called so: the estate is damaged, %s. `escher sync` "
                       "reads it again.",
                       text, ask->meaning.damage);
}

void ask_answer_question(struct ask *ask)
{
    const char *text = esc_json_str(ask->response, "text", "");
    const char *reason = esc_json_str(ask->response, "reason", "");
    if (esc_text_equal(reason, "missing_resource") && esc_json_len(ask->meaning.near)) {
        answer_near(ask);
        return;
    }
    const bool may_lack = ask->meaning.damage && esc_text_equal(reason, "ambiguous");
    ESC_CLEANUP(esc_freep) char *longer = may_lack ? with_damage(ask, text) : NULL;
    struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "kind", "question");
    esc_json_set_text(body, "reason", reason);
    esc_json_set_text(body, "text", longer ? longer : text);
    esc_json_set(body, "choices", named_choices(ask));
    ask_finish(ask, ESC_AMBIGUOUS, body);
}

/* A filter over the estate, which only we have: it is run here, and its rows are the answer. */
void ask_answer_query(struct ask *ask)
{
    struct esc_workbench *bench = ask->call->bench;
    const struct esc_find_query query = {
        .filter = esc_str_of(esc_json_str(ask->response, "filter", "")), .limit = MOST_HITS};
    struct esc_find_result result;
    struct esc_error err;
    if (esc_find(bench->index, &query, &result, &err) != ESC_OK) {
        ask_fail(ask, &err);
        return;
    }
    struct esc_json *hits = esc_json_array();
    for (size_t i = 0; i < result.count; i++) {
        struct esc_json *hit = esc_json_object();
        work_set_card(bench, hit, &result.hits[i].card);
        esc_json_push(hits, hit);
    }
    struct esc_json *body = esc_json_object();
    ESC_CLEANUP(esc_freep) char *text = esc_sprintf("%zu in the estate.", result.total);
    esc_json_set_text(body, "kind", "query");
    esc_json_set_text(body, "text", text);
    esc_json_set_text(body, "filter", esc_json_str(ask->response, "filter", ""));
    esc_json_set_int(body, "total", (int64_t)result.total);
    esc_json_set(body, "hits", hits);
    esc_find_result_done(&result);
    ask_finish(ask, ESC_OK, body);
}

/* A name stands for all that are called so. Where rows of the estate cannot be read, another one
 * may be among them: then the person picks. */
bool ask_which(struct ask *ask)
{
    const struct esc_json *target =
        ask->meaning.damage ? work_meaning_named_only(ask->meaning.request, ask->plan) : NULL;
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = NULL;
    if (!target ||
        work_resource(ask->call->bench, esc_json_str(target, "id", ""), &resource, NULL) != ESC_OK)
        return false;
    ESC_CLEANUP(esc_freep) char *text = with_damage(ask, "Is this the one you mean?");
    struct esc_json *body = esc_json_object(), *choices = esc_json_array();
    struct esc_json *choice = esc_json_object();
    esc_json_set_text(choice, "id", resource->id);
    work_set_resource(choice, resource);
    esc_json_push(choices, choice);
    esc_json_set_text(body, "kind", "question");
    esc_json_set_text(body, "reason", "ambiguous");
    esc_json_set_text(body, "text", text);
    esc_json_set(body, "choices", choices);
    ask_finish(ask, ESC_AMBIGUOUS, body);
    return true;
}
