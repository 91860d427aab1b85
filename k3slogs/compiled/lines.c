/* Lines that are alike are found by a hash, and told by their bytes. Compiled once, when k3slogs is installed; see build.py and __init__.py,
   which owns all memory.

   Hashes are keyed, since whoever writes a log might choose lines that share one. */

#include <stdint.h>
#include <string.h>

const char k3slogs_source[] = SOURCE; /* what this file was when it was compiled: SHA-256 in hexadecimal */

typedef struct {
    uint64_t hash; /* 0: free */
    int64_t group;
} slot;

static uint64_t word(const uint8_t *at) {
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static uint64_t folded(uint64_t one, uint64_t other) {
    unsigned __int128 product = (unsigned __int128)one * other;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hashed(uint64_t hash, const uint8_t *text, size_t size, const uint64_t *key) {
    uint64_t rest[2] = {0, 0};
    size_t at = 0;
    for (; size - at >= sizeof rest; at += sizeof rest)
        hash = folded(word(text + at) ^ key[1], word(text + at + 8) ^ hash);
    memcpy(rest, text + at, size - at);
    return folded(rest[0] ^ key[1] ^ size, rest[1] ^ hash);
}

/* How many newlines there are, counted in parts that a byte can count. */
int64_t k3slogs_newlines(const uint8_t *text, int64_t size) {
    int64_t found = 0;
    for (const uint8_t *end = text + size; text < end;) {
        const uint8_t *stop = end - text < UINT8_MAX ? end : text + UINT8_MAX;
        uint8_t some = 0;
        for (; text < stop; text++)
            some = (uint8_t)(some + (*text == '\n'));
        found += some;
    }
    return found;
}

/* Every digit a 0. */
static void mask(uint8_t *to, const uint8_t *from, size_t size) {
    for (size_t at = 0; at < size; at++)
        to[at] = (uint8_t)(from[at] - '0') < 10 ? '0' : from[at];
}

/* Of the lines in text[begin, end) where each begins and ends, without its newline, and which shape it has. Shapes that are not known yet are
   added behind the known ones: `texts` holds each with a newline behind it, shape i from cuts[i] to cuts[i + 1], and `*count` says how many
   there are. There is room for `most` shapes of `room` bytes in all, for at least twice as many slots (`last` + 1, a power of two), and for
   `lines` lines. Returns how many lines there are; -1: there is too little room, and what was added stays. */
int64_t k3slogs_shapes(const uint8_t *text, int64_t begin, int64_t end, const uint64_t *key, slot *slots, int64_t last, uint8_t *texts,
                       int64_t *cuts, int64_t *count, int64_t most, int64_t room, int64_t *starts, int64_t *ends, int64_t *which,
                       int64_t lines) {
    int64_t line = 0;
    for (int64_t start = begin; start < end; line++) {
        const uint8_t *newline = memchr(text + start, '\n', (size_t)(end - start));
        int64_t stop = newline ? newline - text : end;
        size_t size = (size_t)(stop - start);
        if (line == lines || *count == most || room - cuts[*count] <= stop - start)
            return -1;
        uint8_t *shape = texts + cuts[*count];
        mask(shape, text + start, size);
        uint64_t hash = hashed(key[0], shape, size, key) | 1;
        for (uint64_t at = hash >> 8;; at++) {
            slot *here = &slots[at & (uint64_t)last];
            if (!here->hash) {
                shape[size] = '\n';
                here->hash = hash;
                here->group = (*count)++;
                cuts[*count] = cuts[here->group] + (int64_t)size + 1;
            } else if (here->hash != hash || cuts[here->group + 1] - cuts[here->group] != (int64_t)size + 1 ||
                       memcmp(texts + cuts[here->group], shape, size)) {
                continue;
            }
            which[line] = here->group;
            break;
        }
        starts[line] = start;
        ends[line] = stop;
        start = stop + 1;
    }
    return line;
}

/* Of `lines` lines that begin at text[starts[i]] the kinds: those of one layout[i] that have the same bytes in all spans of it. The spans of
   layout l are spans[cuts[l]] to spans[cuts[l + 1]], each a begin and an end within the line. `firsts` gets the first line of each kind,
   `which` the kind of each line. There are at least twice as many slots (`last` + 1, a power of two), all of them free. Returns how many
   kinds there are. */
int64_t k3slogs_kinds(const uint8_t *text, const int64_t *starts, const int64_t *layout, int64_t lines, const int64_t *cuts,
                      const int64_t (*spans)[2], const uint64_t *key, slot *slots, int64_t last, int64_t *firsts, int64_t *which) {
    int64_t kinds = 0;
    for (int64_t line = 0; line < lines; line++) {
        const uint8_t *own = text + starts[line];
        int64_t begin = cuts[layout[line]], end = cuts[layout[line] + 1];
        uint64_t hash = folded(key[0] ^ (uint64_t)layout[line], key[1]);
        for (int64_t span = begin; span < end; span++)
            hash = hashed(hash, own + spans[span][0], (size_t)(spans[span][1] - spans[span][0]), key);
        hash |= 1;
        for (uint64_t at = hash >> 8;; at++) {
            slot *here = &slots[at & (uint64_t)last];
            if (!here->hash) {
                here->hash = hash;
                here->group = kinds;
                firsts[kinds++] = line;
            } else {
                int64_t first = firsts[here->group], span = begin;
                if (here->hash != hash || layout[first] != layout[line])
                    continue;
                while (span < end && !memcmp(text + starts[first] + spans[span][0], own + spans[span][0],
                                             (size_t)(spans[span][1] - spans[span][0])))
                    span++;
                if (span < end)
                    continue;
            }
            which[line] = here->group;
            break;
        }
    }
    return kinds;
}
