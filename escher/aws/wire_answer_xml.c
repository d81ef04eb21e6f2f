/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/aws/wire_private.h"
#include "escher/aws/wire_xml.h"
#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/crypt/secret.h"

/*
 * XML becomes JSON while it is read, without a tree in between: a stack of frames, one for each
 * open element that means something, each with the shape it has and the value it grows.
 *
 *     <DescribeVpcsResponse>          frame: structure DescribeVpcsResult    {…}
 *       <vpcSet>                        frame: list VpcList                    […]
 *         <item>                          frame: structure Vpc                   {…}
 *           <state>available</state>        frame: string VpcState                 "available"
 *
 * What the shapes do not know is skipped with all that is in it. Where an element comes twice and
 * is no list, the first one counts.
 *
 * @source Smithy, AWS query, EC2 query and restXml protocols; XML binding traits
 */

enum frame_kind {
    FRAME_RESPONSE, /* <XResponse> around the result of a query */
    FRAME_VALUE,    /* of its shape */
    FRAME_ENTRY,    /* a key and a value of a map */
    FRAME_KEY,      /* text */
};

struct frame {
    enum frame_kind kind;
    const struct esc_shape *shape;   /* of a value; the map's for an entry */
    const struct esc_member *member; /* whose value it is, or part of; NULL: of no structure */
    struct esc_json *json;           /* what grows: object, array, or an entry's value; owned */
    struct esc_json *key;            /* of an entry; owned */
    size_t next_member;              /* where the search for a name begins */
    size_t seen_count;               /* no member from here on has come yet */
};

enum {
    LEAST_REMEMBERED = 16, /* values, of a short answer; powers of two */
    MOST_REMEMBERED = 512,
    BYTES_PER_REMEMBERED = 128,
    REMEMBERED_MAX_BYTES = 64 /* of text */
};

/* A text and what it became. Answers repeat themselves: zones, types, owners, times, groups. */
struct remembered {
    const struct esc_shape *shape;
    char text[REMEMBERED_MAX_BYTES];
    size_t len;
    struct esc_json *json; /* owned; NULL: an empty place */
};

struct xml_answer {
    const struct esc_operation *operation;
    size_t remembered_count;        /* places for what is remembered */
    struct esc_json *result;        /* of the whole answer; owned, NULL until it has ended */
    const struct esc_member *whole; /* what it is the value of; NULL: it has all members */
    struct frame frames[ESC_WIRE_MAX_DEPTH + 1];
    size_t depth;        /* frames in use */
    size_t skipped;      /* open elements that mean nothing */
    struct esc_buf text; /* of the scalar under way */
    bool found, is_error;
    struct remembered remembered[MOST_REMEMBERED]; /* by a hash of shape and text */
};

static bool is_nested(const struct esc_shape *shape)
{
    return shape->type == ESC_SHAPE_LIST || shape->type == ESC_SHAPE_MAP ||
           shape->type == ESC_SHAPE_STRUCTURE;
}

/* Whether the elements of the member stand where it would. */
static bool is_flattened(const struct esc_member *member)
{
    return (member->shape->type == ESC_SHAPE_LIST || member->shape->type == ESC_SHAPE_MAP) &&
           (member->flattened || member->shape->flattened);
}

/* Most words differ in their first byte. */
static bool is_word(struct esc_str name, const char *word)
{
    return *name.ptr == *word && strncmp(word, name.ptr, name.len) == 0 && word[name.len] == '\0';
}

/* A flattened list is called like its elements when they have a name. */
static const char *element_name(const struct esc_member *member)
{
    if (is_flattened(member) && member->shape->type == ESC_SHAPE_LIST && member->shape->item_name)
        return member->shape->item_name;
    return wire_name(member);
}

static bool is_called(const struct esc_member *member, struct esc_str name)
{
    return is_word(name, element_name(member)) && member->location == ESC_LOCATION_BODY &&
           !member->attribute;
}

/* Services write members in the order of the model, most of them: the search goes on where the
 * last one ended. */
static const struct esc_member *find_member(struct frame *frame, struct esc_str name)
{
    const struct esc_member *members = frame->shape->members;
    const size_t count = frame->shape->member_count;
    size_t at = frame->next_member < count ? frame->next_member : 0;
    for (size_t i = 0; i < count; i++) {
        if (is_called(&members[at], name)) {
            frame->next_member = at + !is_flattened(&members[at]);
            return &members[at];
        }
        at = at + 1 < count ? at + 1 : 0;
    }
    return NULL;
}

