/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/profile_file.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/buf.h"
#include "escher/base/file.h"
#include "escher/base/num.h"
#include "escher/base/utf8.h"

/* A profile while its sections are read; in the end `profile` is what others see. */
struct draft {
    struct esc_profile profile;
    char *key_id, *secret, *token, *duration;
};

struct esc_profiles {
    struct esc_list drafts;   /* struct draft */
    struct esc_list sessions; /* struct draft too: an "[sso-session NAME]" */
    char *files[2];
};

#define AT(member) offsetof(struct draft, member)
static const struct {
    const char *key;
    size_t offset; /* of a char * */
} settings[] = {
    {"aws_access_key_id", AT(key_id)},
    {"aws_secret_access_key", AT(secret)},
    {"aws_session_token", AT(token)},
    {"credential_process", AT(profile.process)},
    {"credential_source", AT(profile.credential_source)},
    {"duration_seconds", AT(duration)},
    {"endpoint_url", AT(profile.endpoint_url)},
    {"external_id", AT(profile.external_id)},
    {"mfa_serial", AT(profile.mfa_serial)},
    {"region", AT(profile.region)},
    {"role_arn", AT(profile.role_arn)},
    {"role_session_name", AT(profile.role_session_name)},
    {"source_profile", AT(profile.source_profile)},
    {"sso_account_id", AT(profile.sso_account_id)},
    {"sso_role_name", AT(profile.sso_role_name)},
    {"sso_region", AT(profile.sso_region)},
    {"sso_session", AT(profile.sso_session)},
    {"sso_start_url", AT(profile.sso_start_url)},
    {"web_identity_token_file", AT(profile.web_identity_file)},
};
#undef AT

static char **setting_of(struct draft *draft, struct esc_str key)
{
    for (size_t i = 0; i < ESC_COUNT(settings); i++)
        if (esc_str_equal_nocase(key, esc_str_of(settings[i].key)))
            return (char **)(void *)((char *)draft + settings[i].offset);
    return NULL;
}

static void wipe_text(char **text)
{
    if (*text)
        esc_wipe(*text, strlen(*text));
    free(*text);
    *text = NULL;
}

static void free_draft(void *item)
{
    struct draft *draft = item;
    for (size_t i = 0; i < ESC_COUNT(settings); i++)
        wipe_text((char **)(void *)((char *)draft + settings[i].offset));
    esc_credentials_free(draft->profile.keys);
    free(draft->profile.name);
    free(draft);
}

void esc_profiles_free(struct esc_profiles *profiles)
{
    if (!profiles)
        return;
    esc_list_done(&profiles->drafts);
    esc_list_done(&profiles->sessions);
    free(profiles->files[0]);
    free(profiles->files[1]);
    free(profiles);
}

static struct draft *find_draft(const struct esc_list *drafts, struct esc_str name)
{
    for (size_t i = 0; i < drafts->count; i++) {
        struct draft *draft = drafts->items[i];
        if (esc_str_is(name, draft->profile.name))
            return draft;
    }
    return NULL;
}

struct reader {
    struct esc_profiles *profiles;
    const char *file;
    bool is_config; /* sections are "profile NAME" */
    unsigned line;
    struct draft *draft; /* NULL: before the first section, or in one that is no profile */
    bool in_section;
    bool after_value; /* the last setting had a value, so an indented line continues it */
    struct esc_error *err;
};

#define REFUSE(reader, status, message)                                                            \
    esc_fail((reader)->err, (status), "%s:%u: %s", (reader)->file, (reader)->line, (message))

static struct esc_str unquoted(struct esc_str text)
{
    if (text.len >= 2 && (text.ptr[0] == '"' || text.ptr[0] == '\'') &&
        text.ptr[text.len - 1] == text.ptr[0])
        return esc_str_slice(text, 1, text.len - 1);
    return text;
}

/* What follows the word that says which kind of section it is; nothing for another kind. */
static struct esc_str name_after(struct esc_str title, struct esc_str kind)
{
    if (!esc_str_starts_with(title, kind) || title.len <= kind.len ||
        !esc_is_space(title.ptr[kind.len]))
        return (struct esc_str){0};
    return unquoted(esc_str_trim(esc_str_slice(title, kind.len, title.len)));
}

/* The name of a section and where it belongs; nothing for sections that are not ours. */
static struct esc_str section_name(const struct reader *reader, struct esc_str title,
                                   struct esc_list **out)
{
    *out = &reader->profiles->drafts;
    if (!reader->is_config || esc_str_is(title, "default"))
        return unquoted(title);
    struct esc_str name = name_after(title, ESC_STR("sso-session"));
    if (name.len == 0)
        return name_after(title, ESC_STR("profile"));
    *out = &reader->profiles->sessions;
    return name;
}

