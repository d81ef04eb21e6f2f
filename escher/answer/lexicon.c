/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/answer/lexicon.h"

#include <string.h>

#include "escher/base/attr.h"

struct entry {
    const char *phrase;
    enum word_class class;
    unsigned value;
};

/* One row a meaning; phrases that share it are separated by '|'. */
static const struct entry entries[] = {
    {"please|pls|plz|kindly|thanks|thank you|thx|thank you very much|many thanks|cheers|"
     "hi|hello|hey|hi there|hello there|hey there|dear|escher|ok|okay|well|so|alright|"
     "right now|now|immediately|right away|straight away|at once|asap|as soon as possible|"
     "for me|for us|again|just|simply|go ahead and|go ahead|go and|up again|"
     "please and thank you|thanks in advance|thank you in advance|thanks a lot|thanks so much|"
     "if you please|if you could|if possible|good morning|good evening|good afternoon",
     WORD_POLITE, 0},
    {"can you|could you|would you|will you|can you please|could you please|would you please|"
     "will you please|would you mind|do you mind|could you maybe|would you kindly|"
     "could you kindly|can you kindly|i want you to|i need you to|i would like you to|i ask you to|"
     "i want to|i need to|i would like to|i would love to|we want to|we need to|we would like to|"
     "i have to|we have to|let us|lets|help me|help me to|help us|help us to|"
     "i would like|i want|i need|we need|we want|we would like|you need to|your task is to|"
     "time to|it is time to",
     WORD_ASK, 0},
    {"the|a|an|this|that|my|our|your|its|their|one|said|same", WORD_ARTICLE, 0},
    {"in|on|at|from|within|inside|under|of|for|over in|running in|located in|living in|which "
     "is|that is|which is in|that is in|"
     "it is in|which runs in|that runs in|which lives in|that lives in|belonging to|residing in",
     WORD_IN, 0},
    {"of|on|for|from|in|to|at|inside", WORD_OF, 0},
    {"to|at|as|be|=", WORD_TO, 0},
    {"with|including|along with|together with|plus|using|keeping|leaving|retaining|saving",
     WORD_WITH, 0},
    {"without|no|with no|without taking|without making|without creating|without keeping|skip|"
     "skipping|not taking",
     WORD_WITHOUT, 0},
    {"and|&|also|and also|as well as|plus|but|but also", WORD_AND, 0},
    {"then|and then|afterwards|after that|and after that|next|and afterwards|followed by|"
     "subsequently|finally|and finally",
     WORD_THEN, 0},
    {"first|beforehand|before that|to begin with|first of all|firstly|upfront|up front|"
     "before doing so|before you do|first though",
     WORD_FIRST, 0},
    {"before|prior to|ahead of", WORD_BEFORE, 0},
    {"after|once|following", WORD_AFTER, 0},
    {"not|no|never|none|nothing|nobody|neither|nor|without|except|excluding|besides|avoid|refrain|"
     "instead|rather|cannot|dont|cant|wont|shouldnt|mustnt|hardly|no longer|other than|"
     "apart from|aside from|leave alone|hands off|but not|anything but",
     WORD_NOT, 0},
    {"if|when|whenever|unless|until|till|while|whilst|provided|providing|assuming|in case|"
     "as soon as|as long as|only if|once|after|before|because|since|depending|whether|else|"
     "otherwise|should there|given that|in the event|during|upon",
     WORD_IF, 0},
    {"tomorrow|tonight|today|yesterday|later|soon|eventually|sometime|someday|next|last|"
     "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mondays|tuesdays|wednesdays|"
     "thursdays|fridays|saturdays|sundays|weekend|weekends|weekday|weekdays|week|weeks|month|"
     "months|year|years|day|days|hour|hours|minute|minutes|second|seconds|morning|mornings|"
     "afternoon|evening|evenings|night|nights|noon|midnight|daily|weekly|monthly|nightly|hourly|"
     "yearly|every|always|regularly|periodically|automatically|schedule|scheduled|temporarily|"
     "o'clock|am|pm|utc|gmt|cet|est|pst|min|mins|hrs|hr|sec|secs|ago|already|yet|still|"
     "overnight|recurring|occasionally|sometimes|twice|shortly|in a bit|in a while|end of day|eod|"
     "january|february|march|april|june|july|august|september|october|november|december|"
     "christmas|holiday|holidays|vacation|forever|permanently|long|delay|delayed|postpone|wait|"
     "deadline|duration|timer|cron",
     WORD_TIME, 0},
    {"how|what|why|where|which|who|whose|whom|how come|how about|what about", WORD_WH, 0},
    {"is|are|was|were|am|be|been|being|do|does|did|has|have|had|can|could|may|might|must|shall|"
     "should|will|would|ought|isnt|arent|doesnt|didnt|hasnt|wasnt",
     WORD_AUXILIARY, 0},
    {"i|we|me|us", WORD_SELF, 0},
    {"you", WORD_YOU, 0},
    {"it|this one|that one|this|that|this thing", WORD_IT, 0},
    {"all|every|everything|each|both|any|several|many|few|most|rest|others|other|another|everyone|"
     "whole|entire|them|these|those|they|anything|everybody|all of|each of|half|two|three|four|"
     "five|ten|dozen|multiple|various|remaining|some|someone|one of|either",
     WORD_ALL, 0},
    {"new|fresh|manual|quick|full|clean|complete|current|proper|nice", WORD_SUPPLY, 0},

    {"versioning|object versioning|bucket versioning|version control|version history|"
     "s3 versioning|versioning of objects|object version history",
     WORD_OBJECT, OBJECT_VERSIONING},
    {"public access|all public access|any public access|public reads|public read access|"
     "public exposure|access from the public|access by the public|the public|public visibility|"
     "all access from the public|anonymous access|all anonymous access|"
     "public and anonymous access",
     WORD_OBJECT, OBJECT_PUBLIC_ACCESS},
    {"public access block|block public access|block all public access|public access blocking|"
     "public access blocks|the public access block|s3 block public access|"
     "block public access setting|block public access settings|public access block settings|"
     "public access block configuration|bucket public access block",
     WORD_OBJECT, OBJECT_ACCESS_BLOCK},
    {"memory|memory size|memory limit|memory allocation|memory setting|memory configuration|ram|"
     "mem|memory amount|amount of memory|amount of ram|allocated memory|configured memory|"
     "memory capacity",
     WORD_OBJECT, OBJECT_MEMORY},
    {"private|nonpublic|non public|not publicly accessible|inaccessible to the public", WORD_OBJECT,
     OBJECT_PRIVATE},
    {"public|open to the public|world readable|publicly readable|publicly available|"
     "publicly accessible",
     WORD_OBJECT, OBJECT_PUBLIC},
    {"deletion protection|termination protection|encryption|server side encryption|logging|"
     "access logging|timeout|concurrency|reserved concurrency|instance type|instance class|"
     "instance size|size|storage|disk size|iops|throughput|automatic backups|automated backups|"
     "backup retention|retention|tag|tags|policy|bucket policy|lifecycle|lifecycle rule|"
     "lifecycle policy|replication|monitoring|enhanced monitoring|performance insights|password|"
     "port|description|environment variable|environment variables|runtime|handler|code|alarm|"
     "role|iam role|permission|permissions|parameter group|maintenance window|backup window|"
     "read replica|replica|cpu|vcpu|rule|rules|inbound rule|outbound rule|ingress|egress|"
     "static website hosting|website|cors|acl|auto scaling|autoscaling|capacity|engine version|"
     "minor version upgrade|certificate|key|keys|secret|credentials",
     WORD_OBJECT, OBJECT_OTHER},

    {"on|enabled|active|activated", WORD_ON, 0},
    {"off|disabled|inactive|suspended|deactivated", WORD_OFF, 0},
    {"account|aws account|region|aws region|environment|env|stage|cloud account", WORD_PLACE, 0},
    {"named|called|with id|with the id|with name|with the name|id|name|identifier|arn|with arn|"
     "with the arn|with identifier|with the identifier|by the name of|known as|labelled|labeled|"
     "instance id|bucket name|function name|aws|amazon|resource",
     WORD_NAMING, 0},
    {"mb|mib|megabyte|megabytes|meg|megs|gb|gib|gigabyte|gigabytes|gig|gigs", WORD_UNIT, 0},
    {"postgres|postgresql|pg|mysql|mariadb|oracle|sqlserver|sql server|aurora|mssql", WORD_ENGINE,
     0},

    {"show|show me|describe|display|view|get|get me|fetch|see|print|inspect|look at|look up|tell|"
     "tell me|tell me about|explain|explain to me|check|check on|find|find me|search|search for|"
     "list|list all|give me|what about|details|details of|details on|info|info on|"
     "information about|information on|enumerate|read|report|summarize|summarise|i want to see|"
     "i would like to see|let me see|bring me|look for|locate|pull up|dump|query|examine|"
     "review|identify|know|know how|know whether|know if|know about|find out|understand|learn|"
     "wonder|wondering",
     WORD_READ, 0},
    {"how many|count|number of|the number of|count of|total number of", WORD_COUNT, 0},
    {"safe|ok|okay|fine|wise|advisable|recommended|dangerous|risky|good idea|a good idea|"
     "bad idea|a problem|harmful|risk|risks|danger|consequences|consequence|impact|effect|effects|"
     "side effects",
     WORD_SAFE, 0},
    {"allowed|possible|permitted|able|permission|permissions|authorized|authorised|rights|"
     "privileges|entitled|can i|could i|may i|can we|could we|may we|am i able",
     WORD_MAY, 0},
    {"what if|what happens|what would happen|what will happen|what breaks|what would break|"
     "what will break|what is affected|what would be affected|what depends|what does it affect|"
     "what is the impact|what is the effect|what are the consequences|what happens if|"
     "what happens when",
     WORD_WHAT_IF, 0},

    {"state|status|running|up|down|stopped|available|alive|health|healthy|online|offline|started|"
     "active",
     WORD_ASPECT, ASPECT_STATE},
    {"region|where|location|located", WORD_ASPECT, ASPECT_REGION},
    {"account|aws account", WORD_ASPECT, ASPECT_ACCOUNT},
    {"environment|env|stage", WORD_ASPECT, ASPECT_ENVIRONMENT},
    {"type|kind|sort|service", WORD_ASPECT, ASPECT_TYPE},
    {"arn", WORD_ASPECT, ASPECT_ARN},
    {"id|identifier", WORD_ASPECT, ASPECT_ID},
    {"tag|tags|label|labels|owner|team|owns", WORD_ASPECT, ASPECT_TAGS},
    {"engine|database engine", WORD_ASPECT, ASPECT_ENGINE},
    {"version|engine version|runtime", WORD_ASPECT, ASPECT_VERSION},
    {"size|instance type|instance class|instance size|class", WORD_ASPECT, ASPECT_SIZE},
    {"memory|ram|memory size", WORD_ASPECT, ASPECT_MEMORY},
    {"backup|backups|backed up|snapshots", WORD_ASPECT, ASPECT_BACKUPS},
    {"permission|permissions|actions|allowed actions|what can i do|what can be done|rights",
     WORD_ASPECT, ASPECT_PERMISSIONS},
    {"details|detail|facts|info|information|configuration|config|settings|properties|attributes|"
     "overview|summary|metadata|everything about|about",
     WORD_ASPECT, ASPECT_ALL},

    {"hello|hi|hey|yes|no|yep|yeah|nope|sure|ok|okay|thanks|thank you|bye|goodbye|do it|confirm|"
     "approve|approved|go|proceed|continue|great|good|cool|nice|perfect|test|help|y|n|accept|"
     "i agree|agreed|sounds good|go for it|lgtm",
     WORD_CHAT, 0},
};