static struct esc_json *empty_value(const struct esc_shape *shape)
{
    if (!is_nested(shape))
        return NULL;
    return shape->type == ESC_SHAPE_LIST ? esc_json_array() : esc_json_object();
}

static void take_attributes(struct frame *frame, const char *const *attributes)
{
    for (size_t i = 0; i < frame->shape->member_count; i++) {
        const struct esc_member *member = &frame->shape->members[i];
        for (size_t at = 0; member->attribute && attributes[at]; at += 2)
            if (strcmp(attributes[at], wire_name(member)) == 0)
                esc_json_set_text(frame->json, member->name, attributes[at + 1]);
    }
}

static void push(struct xml_answer *answer, struct frame frame, const char *const *attributes)
{
    ESC_ASSERT(answer->depth < ESC_COUNT(answer->frames)); /* esc_xml_read() counts, too */
    esc_buf_reset(&answer->text);
    if (frame.kind == FRAME_VALUE)
        frame.json = empty_value(frame.shape);
    if (frame.kind == FRAME_VALUE && frame.shape->type == ESC_SHAPE_STRUCTURE && *attributes)
        take_attributes(&frame, attributes);
    answer->frames[answer->depth++] = frame;
}

/* S3 answers where a bucket is with one element that is member and document at once. */
static bool is_whole_answer(const struct esc_shape *output, struct esc_str name)
{
    return output->member_count == 1 && !is_nested(output->members[0].shape) &&
           is_word(name, wire_name(&output->members[0]));
}

static bool is_response_to(const struct esc_operation *operation, struct esc_str name)
{
    const struct esc_str asked = esc_str_of(operation->operation);
    return esc_str_starts_with(name, asked) &&
           esc_str_is(esc_str_slice(name, asked.len, name.len), "Response");
}

/* What the root is; its name says whether it is an answer to this at all. */
static const char *root_frame(struct xml_answer *answer, struct esc_str name, struct frame *out)
{
    const struct esc_operation *operation = answer->operation;
    const struct esc_shape *output = operation->output;
    *out = (struct frame){.kind = FRAME_VALUE, .shape = output};
    if (operation->wire->protocol == ESC_PROTOCOL_QUERY) {
        out->kind = FRAME_RESPONSE;
        return NULL;
    }
    if (operation->wire->protocol == ESC_PROTOCOL_EC2)
        return is_response_to(operation, name) ? NULL : "it answers another question";
    answer->is_error = is_word(name, "Error");
    if (answer->is_error || esc_str_equal_nocase(name, ESC_STR("html")))
        return "it is no answer";
    if (output->payload)
        out->member = wire_member(output, output->payload);
    else if (is_whole_answer(output, name))
        out->member = &output->members[0];
    if (out->member)
        out->shape = out->member->shape;
    return NULL;
}

static bool entry_frame(const struct frame *entry, struct esc_str name, struct frame *out)
{
    const struct esc_shape *map = entry->shape;
    const char *key = map->key_name ? map->key_name : "key";
    const char *value = map->item_name ? map->item_name : "value";
    out->kind = is_word(name, key) ? FRAME_KEY : FRAME_VALUE;
    out->shape = map->item;
    return out->kind == FRAME_KEY ? !entry->key : !entry->json && is_word(name, value);
}

/* Only of what comes out of order is it looked whether it is there. */
static bool has_come(struct frame *structure, const struct esc_member *member)
{
    const size_t index = (size_t)(member - structure->shape->members);
    if (index < structure->seen_count)
        return esc_json_member(structure->json, member->name);
    structure->seen_count = index + 1;
    return false;
}

static bool member_frame(struct frame *structure, struct esc_str name, struct frame *out)
{
    out->member = find_member(structure, name);
    if (!out->member)
        return false;
    const struct esc_shape *shape = out->shape = out->member->shape;
    if (!is_flattened(out->member))
        return !has_come(structure, out->member);
    if (shape->type == ESC_SHAPE_MAP)
        out->kind = FRAME_ENTRY;
    else
        out->shape = shape->item;
    return true;
}

