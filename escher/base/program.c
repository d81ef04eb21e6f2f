/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/program.h"

#include <elf.h>
#include <link.h>
#include <string.h>

static size_t padded(size_t size)
{
    return (size + 3) & ~(size_t)3;
}

/* A segment of notes: each a head, its name and its content, padded to four bytes.
 * @source System V ABI, chapter 5, note section */
static struct esc_str find_note(const char *notes, size_t size)
{
    ElfW(Nhdr) head;
    while (size >= sizeof head) {
        memcpy(&head, notes, sizeof head);
        const size_t content = sizeof head + padded(head.n_namesz);
        const size_t whole = content + padded(head.n_descsz);
        if (whole > size)
            break;
        if (head.n_type == NT_GNU_BUILD_ID && head.n_namesz == sizeof "GNU" &&
            memcmp(notes + sizeof head, "GNU", sizeof "GNU") == 0)
            return (struct esc_str){notes + content, head.n_descsz};
        notes += whole;
        size -= whole;
    }
    return (struct esc_str){NULL, 0};
}

/* The program itself comes first. */
static int look(struct dl_phdr_info *object, size_t, void *context)
{
    struct esc_str *found = context;
    for (size_t i = 0; i < object->dlpi_phnum && !found->len; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        if (segment->p_type == PT_NOTE)
            *found = find_note((const char *)(uintptr_t)(object->dlpi_addr + segment->p_vaddr),
                               segment->p_memsz);
    }
    return 1;
}

struct esc_str esc_program_build_id(void)
{
    struct esc_str found = {NULL, 0};
    (void)dl_iterate_phdr(look, &found); /* what look() returned */
    return found;
}
