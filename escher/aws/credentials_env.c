/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/credentials_env.h"

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/paths.h"

const char *const *esc_aws_environment_names(void)
{
    static const char *const names[] = {"AWS_ACCESS_KEY_ID",
                                        "AWS_SECRET_ACCESS_KEY",
                                        "AWS_SESSION_TOKEN",
                                        "AWS_PROFILE",
                                        "AWS_DEFAULT_PROFILE",
                                        "AWS_REGION",
                                        "AWS_DEFAULT_REGION",
                                        "AWS_CONFIG_FILE",
                                        "AWS_SHARED_CREDENTIALS_FILE",
                                        "AWS_CA_BUNDLE",
                                        "AWS_WEB_IDENTITY_TOKEN_FILE",
                                        "AWS_ROLE_ARN",
                                        "AWS_ROLE_SESSION_NAME",
                                        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                                        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                                        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                                        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                                        "AWS_EC2_METADATA_DISABLED",
                                        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                                        "AWS_ENDPOINT_URL_SSO",
                                        "AWS_ENDPOINT_URL_SSO_OIDC",
                                        "AWS_ENDPOINT_URL_STS",
                                        "HOME",
                                        "PATH",
                                        "USER",
                                        "LOGNAME",
                                        "LANG",
                                        "XDG_RUNTIME_DIR",
                                        "DBUS_SESSION_BUS_ADDRESS",
                                        "SSH_AUTH_SOCK",
                                        "HTTPS_PROXY",
                                        "https_proxy",
                                        "HTTP_PROXY",
                                        "http_proxy",
                                        "NO_PROXY",
                                        "no_proxy",
                                        NULL};
    return names;
}

struct source {
    const char *(*get)(void *context, const char *name);
    void *context;
};

static const char *get(const struct source *source, const char *name)
{
    const char *value = source->get(source->context, name);
    return value && *value ? value : NULL;
}

static char *first_of(const struct source *source, const char *name, const char *other)
{
    const char *value = get(source, name);
    return esc_strdup_null(value ? value : get(source, other));
}

/* The file that @p variable names ("~/" means HOME), or HOME/.aws/@p name. */
static char *file_of(const struct source *source, const char *variable, const char *name)
{
    const char *path = get(source, variable), *home = get(source, "HOME");
    if (path && (path[0] != '~' || path[1] != '/'))
        return esc_strdup(path);
    if (!home)
        return NULL;
    return path ? esc_path_join(home, path + 2) : esc_sprintf("%s/.aws/%s", home, name);
}