/* The frame that an element opens inside `parent`; false when it means nothing there. */
static bool inner_frame(const struct xml_answer *answer, struct frame *parent, struct esc_str name,
                        struct frame *out)
{
    *out = (struct frame){.kind = FRAME_VALUE};
    if (parent->kind == FRAME_RESPONSE) {
        out->shape = answer->operation->output;
        const char *wrapper = answer->operation->result_wrapper;
        return !answer->found && wrapper && is_word(name, wrapper);
    }
    if (parent->kind == FRAME_ENTRY)
        return entry_frame(parent, name, out);
    if (parent->kind == FRAME_KEY || !is_nested(parent->shape))
        return false;
    if (parent->shape->type == ESC_SHAPE_STRUCTURE)
        return member_frame(parent, name, out);
    out->kind = parent->shape->type == ESC_SHAPE_MAP ? FRAME_ENTRY : FRAME_VALUE;
    out->shape = parent->shape->type == ESC_SHAPE_MAP ? parent->shape : parent->shape->item;
    return true;
}

static const char *on_start(void *context, struct esc_str name, const char *const *attributes)
{
    struct xml_answer *answer = context;
    struct frame frame;
    if (answer->depth == 0) {
        const char *message = root_frame(answer, name, &frame);
        if (message)
            return message;
    } else if (answer->skipped ||
               !inner_frame(answer, &answer->frames[answer->depth - 1], name, &frame)) {
        answer->skipped++;
        return NULL;
    }
    answer->found = answer->found || frame.kind != FRAME_RESPONSE;
    push(answer, frame, attributes);
    return NULL;
}

static const char *on_text(void *context, struct esc_str bytes)
{
    struct xml_answer *answer = context;
    const struct frame *top = &answer->frames[answer->depth - 1];
    if (!answer->skipped &&
        (top->kind == FRAME_KEY || (top->kind == FRAME_VALUE && !is_nested(top->shape))))
        esc_buf_add(&answer->text, bytes);
    return NULL;
}

/* The list or map of a flattened member, made with its first element. */
static struct esc_json *flattened_value(struct frame *structure, const struct esc_member *member)
{
    struct esc_json *found = esc_json_get_mutable(structure->json, member->name);
    if (found)
        return found;
    found = empty_value(member->shape);
    esc_json_set(structure->json, member->name, found);
    return found;
}

static void put_entry(struct esc_json *map, struct frame *entry)
{
    if (entry->key && entry->json)
        esc_json_set_key(map, esc_json_value(entry->key), entry->json);
    else
        esc_json_free(entry->json);
    esc_json_free(entry->key);
}

static void keep_result(struct xml_answer *answer, const struct frame *frame)
{
    const bool is_empty = frame->member && !is_nested(frame->shape) && answer->text.len == 0;
    esc_json_free(answer->result);
    answer->result = frame->json;
    answer->whole = frame->member;
    if (is_empty) {
        esc_json_free(answer->result);
        answer->result = esc_json_null();
    }
}

/* The whole answer: as the one member it is, or member by member. */
static void give_result(const struct xml_answer *answer, struct esc_json *output)
{
    const struct esc_json *value;
    const char *key;
    if (answer->whole && answer->result)
        esc_json_set(output, answer->whole->name, esc_json_ref(answer->result));
    for (void *at = NULL; !answer->whole && esc_json_next(answer->result, &at, &key, &value);)
        esc_json_set(output, key, esc_json_ref(value));
}

static void put(struct xml_answer *answer, struct frame *frame)
{
    struct frame *parent = answer->depth ? &answer->frames[answer->depth - 1] : NULL;
    if (!parent || parent->kind == FRAME_RESPONSE)
        keep_result(answer, frame);
    else if (frame->kind == FRAME_KEY)
        parent->key = frame->json;
    else if (frame->kind == FRAME_ENTRY)
        put_entry(frame->member ? flattened_value(parent, frame->member) : parent->json, frame);
    else if (parent->kind == FRAME_ENTRY)
        parent->json = frame->json;
    else if (parent->shape->type == ESC_SHAPE_LIST)
        esc_json_push(parent->json, frame->json);
    else if (is_flattened(frame->member))
        esc_json_push(flattened_value(parent, frame->member), frame->json);
    else
        esc_json_set(parent->json, frame->member->name, frame->json);
}

/* Eight bytes at a time; which texts share a place decides no more than what is remembered. */
static size_t place_of(const struct esc_shape *shape, struct esc_str text)
{
    enum {
        WORD = sizeof(uint64_t)
    };
    const uint64_t factor = 0x9E3779B97F4A7C15u; /* odd, and its bits are well mixed */
    uint64_t hash = ((uint64_t)shape->type << 32 | text.len) * factor, word;
    for (size_t at = 0; at < text.len; at += WORD) {
        const size_t left = text.len - at;
        word = 0;
        memcpy(&word, text.ptr + at, left < WORD ? left : WORD);
        hash = (hash ^ (hash >> 32) ^ word) * factor;
    }
    return (size_t)(hash >> 32);
}

