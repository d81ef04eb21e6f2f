/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/loop/cancel.h"

#include "escher/base/alloc.h"

struct esc_cancel_hook {
    struct esc_cancel_hook *next, *previous; /* a ring with the token's `hooks` */
    struct esc_cancel *cancel;
    esc_cancel_fn *fn;
    void *context;
};

struct esc_cancel {
    struct esc_loop *loop;
    size_t references;
    bool requested, posted;
    struct esc_cancel_hook hooks;
};

struct esc_cancel *esc_cancel_new(struct esc_loop *loop)
{
    struct esc_cancel *cancel = esc_alloc_zero(sizeof *cancel);
    cancel->loop = loop;
    cancel->references = 1;
    cancel->hooks.next = cancel->hooks.previous = &cancel->hooks;
    return cancel;
}

struct esc_cancel *esc_cancel_ref(struct esc_cancel *cancel)
{
    if (cancel)
        cancel->references++;
    return cancel;
}

void esc_cancel_unref(struct esc_cancel *cancel)
{
    if (cancel && --cancel->references == 0)
        free(cancel); /* no hook is left: each holds a reference */
}

static void call_hooks(void *context)
{
    struct esc_cancel *cancel = context;
    cancel->posted = false;
    while (cancel->hooks.next != &cancel->hooks) {
        struct esc_cancel_hook *hook = cancel->hooks.next;
        esc_cancel_fn *fn = hook->fn;
        void *hook_context = hook->context;
        esc_cancel_forget(hook);
        fn(hook_context);
    }
    esc_cancel_unref(cancel);
}

static void post_hooks(struct esc_cancel *cancel)
{
    if (cancel->posted)
        return;
    cancel->posted = true;
    esc_loop_post(cancel->loop, call_hooks, esc_cancel_ref(cancel));
}

void esc_cancel_request(struct esc_cancel *cancel)
{
    cancel->requested = true;
    post_hooks(cancel);
}

bool esc_cancel_is_requested(const struct esc_cancel *cancel)
{
    return cancel && cancel->requested;
}

struct esc_cancel_hook *esc_cancel_on_request(struct esc_cancel *cancel, esc_cancel_fn *fn,
                                              void *context)
{
    struct esc_cancel_hook *hook = esc_alloc_zero(sizeof *hook);
    hook->cancel = esc_cancel_ref(cancel);
    hook->fn = fn;
    hook->context = context;
    hook->next = &cancel->hooks;
    hook->previous = cancel->hooks.previous;
    hook->previous->next = hook->next->previous = hook;
    if (cancel->requested)
        post_hooks(cancel);
    return hook;
}

void esc_cancel_forget(struct esc_cancel_hook *hook)
{
    if (!hook)
        return;
    hook->next->previous = hook->previous;
    hook->previous->next = hook->next;
    esc_cancel_unref(hook->cancel);
    free(hook);
}