static enum esc_status begin_section(struct reader *reader, struct esc_str line)
{
    size_t end = esc_str_find(line, ESC_STR("]"), 0);
    if (end == SIZE_MAX)
        return REFUSE(reader, ESC_INVALID, "a section has no closing ]");
    struct esc_str title = esc_str_trim(esc_str_slice(line, 1, end));
    if (title.len == 0)
        return REFUSE(reader, ESC_INVALID, "a section has no name");
    struct esc_list *place;
    struct esc_str name = section_name(reader, title, &place);
    reader->in_section = true;
    reader->after_value = false;
    reader->draft = name.len ? find_draft(place, name) : NULL;
    if (name.len == 0 || reader->draft)
        return ESC_OK;
    if (place->count == ESC_PROFILE_MAX_COUNT)
        return REFUSE(reader, ESC_LIMIT, "too many profiles");
    reader->draft = esc_alloc_zero(sizeof *reader->draft);
    reader->draft->profile.name = esc_str_dup(name);
    reader->draft->profile.file = reader->file;
    reader->draft->profile.line = reader->line;
    esc_list_push(place, reader->draft);
    return ESC_OK;
}

/* A comment may follow a value after white space. */
static struct esc_str without_comment(struct esc_str value)
{
    for (size_t i = 1; i < value.len; i++)
        if ((value.ptr[i] == '#' || value.ptr[i] == ';') && esc_is_space(value.ptr[i - 1]))
            return esc_str_trim(esc_str_slice(value, 0, i));
    return value;
}

static enum esc_status read_setting(struct reader *reader, struct esc_str line)
{
    size_t equals = esc_str_find(line, ESC_STR("="), 0);
    if (!reader->in_section)
        return REFUSE(reader, ESC_INVALID, "a setting stands before the first section");
    if (equals == SIZE_MAX)
        return REFUSE(reader, ESC_INVALID, "neither a section nor `key = value`");
    struct esc_str key = esc_str_trim(esc_str_slice(line, 0, equals));
    struct esc_str value = without_comment(esc_str_trim(esc_str_slice(line, equals + 1, line.len)));
    if (key.len == 0)
        return REFUSE(reader, ESC_INVALID, "a setting has no name");
    char **setting = reader->draft ? setting_of(reader->draft, key) : NULL;
    reader->after_value = setting && value.len > 0;
    if (!setting)
        return ESC_OK; /* for others: output formats, plugins, nested ones */
    wipe_text(setting);
    if (value.len > 0)
        *setting = esc_str_dup(value);
    return ESC_OK;
}

static enum esc_status read_line(struct reader *reader, struct esc_str line)
{
    bool indented = line.len > 0 && esc_is_space(line.ptr[0]);
    line = esc_str_trim(line);
    if (line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == ';')
        return ESC_OK;
    if (line.len > ESC_PROFILE_MAX_LINE)
        return REFUSE(reader, ESC_LIMIT, "the line is too long");
    for (size_t i = 0; i < line.len; i++)
        if (((unsigned char)line.ptr[i] < 0x20 && line.ptr[i] != '\t') || line.ptr[i] == 0x7F)
            return REFUSE(reader, ESC_INVALID, "the line holds a control character");
    if (!esc_utf8_is_valid(line))
        return REFUSE(reader, ESC_INVALID, "the line is not UTF-8");
    if (indented && reader->after_value)
        return REFUSE(reader, ESC_INVALID, "a value goes on in a second line");
    if (indented && reader->in_section)
        return ESC_OK; /* nested settings, none of ours */
    return line.ptr[0] == '[' ? begin_section(reader, line) : read_setting(reader, line);
}

static enum esc_status read_text(struct esc_profiles *profiles, struct esc_str text,
                                 const char *file, bool is_config, struct esc_error *err)
{
    struct reader reader = {
        .profiles = profiles,
        .file = file,
        .is_config = is_config,
        .err = err,
    };
    struct esc_str line;
    if (text.len > ESC_PROFILE_MAX_FILE)
        return esc_fail(err, ESC_LIMIT, "%s is larger than %d bytes", file, ESC_PROFILE_MAX_FILE);
    if (esc_str_starts_with(text, ESC_STR("\xEF\xBB\xBF")))
        text = esc_str_slice(text, 3, text.len);
    while (text.len > 0 && esc_str_next(&text, '\n', &line)) {
        reader.line++;
        enum esc_status status = read_line(&reader, line);
        if (status != ESC_OK)
            return status;
    }
    return ESC_OK;
}

static enum esc_profile_kind kind_of(const struct draft *draft)
{
    const struct esc_profile *profile = &draft->profile;
    if (profile->web_identity_file)
        return ESC_PROFILE_WEB_IDENTITY;
    if (profile->role_arn)
        return ESC_PROFILE_ROLE;
    if (profile->sso_session || profile->sso_start_url)
        return ESC_PROFILE_SSO;
    if (draft->key_id || draft->secret)
        return ESC_PROFILE_KEYS;
    if (profile->process)
        return ESC_PROFILE_PROCESS;
    return ESC_PROFILE_NONE;
}