static const struct lexicon_verb verbs[] = {
    {"stop", VERB_STOP, true},
    {"halt", VERB_STOP, true},
    {"shut down", VERB_STOP, false},
    {"shutdown", VERB_STOP, true},
    {"power off", VERB_STOP, false},
    {"power down", VERB_STOP, false},
    {"poweroff", VERB_STOP, true},
    {"spin down", VERB_STOP, false},
    {"take offline", VERB_STOP, false},
    {"pause", VERB_STOP, false},

    {"start", VERB_START, true},
    {"start up", VERB_START, false},
    {"boot", VERB_START, false},
    {"boot up", VERB_START, false},
    {"power on", VERB_START, false},
    {"power up", VERB_START, false},
    {"spin up", VERB_START, false},
    {"fire up", VERB_START, false},
    {"bring up", VERB_START, false},
    {"bring back up", VERB_START, false},
    {"bring online", VERB_START, false},
    {"bring back online", VERB_START, false},
    {"take online", VERB_START, false},
    {"wake up", VERB_START, false},
    {"resume", VERB_START, false},
    {"unpause", VERB_START, false},
    {"startup", VERB_START, true},

    {"reboot", VERB_REBOOT, true},
    {"restart", VERB_REBOOT, true},
    {"bounce", VERB_REBOOT, true},
    {"re boot", VERB_REBOOT, true},
    {"re start", VERB_REBOOT, true},

    {"snapshot", VERB_SNAPSHOT, true},
    {"back up", VERB_SNAPSHOT, true},
    {"backup", VERB_SNAPSHOT, true},
    {"snap", VERB_SNAPSHOT, false},

    {"turn off", VERB_OFF, false},
    {"switch off", VERB_OFF, false},
    {"shut off", VERB_OFF, false},
    {"turn on", VERB_ON, false},
    {"switch on", VERB_ON, false},
    {"flip on", VERB_ON, false},

    {"enable", VERB_ENABLE, false},
    {"activate", VERB_ENABLE, false},
    {"reenable", VERB_ENABLE, false},
    {"re enable", VERB_ENABLE, false},
    {"disable", VERB_DISABLE, false},
    {"deactivate", VERB_DISABLE, false},
    {"suspend", VERB_DISABLE, false},

    {"block", VERB_BLOCK, false},
    {"forbid", VERB_BLOCK, false},
    {"prevent", VERB_BLOCK, false},
    {"deny", VERB_BLOCK, false},
    {"disallow", VERB_BLOCK, false},
    {"prohibit", VERB_BLOCK, false},
    {"cut off", VERB_BLOCK, false},
    {"close off", VERB_BLOCK, false},
    {"restrict", VERB_BLOCK, false},
    {"ban", VERB_BLOCK, false},
    {"allow", VERB_ALLOW, false},
    {"permit", VERB_ALLOW, false},
    {"unblock", VERB_ALLOW, false},
    {"grant", VERB_ALLOW, false},
    {"open", VERB_ALLOW, false},
    {"open up", VERB_ALLOW, false},
    {"expose", VERB_ALLOW, false},

    {"make", VERB_MAKE, false},
    {"give", VERB_GIVE, false},
    {"set", VERB_SET, false},
    {"change", VERB_SET, false},
    {"update", VERB_SET, false},
    {"adjust", VERB_SET, false},
    {"modify", VERB_SET, false},
    {"configure", VERB_SET, false},
    {"edit", VERB_SET, false},
    {"alter", VERB_SET, false},
    {"put", VERB_SET, false},
    {"reconfigure", VERB_SET, false},
    {"allocate", VERB_SET, false},
    {"assign", VERB_SET, false},
    {"apply", VERB_SET, false},
    {"tune", VERB_SET, false},
    {"increase", VERB_RAISE, false},
    {"raise", VERB_RAISE, false},
    {"bump", VERB_RAISE, false},
    {"bump up", VERB_RAISE, false},
    {"boost", VERB_RAISE, false},
    {"grow", VERB_RAISE, false},
    {"expand", VERB_RAISE, false},
    {"up", VERB_RAISE, false},
    {"decrease", VERB_LOWER, false},
    {"reduce", VERB_LOWER, false},
    {"lower", VERB_LOWER, false},
    {"shrink", VERB_LOWER, false},
    {"cut down", VERB_LOWER, false},
    {"bring down", VERB_VAGUE, false},
    {"keep", VERB_KEEP, false},
    {"save", VERB_KEEP, false},
    {"retain", VERB_KEEP, false},

    {"delete", VERB_DELETE, false},
    {"remove", VERB_DELETE, false},
    {"destroy", VERB_DELETE, false},
    {"terminate", VERB_DELETE, false},
    {"erase", VERB_DELETE, false},
    {"wipe", VERB_DELETE, false},
    {"purge", VERB_DELETE, false},
    {"nuke", VERB_DELETE, false},
    {"drop", VERB_DELETE, false},
    {"get rid of", VERB_DELETE, false},
    {"tear down", VERB_DELETE, false},
    {"decommission", VERB_DELETE, false},
    {"deprovision", VERB_DELETE, false},
    {"scrap", VERB_DELETE, false},
    {"obliterate", VERB_DELETE, false},
    {"throw away", VERB_DELETE, false},
    {"clean up", VERB_DELETE, false},
    {"empty", VERB_DELETE, false},

    {"create", VERB_CREATE, false},
    {"launch", VERB_CREATE, false},
    {"provision", VERB_CREATE, false},
    {"spawn", VERB_CREATE, false},
    {"add", VERB_CREATE, false},
    {"set up", VERB_CREATE, false},
    {"build", VERB_CREATE, false},
    {"deploy", VERB_CREATE, false},

    {"kill", VERB_VAGUE, false},
    {"hibernate", VERB_VAGUE, false},
    {"reset", VERB_VAGUE, false},
    {"power cycle", VERB_VAGUE, false},
    {"recycle", VERB_VAGUE, false},
    {"cycle", VERB_VAGUE, false},
    {"freeze", VERB_VAGUE, false},
    {"take down", VERB_VAGUE, false},
    {"retire", VERB_VAGUE, false},
    {"archive", VERB_VAGUE, false},
    {"park", VERB_VAGUE, false},
    {"fix", VERB_VAGUE, false},
    {"toggle", VERB_VAGUE, false},
    {"lock", VERB_VAGUE, false},
    {"lock down", VERB_VAGUE, false},
    {"secure", VERB_VAGUE, false},
    {"protect", VERB_VAGUE, false},
    {"disconnect", VERB_VAGUE, false},
    {"kick", VERB_VAGUE, false},
    {"refresh", VERB_VAGUE, false},
    {"reload", VERB_VAGUE, false},
    {"reinitialize", VERB_VAGUE, false},
    {"bring back", VERB_VAGUE, false},
    {"close", VERB_VAGUE, false},

    {"attach", VERB_OTHER, false},
    {"detach", VERB_OTHER, false},
    {"mount", VERB_OTHER, false},
    {"unmount", VERB_OTHER, false},
    {"move", VERB_OTHER, false},
    {"migrate", VERB_OTHER, false},
    {"copy", VERB_OTHER, false},
    {"clone", VERB_OTHER, false},
    {"duplicate", VERB_OTHER, false},
    {"rename", VERB_OTHER, false},
    {"tag", VERB_OTHER, false},
    {"untag", VERB_OTHER, false},
    {"label", VERB_OTHER, false},
    {"restore", VERB_OTHER, false},
    {"recover", VERB_OTHER, false},
    {"roll back", VERB_OTHER, false},
    {"rollback", VERB_OTHER, true},
    {"upgrade", VERB_RESIZE, true},
    {"downgrade", VERB_RESIZE, true},
    {"patch", VERB_OTHER, true},
    {"scale", VERB_RESIZE, false},
    {"scale up", VERB_RESIZE, false},
    {"scale down", VERB_RESIZE, false},
    {"scale out", VERB_OTHER, false},
    {"scale in", VERB_OTHER, false},
    {"resize", VERB_RESIZE, false},
    {"rotate", VERB_OTHER, false},
    {"fail over", VERB_OTHER, false},
    {"failover", VERB_OTHER, true},
    {"promote", VERB_OTHER, false},
    {"publish", VERB_OTHER, false},
    {"invoke", VERB_OTHER, false},
    {"run", VERB_OTHER, false},
    {"execute", VERB_OTHER, false},
    {"encrypt", VERB_OTHER, false},
    {"decrypt", VERB_OTHER, false},
    {"share", VERB_OTHER, false},
    {"unshare", VERB_OTHER, false},
    {"associate", VERB_OTHER, false},
    {"disassociate", VERB_OTHER, false},
    {"connect", VERB_OTHER, false},
    {"upload", VERB_OTHER, false},
    {"download", VERB_OTHER, false},
    {"sync", VERB_OTHER, false},
    {"replicate", VERB_OTHER, false},
    {"unprotect", VERB_OTHER, false},
    {"monitor", VERB_OTHER, false},
    {"export", VERB_OTHER, false},
    {"import", VERB_OTHER, false},
    {"drain", VERB_OTHER, false},
    {"register", VERB_OTHER, false},
    {"deregister", VERB_OTHER, false},
    {"release", VERB_OTHER, false},
    {"authorize", VERB_OTHER, false},
    {"revoke", VERB_OTHER, false},
    {"cancel", VERB_OTHER, false},
    {"abort", VERB_OTHER, false},
    {"undo", VERB_OTHER, false},
    {"revert", VERB_OTHER, false},
    {"test", VERB_OTHER, false},
    {"replace", VERB_OTHER, false},
    {"rebuild", VERB_OTHER, false},
    {"reinstall", VERB_OTHER, false},
    {"install", VERB_OTHER, false},
    {"uninstall", VERB_OTHER, false},
    {"send", VERB_OTHER, false},
    {"write", VERB_OTHER, false},
    {"trigger", VERB_OTHER, false},
    {"double", VERB_OTHER, false},
    {"halve", VERB_OTHER, false},
    {"extend", VERB_RESIZE, false},
    {"convert", VERB_OTHER, false},
    {"split", VERB_OTHER, false},
    {"merge", VERB_OTHER, false},
    {"swap", VERB_OTHER, false},
    {"switch", VERB_OTHER, false},
    {"turn", VERB_OTHER, false},
    {"optimize", VERB_OTHER, false},
    {"leave", VERB_VAGUE, false},
    {"ignore", VERB_VAGUE, false},
    {"forget", VERB_VAGUE, false},
    {"ensure", VERB_VAGUE, false},
    {"verify", VERB_VAGUE, false},
    {"try", VERB_VAGUE, false},
    {"approve", VERB_VAGUE, false},
    {"confirm", VERB_VAGUE, false},
    {"schedule", VERB_OTHER, false},
    {"plan", VERB_OTHER, false},
};

