/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What breaks if the hub of a large estate goes: 100,000 resources, of which 20,000 machines stand
 * in one network, with an interface, a volume and a group each. Processor time of the answer over
 * the API, from what the store keeps of each block, and once more when nothing is kept.
 *
 *     bench-impact        in an empty ESCHER_HOME
 */

#include <string.h>

#include "escher/crypt/keyring.h"
#include "escher/loop/loop.h"
#include "escher/store/estate.h"
#include "escher/work/api.h"
#include "escher/work/work_private.h"
#include "tests/bench/bench.h"

enum {
    MACHINES = 20'000, /* of the hub; as many again stand in other networks */
    NETWORKS = 21,
    ROUNDS = 10,
    AT_ONCE = 500
};

#define ACCOUNT "123456789012"
#define REGION "us-east-1"

struct world {
    struct esc_loop *loop;
    struct esc_workbench *bench;
    size_t count;
};

static struct esc_resource *make(struct world *world, const char *type, const char *kind, size_t n)
{
    struct esc_resource *resource = esc_resource_new();
    resource->provider = esc_strdup("aws");
    resource->resource_type = esc_strdup(type);
    resource->identifier = esc_sprintf("%s-%08zx", kind, n);
    resource->name = esc_sprintf("shop-%s-%zu", kind, n);
    resource->arn = esc_sprintf("arn:aws:ec2:" REGION ":" ACCOUNT ":x/%s", resource->identifier);
    resource->account_id = esc_strdup(ACCOUNT);
    resource->account_name = esc_strdup("production");
    resource->region = esc_strdup(REGION);
    resource->state = esc_strdup("available");
    resource->id = esc_resource_key(ACCOUNT, REGION, type, resource->identifier);
    resource->content_hash = esc_sprintf("sha256:%064zx", ++world->count);
    resource->last_synced_ms = 1;
    return resource;
}

static void relate(struct esc_resource *holder, const char *relation, const char *type,
                   const char *kind, size_t n)
{
    ESC_CLEANUP(esc_freep)
    char *target = esc_sprintf(ACCOUNT "-" REGION "-%s-%s-%08zx", type, kind, n);
    esc_resource_relate(holder, relation, target);
}

static void put(struct world *world, struct esc_resource **all, size_t *count)
{
    struct esc_error err;
    bench_need(esc_store_estate_put(world->bench->store,
                                    (const struct esc_resource *const *)(uintptr_t)all, NULL,
                                    *count, NULL, &err),
               &err);
    for (size_t i = 0; i < *count; i++) {
        esc_index_put(world->bench->index, all[i], NULL);
        esc_resource_free(all[i]);
    }
    *count = 0;
}

/* A machine with its volume, and on the hub's network an interface and a target group, too. */
static size_t make_machine(struct world *world, size_t n, struct esc_resource **out)
{
    const size_t network = n < MACHINES ? 0 : 1 + n % (NETWORKS - 1);
    struct esc_resource *machine = make(world, "ec2_instance", "i", n);
    struct esc_resource *volume = make(world, "ebs_volume", "vol", n);
    size_t count = 0;
    relate(machine, "in_vpc", "vpc", "vpc", network);
    relate(machine, "in_subnet", "subnet", "subnet", network);
    relate(machine, "uses_security_group", "security_group", "sg", network);
    relate(machine, "has_volume", "ebs_volume", "vol", n);
    relate(volume, "attached_to", "ec2_instance", "i", n);
    out[count++] = machine;
    out[count++] = volume;
    if (network == 0 && n % 2) {
        out[count] = make(world, "network_interface", "eni", n);
        relate(out[count], "in_subnet", "subnet", "subnet", 0);
        relate(out[count++], "attached_to", "ec2_instance", "i", n);
        out[count] = make(world, "target_group", "tg", n);
        relate(out[count], "has_target", "ec2_instance", "i", n - 1);
        relate(out[count++], "has_target", "ec2_instance", "i", n);
    }
    return count;
}

static void fill(struct world *world)
{
    struct esc_resource *all[AT_ONCE + 4];
    size_t count = 0;
    for (size_t i = 0; i < NETWORKS; i++) {
        all[count++] = make(world, "vpc", "vpc", i);
        all[count] = make(world, "subnet", "subnet", i);
        relate(all[count++], "in_vpc", "vpc", "vpc", i);
        all[count++] = make(world, "security_group", "sg", i);
    }
    for (size_t i = 0; i < 2 * MACHINES; i++) {
        count += make_machine(world, i, all + count);
        if (count >= AT_ONCE)
            put(world, all, &count);
    }
    put(world, all, &count);
}

struct answer {
    bool is_done;
    struct esc_json *body;
};

static void take_end(void *context, enum esc_status, struct esc_json *body)
{
    struct answer *answer = context;
    *answer = (struct answer){true, body};
}

static void take_event(void *, const struct esc_json *)
{
}

static bool is_done(void *context)
{
    return ((const struct answer *)context)->is_done;
}

static double ask(struct world *world, const char *name, struct esc_json **out)
{
    struct answer answer = {0};
    struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "text", name);
    const struct esc_api_request request = {.method = "POST", .path = "/api/impact", .body = body};
    const struct esc_api_sink sink = {take_event, take_end, &answer};
    const uint64_t began = bench_cpu_ns();
    (void)esc_api_call(world->bench, &request, &sink);
    (void)esc_loop_run_until(world->loop, is_done, &answer);
    const double took_ms = (double)(bench_cpu_ns() - began) / 1e6;
    esc_json_free(body);
    *out = answer.body;
    return took_ms;
}

static void measure(struct world *world, const char *name, const char *what, size_t rounds)
{
    struct bench_samples samples = {0};
    ESC_CLEANUP(esc_freep) char *shown = esc_sprintf("%s, shown", what);
    ESC_CLEANUP(esc_freep) char *counted = esc_sprintf("%s, counted", what);
    for (size_t i = 0; i < rounds; i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
        bench_add(&samples, ask(world, name, &body));
        if (i > 0)
            continue;
        bench_say(shown, "resources", (double)esc_json_len(esc_json_get(body, "effects")), 1);
        bench_say(counted, "resources",
                  (double)(esc_json_num(body, "breaks", 0) + esc_json_num(body, "loses", 0)), 1);
    }
    bench_say_samples(what, "ms", &samples);
}

int main(void)
{
    struct esc_error err;
    struct world world = {0};
    struct esc_keyring *keyring = esc_keyring_memory_new(NULL);
    bench_need(esc_loop_new(&world.loop, &err), &err);
    const struct esc_workbench_options options = {
        .loop = world.loop, .keyring_of_caller = keyring, .create = true};
    bench_need(esc_workbench_open(&options, &world.bench, &err), &err);
    fill(&world);
    bench_say("resources", "resources", (double)world.count, 1);
    measure(&world, "shop-vpc-0", "hub, nothing kept", 1);
    work_index_keep_later(world.bench);
    work_index_keep_now(world.bench);
    measure(&world, "shop-vpc-0", "hub", ROUNDS);
    measure(&world, "shop-i-7", "machine", ROUNDS);
    esc_workbench_close(world.bench);
    esc_loop_free(world.loop);
    esc_keyring_free(keyring);
    return 0;
}
