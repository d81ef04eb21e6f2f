# SPDX-License-Identifier: Apache-2.0
"""An estate of a hundred resources whose every name, tag and ARN is known: canaries."""

import json

ACCOUNT, REGION = "314159265358", "eu-central-1"

# Dictionary words on purpose: a search index or a tokenizer in clear would show these first.
NAMES = """
    lighthouse caribou payroll harvest umbrella compass lantern meadow thunder orchard pepper
    gallery blanket cathedral dolphin emerald falcon glacier hammock island jasmine kettle
    labyrinth magnolia nutmeg octopus panther quarry raccoon saffron tangerine unicorn velvet
    walrus yogurt zeppelin almond bamboo cactus daffodil eggplant feather ginger hazelnut
    icicle juniper kimono lavender mustard narwhal""".split()
TAGS = """
    accordion ballad cello drummer ensemble fiddle guitar harmonica interlude jukebox keyboard
    lullaby mandolin nocturne oboist piccolo quartet rhapsody serenade trombone ukulele
    violin waltzes xylophone yodeling""".split()


def resource(number: int) -> dict:
    """Half of the names are one dictionary word, half are made of two and a number."""
    word = NAMES[number % len(NAMES)]
    name = word if number < len(NAMES) else f"{word}-{TAGS[number % len(TAGS)]}-{number}"
    bucket = number % 3 == 0
    kind, identifier = ("s3_bucket", name) if bucket else (
        "ec2_instance", f"i-0ca7a{number:012x}")
    arn = (f"arn:aws:s3:::{name}" if bucket
           else f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{identifier}")
    return {
        "id": f"{ACCOUNT}-{REGION}-{kind}-{identifier}", "provider": "aws", "resource_type": kind,
        "identifier": identifier, "arn": arn, "name": name, "account_id": ACCOUNT,
        "account_name": "aviary", "region": REGION,
        "created_at": "2026-03-01T09:12:00Z",
        "tags": {"Name": name, f"song-{TAGS[number % len(TAGS)]}": TAGS[(number + 7) % len(TAGS)]},
        "metadata": {"instance_type": "t3.micro"} if not bucket else {},
        "constraints": {"reasons": []}, "relations": [],
    } | ({} if bucket else {"state": "running"})


def lines(count: int = 100, first: int = 0) -> str:
    return "".join(json.dumps(resource(number)) + "\n" for number in range(first, first + count))


def canaries(count: int = 100) -> set[str]:
    """What must not be found: names, identifiers, ARNs, tags, the account."""
    words = {ACCOUNT, "aviary", *TAGS}
    for one in map(resource, range(count)):
        words |= {one["name"], one["identifier"], one["arn"], *one["tags"].values(),
                  *(set(one["tags"]) - {"Name"})}
    return {word for word in words if len(word) >= 6}