/* ---- phrases ---- */

/* How many words of the sentence from @p at are @p phrase, which ends at '|' or its end. */
static size_t phrase_len(const struct lexicon_words *words, size_t at, struct esc_str phrase)
{
    struct esc_str word;
    size_t count = 0;
    while (phrase.len > 0 && esc_str_next(&phrase, ' ', &word)) {
        if (!esc_str_equal(words->at(words->context, at + count), word))
            return 0;
        count++;
    }
    return count;
}

size_t lexicon_match(const struct lexicon_words *words, size_t at, enum word_class class,
                     unsigned *value)
{
    size_t longest = 0;
    if (words->at(words->context, at).len == 0)
        return 0;
    for (size_t i = 0; i < ESC_COUNT(entries); i++) {
        if (entries[i].class != class)
            continue;
        struct esc_str rest = esc_str_of(entries[i].phrase), phrase;
        while (rest.len > 0 && esc_str_next(&rest, '|', &phrase)) {
            size_t len = phrase_len(words, at, phrase);
            if (len <= longest)
                continue;
            longest = len;
            if (value)
                *value = entries[i].value;
        }
    }
    return longest;
}

bool lexicon_has(struct esc_str text)
{
    for (size_t i = 0; i < ESC_COUNT(entries); i++) {
        struct esc_str rest = esc_str_of(entries[i].phrase), phrase;
        while (rest.len > 0 && esc_str_next(&rest, '|', &phrase))
            if (esc_str_equal(phrase, text))
                return true;
    }
    for (size_t i = 0; i < ESC_COUNT(verbs); i++)
        if (esc_str_is(text, verbs[i].phrase))
            return true;
    return false;
}

