/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Every ceiling in one place. Bytes unless the name says otherwise. */

enum {
    ESC_MAX_JSON = 64 * 1024 * 1024, /* one JSON document from a trusted tool */
    ESC_MAX_JSON_DEPTH = 64,
    ESC_MAX_YAML = 1024 * 1024,
    ESC_MAX_REQUEST = 256 * 1024,        /* a body sent to the planner or the core */
    ESC_MAX_RESPONSE = 16 * 1024 * 1024, /* a body received over HTTP */
    ESC_MAX_FD = 1023,                   /* a descriptor that somebody names */
    ESC_MAX_PROMPT = 8 * 1024,
    ESC_MAX_COMMAND_OUTPUT = 64 * 1024 * 1024, /* one AWS CLI call of a scan or probe */
    ESC_MAX_LOG_STREAM = 64 * 1024 * 1024,     /* one stream of a run on disk */
    ESC_MAX_LINE = 64 * 1024,
    ESC_MAX_RESOURCE = 256 * 1024, /* one escher.resource/1 document */
    ESC_MAX_NAME = 64 * 1024,
    ESC_MAX_IAM_POLICY = 1024 * 1024, /* one policy document; the cloud allows 32 KiB */
    ESC_MAX_IAM_STATEMENTS_COUNT = 10000,
    ESC_MAX_IAM_DEPTH = 8,            /* of a policy document; the grammar needs five */
    ESC_MAX_FILE = 256 * 1024 * 1024, /* any other file read whole */
    ESC_MAX_STEPS_COUNT = 100,        /* of a plan */
    ESC_MAX_TARGETS_COUNT = 10,       /* of a mutation, by default */
    ESC_BATCH_COUNT = 100,            /* resources stored in one transaction */
    ESC_APPROVAL_TTL_MS = 15 * 60 * 1000,
    ESC_APPROVAL_TTL_DESTRUCTIVE_MS = 5 * 60 * 1000,
};