/* As wire_scalar_read(), with one value for all places where the same text has the same shape:
 * it takes less memory and less time. */
static bool read_scalar(struct xml_answer *answer, const struct esc_shape *shape,
                        struct esc_json **out)
{
    struct esc_str text = esc_buf_str(&answer->text);
    if (text.len > REMEMBERED_MAX_BYTES || shape->is_encoded_json)
        return wire_scalar_read(shape, text, out);
    struct remembered *place =
        &answer->remembered[place_of(shape, text) & (answer->remembered_count - 1)];
    if (place->json && place->shape == shape &&
        esc_str_equal(text, (struct esc_str){place->text, place->len})) {
        *out = esc_json_ref(place->json);
        return true;
    }
    if (!wire_scalar_read(shape, text, out))
        return false;
    esc_json_free(place->json);
    place->shape = shape;
    place->len = text.len;
    memcpy(place->text, text.ptr ? text.ptr : "", text.len);
    place->json = *out ? esc_json_ref(*out) : NULL;
    return true;
}

static const char *on_end(void *context)
{
    struct xml_answer *answer = context;
    if (answer->skipped) {
        answer->skipped--;
        return NULL;
    }
    struct frame *frame = &answer->frames[answer->depth - 1];
    if (frame->kind == FRAME_KEY)
        frame->json = esc_json_string(esc_buf_str(&answer->text));
    else if (frame->kind == FRAME_VALUE && !is_nested(frame->shape) &&
             !read_scalar(answer, frame->shape, &frame->json))
        return "a number is none";
    answer->depth--;
    if (frame->kind != FRAME_RESPONSE)
        put(answer, frame);
    esc_buf_reset(&answer->text);
    return NULL;
}

static void forget_told(struct xml_answer *answer)
{
    while (answer->depth > 0) {
        const struct frame *frame = &answer->frames[--answer->depth];
        esc_json_free(frame->json);
        esc_json_free(frame->key);
    }
    esc_json_free(ESC_STEAL(answer->result));
    answer->whole = NULL;
    answer->skipped = 0;
    answer->found = answer->is_error = false;
    esc_buf_reset(&answer->text);
}

static void on_restart(void *context)
{
    forget_told(context);
}

static void forget(struct xml_answer *answer)
{
    forget_told(answer);
    for (size_t i = 0; i < answer->remembered_count; i++)
        esc_json_free(answer->remembered[i].json);
    esc_wipe(answer->remembered, answer->remembered_count * sizeof *answer->remembered);
    if (answer->text.ptr)
        esc_wipe(answer->text.ptr, answer->text.capacity); /* both may have held a key */
    esc_buf_done(&answer->text);
}

/* Member by member: most of it is room that a short answer does not use. */
static void begin(struct xml_answer *answer, const struct esc_operation *operation,
                  size_t body_bytes)
{
    answer->operation = operation;
    answer->result = NULL;
    answer->whole = NULL;
    answer->depth = answer->skipped = 0;
    answer->found = answer->is_error = false;
    esc_buf_init(&answer->text, ESC_MAX_RESPONSE);
    answer->remembered_count = LEAST_REMEMBERED;
    while (answer->remembered_count < MOST_REMEMBERED &&
           answer->remembered_count * BYTES_PER_REMEMBERED < body_bytes)
        answer->remembered_count *= 2;
    for (size_t i = 0; i < answer->remembered_count; i++)
        answer->remembered[i].json = NULL; /* the rest of a place counts once this is set */
}

enum esc_status wire_xml_read(const struct esc_operation *operation, struct esc_str body,
                              struct esc_json *output, bool *is_error, struct esc_error *err)
{
    static const struct esc_xml_events events = {on_start, on_text, on_end, on_restart};
    static const struct esc_xml_limits limits = {ESC_WIRE_MAX_DEPTH, ESC_WIRE_MAX_ELEMENTS};
    struct xml_answer answer;
    begin(&answer, operation, body.len);
    enum esc_status status = esc_xml_read(body, &limits, &events, &answer, err);
    if (status == ESC_OK && !answer.found)
        status = esc_fail(err, ESC_CORRUPT, "there is no %s in it", operation->result_wrapper);
    if (status == ESC_OK)
        give_result(&answer, output);
    *is_error = answer.is_error;
    forget(&answer);
    return status;
}