/* ---- forms of verbs ---- */

static const struct {
    const char *base, *past, *participle;
} irregular[] = {
    {"shut", "shut", "shut"},
    {"take", "took", "taken"},
    {"bring", "brought", "brought"},
    {"make", "made", "made"},
    {"give", "gave", "given"},
    {"set", "set", "set"},
    {"put", "put", "put"},
    {"get", "got", "gotten"},
    {"cut", "cut", "cut"},
    {"run", "ran", "run"},
    {"spin", "spun", "spun"},
    {"tear", "tore", "torn"},
    {"throw", "threw", "thrown"},
    {"keep", "kept", "kept"},
    {"wake", "woke", "woken"},
    {"grow", "grew", "grown"},
    {"do", "did", "done"},
    {"begin", "began", "begun"},
    {"forbid", "forbade", "forbidden"},
    {"build", "built", "built"},
    {"leave", "left", "left"},
    {"shrink", "shrank", "shrunk"},
    {"freeze", "froze", "frozen"},
    {"reset", "reset", "reset"},
    {"undo", "undid", "undone"},
    {"forget", "forgot", "forgotten"},
    {"send", "sent", "sent"},
    {"write", "wrote", "written"},
    {"split", "split", "split"},
};

/* stem + ending, where the ending may change the stem as English does: stop → stopp, take → tak. */
static bool is_made_of(struct esc_str word, struct esc_str base, struct esc_str ending)
{
    if (!esc_str_ends_with(word, ending))
        return false;
    struct esc_str stem = esc_str_slice(word, 0, word.len - ending.len);
    char last = base.ptr[base.len - 1];
    if (esc_str_equal(stem, base))
        return last != 'e';
    bool doubled = stem.len == base.len + 1 && stem.ptr[stem.len - 1] == last &&
                   esc_str_equal(esc_str_slice(stem, 0, base.len), base) &&
                   !strchr("aeiouwxyh", last);
    bool without_e = last == 'e' && esc_str_equal(stem, esc_str_slice(base, 0, base.len - 1));
    return doubled || without_e;
}