/* What the session says counts; without one of that name there is no start URL. */
static void take_session(const struct esc_profiles *profiles, struct esc_profile *profile)
{
    struct esc_sso_session session;
    wipe_text(&profile->sso_start_url);
    wipe_text(&profile->sso_region);
    if (!esc_profiles_sso_session(profiles, profile->sso_session, &session))
        return;
    profile->sso_start_url = esc_strdup_null(session.start_url);
    profile->sso_region = esc_strdup_null(session.region);
}

static enum esc_status finish(const struct esc_profiles *profiles, struct draft *draft,
                              struct esc_error *err)
{
    struct esc_profile *profile = &draft->profile;
    profile->kind = kind_of(draft);
    if (profile->sso_session)
        take_session(profiles, profile);
    if (draft->key_id && draft->secret)
        profile->keys = esc_credentials_new(draft->key_id, draft->secret, draft->token, 0);
    if (!draft->key_id != !draft->secret)
        return esc_fail(err, ESC_INVALID, "%s:%u: profile `%s` has only one half of a key pair",
                        profile->file, profile->line, profile->name);
    if (draft->duration && (!esc_num_u64(esc_str_of(draft->duration), &profile->duration_s) ||
                            profile->duration_s < 900 || profile->duration_s > 43200))
        return esc_fail(err, ESC_INVALID,
                        "%s:%u: profile `%s`: duration_seconds is not between 900 and 43200",
                        profile->file, profile->line, profile->name);
    wipe_text(&draft->secret);
    wipe_text(&draft->token);
    return ESC_OK;
}

enum esc_status esc_profiles_parse(struct esc_str config, const char *config_name,
                                   struct esc_str credentials, const char *credentials_name,
                                   struct esc_profiles **out, struct esc_error *err)
{
    ESC_CLEANUP(esc_profiles_freep)
    struct esc_profiles *profiles = esc_alloc_zero(sizeof *profiles);
    esc_list_init(&profiles->drafts, free_draft);
    esc_list_init(&profiles->sessions, free_draft);
    profiles->files[0] = esc_strdup(config_name);
    profiles->files[1] = esc_strdup(credentials_name);
    enum esc_status status = read_text(profiles, config, profiles->files[0], true, err);
    if (status == ESC_OK)
        status = read_text(profiles, credentials, profiles->files[1], false, err);
    for (size_t i = 0; status == ESC_OK && i < profiles->drafts.count; i++)
        status = finish(profiles, profiles->drafts.items[i], err);
    if (status == ESC_OK)
        *out = ESC_STEAL(profiles);
    return status;
}

static enum esc_status read_whole(const char *path, struct esc_buf *buf, struct esc_error *err)
{
    esc_buf_init(buf, ESC_PROFILE_MAX_FILE);
    if (!path || !esc_file_exists(path))
        return ESC_OK;
    return esc_file_read(path, buf, err);
}

static void wipe_buf(struct esc_buf *buf)
{
    if (buf->ptr)
        esc_wipe(buf->ptr, buf->capacity);
    esc_buf_done(buf);
}

enum esc_status esc_profiles_load(const char *config_path, const char *credentials_path,
                                  struct esc_profiles **out, struct esc_error *err)
{
    struct esc_buf config, credentials;
    enum esc_status status = read_whole(config_path, &config, err);
    esc_buf_init(&credentials, ESC_PROFILE_MAX_FILE);
    if (status == ESC_OK)
        status = read_whole(credentials_path, &credentials, err);
    if (status == ESC_OK)
        status = esc_profiles_parse(esc_buf_str(&config), config_path ? config_path : "",
                                    esc_buf_str(&credentials),
                                    credentials_path ? credentials_path : "", out, err);
    wipe_buf(&config);
    wipe_buf(&credentials);
    return status;
}

size_t esc_profiles_count(const struct esc_profiles *profiles)
{
    return profiles->drafts.count;
}

const struct esc_profile *esc_profiles_at(const struct esc_profiles *profiles, size_t index)
{
    return &((const struct draft *)esc_list_at(&profiles->drafts, index))->profile;
}

const struct esc_profile *esc_profiles_find(const struct esc_profiles *profiles, const char *name)
{
    const struct draft *draft = find_draft(&profiles->drafts, esc_str_of(name));
    return draft ? &draft->profile : NULL;
}

bool esc_profiles_sso_session(const struct esc_profiles *profiles, const char *name,
                              struct esc_sso_session *out)
{
    const struct draft *draft = find_draft(&profiles->sessions, esc_str_of(name));
    if (!draft)
        return false;
    *out = (struct esc_sso_session){draft->profile.sso_start_url, draft->profile.sso_region};
    return true;
}