/* @source Container credential provider, AWS SDKs and Tools reference: the relative one wins */
static char *container_uri_of(const struct source *source)
{
    const char *relative = get(source, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    if (relative)
        return esc_sprintf("http://169.254.170.2%s", relative);
    return esc_strdup_null(get(source, "AWS_CONTAINER_CREDENTIALS_FULL_URI"));
}

/* What a program that brings credentials may need: where things are, and no credential. */
static void add_process_variables(const struct source *source, struct esc_list *out)
{
    static const char *const names[] = {"PATH",
                                        "HOME",
                                        "USER",
                                        "LOGNAME",
                                        "LANG",
                                        "XDG_RUNTIME_DIR",
                                        "DBUS_SESSION_BUS_ADDRESS",
                                        "SSH_AUTH_SOCK",
                                        "AWS_CONFIG_FILE",
                                        "AWS_SHARED_CREDENTIALS_FILE",
                                        "AWS_CA_BUNDLE",
                                        "HTTPS_PROXY",
                                        "https_proxy",
                                        "HTTP_PROXY",
                                        "http_proxy",
                                        "NO_PROXY",
                                        "no_proxy"};
    esc_list_init(out, free);
    for (size_t i = 0; i < ESC_COUNT(names); i++)
        if (get(source, names[i]))
            esc_list_push(out, esc_sprintf("%s=%s", names[i], get(source, names[i])));
}

/* Where keys come from when nobody wrote any down. */
static void read_sources(const struct source *source, struct esc_aws_environment *environment)
{
    const char *token = get(source, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
    environment->web_identity_file = esc_strdup_null(get(source, "AWS_WEB_IDENTITY_TOKEN_FILE"));
    environment->web_identity_role = esc_strdup_null(get(source, "AWS_ROLE_ARN"));
    environment->role_session_name = esc_strdup_null(get(source, "AWS_ROLE_SESSION_NAME"));
    environment->container_uri = container_uri_of(source);
    environment->container_file =
        esc_strdup_null(get(source, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"));
    environment->container_token = token ? esc_secret_of_text(token) : NULL;
    environment->metadata_endpoint =
        esc_strdup_null(get(source, "AWS_EC2_METADATA_SERVICE_ENDPOINT"));
    environment->sso_endpoint = esc_strdup_null(get(source, "AWS_ENDPOINT_URL_SSO"));
    environment->oidc_endpoint = esc_strdup_null(get(source, "AWS_ENDPOINT_URL_SSO_OIDC"));
    environment->sts_endpoint = esc_strdup_null(get(source, "AWS_ENDPOINT_URL_STS"));
    const char *disabled = get(source, "AWS_EC2_METADATA_DISABLED");
    environment->metadata_disabled =
        disabled && esc_str_equal_nocase(esc_str_of(disabled), ESC_STR("true"));
    add_process_variables(source, &environment->process_variables);
}

struct esc_aws_environment *
esc_aws_environment_new(const char *(*ask)(void *context, const char *name), void *context)
{
    const struct source source = {ask, context};
    struct esc_aws_environment *environment = esc_alloc_zero(sizeof *environment);
    const char *id = get(&source, "AWS_ACCESS_KEY_ID");
    const char *secret = get(&source, "AWS_SECRET_ACCESS_KEY");
    if (id && secret)
        environment->credentials =
            esc_credentials_new(id, secret, get(&source, "AWS_SESSION_TOKEN"), 0);
    environment->profile = first_of(&source, "AWS_PROFILE", "AWS_DEFAULT_PROFILE");
    environment->region = first_of(&source, "AWS_REGION", "AWS_DEFAULT_REGION");
    environment->config_file = file_of(&source, "AWS_CONFIG_FILE", "config");
    environment->credentials_file = file_of(&source, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
    environment->ca_bundle = esc_strdup_null(get(&source, "AWS_CA_BUNDLE"));
    environment->https_proxy = first_of(&source, "HTTPS_PROXY", "https_proxy");
    environment->http_proxy = first_of(&source, "HTTP_PROXY", "http_proxy");
    environment->no_proxy = first_of(&source, "NO_PROXY", "no_proxy");
    environment->home = esc_strdup_null(get(&source, "HOME"));
    read_sources(&source, environment);
    return environment;
}

static const char *ask_process(void *, const char *name)
{
    return esc_env(name);
}

struct esc_aws_environment *esc_aws_environment_of_process(void)
{
    return esc_aws_environment_new(ask_process, NULL);
}

void esc_aws_environment_forget(void)
{
    esc_env_forget("AWS_ACCESS_KEY_ID");
    esc_env_forget("AWS_SECRET_ACCESS_KEY");
    esc_env_forget("AWS_SESSION_TOKEN");
    esc_env_forget("AWS_CONTAINER_AUTHORIZATION_TOKEN");
}

void esc_aws_environment_free(struct esc_aws_environment *environment)
{
    if (!environment)
        return;
    esc_credentials_free(environment->credentials);
    free(environment->profile);
    free(environment->region);
    free(environment->config_file);
    free(environment->credentials_file);
    free(environment->ca_bundle);
    free(environment->https_proxy);
    free(environment->http_proxy);
    free(environment->no_proxy);
    free(environment->home);
    free(environment->web_identity_file);
    free(environment->web_identity_role);
    free(environment->role_session_name);
    free(environment->container_uri);
    free(environment->container_file);
    esc_secret_free(environment->container_token);
    free(environment->metadata_endpoint);
    free(environment->sso_endpoint);
    free(environment->oidc_endpoint);
    free(environment->sts_endpoint);
    esc_list_done(&environment->process_variables);
    free(environment->asker);
    free(environment);
}

static void copy_sources(const struct esc_aws_environment *from, struct esc_aws_environment *to)
{
    to->web_identity_file = esc_strdup_null(from->web_identity_file);
    to->web_identity_role = esc_strdup_null(from->web_identity_role);
    to->role_session_name = esc_strdup_null(from->role_session_name);
    to->container_uri = esc_strdup_null(from->container_uri);
    to->container_file = esc_strdup_null(from->container_file);
    to->container_token = esc_secret_copy(from->container_token);
    to->metadata_endpoint = esc_strdup_null(from->metadata_endpoint);
    to->metadata_disabled = from->metadata_disabled;
    to->sso_endpoint = esc_strdup_null(from->sso_endpoint);
    to->oidc_endpoint = esc_strdup_null(from->oidc_endpoint);
    to->sts_endpoint = esc_strdup_null(from->sts_endpoint);
    for (size_t i = 0; i < from->process_variables.count; i++)
        esc_list_push(&to->process_variables, esc_strdup(from->process_variables.items[i]));
    to->asker = esc_strdup_null(from->asker);
}

struct esc_aws_environment *esc_aws_environment_copy(const struct esc_aws_environment *environment)
{
    struct esc_aws_environment *copy = esc_alloc_zero(sizeof *copy);
    esc_list_init(&copy->process_variables, free);
    if (!environment)
        return copy;
    copy->credentials = esc_credentials_copy(environment->credentials);
    copy->profile = esc_strdup_null(environment->profile);
    copy->region = esc_strdup_null(environment->region);
    copy->config_file = esc_strdup_null(environment->config_file);
    copy->credentials_file = esc_strdup_null(environment->credentials_file);
    copy->ca_bundle = esc_strdup_null(environment->ca_bundle);
    copy->https_proxy = esc_strdup_null(environment->https_proxy);
    copy->http_proxy = esc_strdup_null(environment->http_proxy);
    copy->no_proxy = esc_strdup_null(environment->no_proxy);
    copy->home = esc_strdup_null(environment->home);
    copy_sources(environment, copy);
    return copy;
}

struct esc_http_way esc_aws_environment_way(const struct esc_aws_environment *environment)
{
    if (!environment)
        return (struct esc_http_way){0};
    return (struct esc_http_way){environment->ca_bundle, environment->http_proxy,
                                 environment->https_proxy, environment->no_proxy};
}