static bool is_third(struct esc_str word, struct esc_str base)
{
    if (!esc_str_ends_with(word, ESC_STR("s")))
        return false;
    struct esc_str stem = esc_str_slice(word, 0, word.len - 1);
    if (esc_str_equal(stem, base))
        return true;
    if (!esc_str_ends_with(word, ESC_STR("es")))
        return false;
    stem = esc_str_slice(word, 0, word.len - 2);
    if (esc_str_equal(stem, base))
        return true;
    return esc_str_ends_with(stem, ESC_STR("i")) && esc_str_ends_with(base, ESC_STR("y")) &&
           esc_str_equal(esc_str_slice(stem, 0, stem.len - 1),
                         esc_str_slice(base, 0, base.len - 1));
}

static bool is_regular_past(struct esc_str word, struct esc_str base)
{
    if (is_made_of(word, base, ESC_STR("ed")))
        return true;
    return esc_str_ends_with(base, ESC_STR("y")) && esc_str_ends_with(word, ESC_STR("ied")) &&
           esc_str_equal(esc_str_slice(word, 0, word.len - 3),
                         esc_str_slice(base, 0, base.len - 1));
}

enum verb_form verb_form_of(struct esc_str word, struct esc_str base)
{
    if (esc_str_equal(word, base))
        return FORM_BASE;
    if (word.len < base.len || word.ptr[0] != base.ptr[0])
        return FORM_NONE; /* no irregular one is shorter or starts with another letter */
    for (size_t i = 0; i < ESC_COUNT(irregular); i++)
        if (esc_str_is(base, irregular[i].base) &&
            (esc_str_is(word, irregular[i].past) || esc_str_is(word, irregular[i].participle)))
            return FORM_PAST;
    if (is_third(word, base))
        return FORM_THIRD;
    if (is_made_of(word, base, ESC_STR("ing")))
        return FORM_ING;
    return is_regular_past(word, base) ? FORM_PAST : FORM_NONE;
}

