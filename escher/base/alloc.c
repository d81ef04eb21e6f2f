/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

ESC_NORETURN static void out_of_memory(size_t size_bytes)
{
    (void)fprintf(stderr, "out of memory: %zu bytes were not to be had\n", size_bytes);
    abort();
}

void *esc_alloc(size_t size_bytes)
{
    void *memory = malloc(size_bytes ? size_bytes : 1);
    if (!memory)
        out_of_memory(size_bytes);
    return memory;
}

void *esc_alloc_zero(size_t size_bytes)
{
    return esc_alloc_array(1, size_bytes);
}

void *esc_alloc_array(size_t count, size_t size_bytes)
{
    void *memory = calloc(count ? count : 1, size_bytes ? size_bytes : 1);
    if (!memory)
        out_of_memory(size_bytes);
    return memory;
}

void *esc_realloc_array(void *old, size_t count, size_t size_bytes)
{
    if (count == 0)
        count = 1;
    void *memory = reallocarray(old, count, size_bytes);
    if (!memory)
        out_of_memory(size_bytes);
    return memory;
}

char *esc_strdup(const char *text)
{
    return esc_strndup(text, strlen(text));
}

char *esc_strndup(const char *text, size_t len)
{
    char *copy = esc_alloc(len + 1);
    if (len)
        memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *esc_strdup_null(const char *text)
{
    return text ? esc_strdup(text) : NULL;
}

char *esc_sprintf(const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    const int len = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (len < 0)
        out_of_memory(0);
    return text;
}