/* ---- verbs ---- */

/* Verbs that say little by themselves: the noun after them says what to do. */
static const char *const lights[] = {
    "do",      "perform", "make",      "take",     "create", "give",  "run",  "trigger", "initiate",
    "issue",   "execute", "carry out", "kick off", "start",  "begin", "grab", "get",     "launch",
    "request", "produce", "capture",   "conduct",  "order",  "keep",  "save", "retain"};

static void first_and_rest(const char *phrase, struct esc_str *first, struct esc_str *rest)
{
    *rest = esc_str_of(phrase);
    size_t space = esc_str_find(*rest, ESC_STR(" "), 0);
    *first = esc_str_slice(*rest, 0, space);
    *rest = space == SIZE_MAX ? ESC_STR("") : esc_str_slice(*rest, space + 1, rest->len);
}

size_t lexicon_light(const struct lexicon_words *words, size_t at, const char **light,
                     enum verb_form *form)
{
    for (size_t i = 0; i < ESC_COUNT(lights); i++) {
        struct esc_str first, rest, word = words->at(words->context, at);
        first_and_rest(lights[i], &first, &rest);
        enum verb_form is = word.len > 0 ? verb_form_of(word, first) : FORM_NONE;
        size_t tail = rest.len > 0 ? phrase_len(words, at + 1, rest) : 0;
        if (is == FORM_NONE || (rest.len > 0 && tail == 0))
            continue;
        *light = lights[i];
        *form = is;
        return tail + 1;
    }
    return 0;
}

size_t lexicon_verb(const struct lexicon_words *words, size_t at, const struct lexicon_verb **verb,
                    enum verb_form *form)
{
    size_t longest = 0;
    for (size_t i = 0; i < ESC_COUNT(verbs); i++) {
        struct esc_str first, rest, word = words->at(words->context, at);
        first_and_rest(verbs[i].phrase, &first, &rest);
        enum verb_form is = word.len > 0 ? verb_form_of(word, first) : FORM_NONE;
        if (is == FORM_NONE)
            continue;
        size_t tail = rest.len > 0 ? phrase_len(words, at + 1, rest) : 0;
        if ((rest.len > 0 && tail == 0) || tail + 1 <= longest)
            continue;
        longest = tail + 1;
        *verb = &verbs[i];
        *form = is;
    }
    return longest;
}

const struct lexicon_verb *lexicon_split_verb(const struct lexicon_words *words, size_t at,
                                              size_t particle, enum verb_form *form, size_t *len)
{
    const struct lexicon_verb *found = NULL;
    *len = 0;
    for (size_t i = 0; i < ESC_COUNT(verbs); i++) {
        struct esc_str first, rest, word = words->at(words->context, at);
        first_and_rest(verbs[i].phrase, &first, &rest);
        enum verb_form is = word.len > 0 && rest.len > 0 ? verb_form_of(word, first) : FORM_NONE;
        size_t tail = is != FORM_NONE ? phrase_len(words, particle, rest) : 0;
        if (tail <= *len)
            continue;
        *len = tail;
        *form = is;
        found = &verbs[i];
    }
    return found;
}

bool lexicon_begins_verb(const struct lexicon_words *words, size_t at)
{
    struct esc_str word = words->at(words->context, at);
    for (size_t i = 0; word.len > 0 && i < ESC_COUNT(verbs); i++) {
        struct esc_str first, rest;
        first_and_rest(verbs[i].phrase, &first, &rest);
        if (esc_str_equal(word, first))
            return true;
    }
    return false;
}
