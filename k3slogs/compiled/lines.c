/* Lines that are alike are found by a hash, and told by their bytes. Compiled once, when k3slogs is installed; see build.py and __init__.py,
   which owns all memory.

   Hashes are keyed, since whoever writes a log might choose lines that share one. */

#include <stdint.h>
#include <string.h>

const char k3slogs_source[] = SOURCE; /* what this file was when it was compiled: SHA-256 in hexadecimal */

/* A shape is a line with every digit a 0 and every long id zeros. */

typedef struct {
    uint64_t hash; /* 0: free */
    uint32_t group;
    uint32_t at; /* where its text begins, if it has one */
} slot;

enum {
    SOME = 16,    /* lines that are looked at together */
    SHORTEST = 8, /* the fewest digits that stand in a row in an id */
    OBJECT = 36,  /* how long an object's id is: 8-4-4-4-12 */
    PIECE = 1024  /* what is searched for ids at a time */
};

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

/* The rest is about masked text: all its digits are 0. */
static int is_hexadecimal(uint8_t letter) {
    return (letter == '0') | ((uint8_t)(letter - 'a') < 6);
}

static int is_of_word(uint8_t letter) {
    return letter == '0' || (uint8_t)((letter | 0x20) - 'a') < 26;
}

static int is_object(const uint8_t *text, size_t size) {
    if (size < OBJECT || (size > OBJECT && is_of_word(text[OBJECT])))
        return 0;
    for (size_t at = SHORTEST; at < OBJECT; at++)
        if (at == 8 || at == 13 || at == 18 || at == 23 ? text[at] != '-' : !is_hexadecimal(text[at]))
            return 0;
    return 1;
}

/* How long an id is of which so many hexadecimal digits are known, none follows, and no letter stands around them; 0: it is none. */
static size_t id_length(const uint8_t *text, size_t digits, size_t size) {
    if (digits == SHORTEST)
        return is_object(text, size) ? OBJECT : 0;
    return digits == 12 || digits == 32 || digits == 40 || digits == 64 ? digits : 0;
}

/* Masks the id, if it is one, to which the hexadecimal digit at that place belongs, and notes it. Returns where the digits end. */
static size_t mask_id(uint8_t *text, size_t at, size_t size, int *any) {
    size_t begin = at, end = at;
    while (begin && is_hexadecimal(text[begin - 1]))
        begin--;
    while (end < size && is_hexadecimal(text[end]))
        end++;
    if ((begin && is_of_word(text[begin - 1])) || (end < size && is_of_word(text[end])))
        return end;
    size_t length = id_length(text + begin, end - begin, size - begin);
    if (!length)
        return end;
    memset(text + begin, '0', length);
    *any = 1;
    return begin + length;
}

/* Every long id zeros; those are ids that scanner.py names. In each there are SHORTEST hexadecimal digits in a row. Returns whether there was one. */
static int mask_ids(uint8_t *text, size_t size) {
    uint8_t begins[PIECE + SHORTEST]; /* first whether a digit stands there, then whether so many do */
    int any = 0;
    for (size_t from = 0, done; from + SHORTEST <= size; from += done) {
        size_t count = size - from < sizeof begins ? size - from : sizeof begins;
        for (size_t at = 0; at < count; at++)
            begins[at] = (uint8_t)is_hexadecimal(text[from + at]);
        for (size_t more = 1; more < SHORTEST; more *= 2)
            for (size_t at = 0; at + more < count; at++)
                begins[at] &= begins[at + more];
        done = 0;
        while (done + SHORTEST <= count) {
            const uint8_t *found = memchr(begins + done, 1, count - SHORTEST + 1 - done);
            if (!found)
                break;
            done = mask_id(text, from + (size_t)(found - begins), size, &any) - from;
        }
        done = done < PIECE ? PIECE : done;
    }
    return any;
}

typedef struct {
    uint8_t *shape; /* with a newline behind it */
    size_t size;
    uint64_t hash;
} masked;

/* Where a shape is, or where there is room for it. */
static slot *slot_of(masked line, slot *slots, int64_t last, const uint8_t *texts) {
    for (uint64_t at = line.hash >> 8;; at++) {
        slot *here = &slots[at & (uint64_t)last];
        if (!here->hash || (here->hash == line.hash && !memcmp(texts + here->at, line.shape, line.size + 1)))
            return here;
    }
}

/* Of the lines in text[begin, end) where each begins and ends, without its newline, and which shape it has. Shapes that are not known yet are
   added behind the known ones: `texts` holds each with a newline behind it, shape i from cuts[i] to cuts[i + 1], and `*count` says how many
   there are. There is room for `most` shapes of `room` bytes in all, less than 4 GiB, for at least twice as many slots (`last` + 1, a power of
   two), and for `lines` lines. Returns how many lines there are; -1: there is too little room, and what was added stays.

   What is known of some lines is asked for before the first of them is looked up, since it comes from far in the memory. */
int64_t k3slogs_shapes(const uint8_t *text, int64_t begin, int64_t end, const uint64_t *key, slot *slots, int64_t last, uint8_t *texts,
                       int64_t *cuts, int64_t *count, int64_t most, int64_t room, int64_t *starts, int64_t *ends, int64_t *which,
                       int64_t lines) {
    int64_t line = 0;
    while (begin < end) {
        masked some[SOME];
        int64_t found = 0, used = cuts[*count];
        for (; found < SOME && begin < end; found++) {
            const uint8_t *newline = memchr(text + begin, '\n', (size_t)(end - begin));
            int64_t stop = newline ? newline - text : end, size = stop - begin;
            if (line + found == lines || room - used <= size)
                break;
            mask(texts + used, text + begin, (size_t)size);
            texts[used + size] = '\n';
            some[found] = (masked){texts + used, (size_t)size, hashed(key[0], texts + used, (size_t)size, key) | 1};
            __builtin_prefetch(&slots[(some[found].hash >> 8) & (uint64_t)last]);
            starts[line + found] = begin;
            ends[line + found] = stop;
            used += size + 1;
            begin = stop + 1;
        }
        if (!found)
            return -1;
        for (int64_t each = 0; each < found; each++)
            __builtin_prefetch(texts + slots[(some[each].hash >> 8) & (uint64_t)last].at);
        for (int64_t each = 0; each < found; each++) {
            masked own = some[each];
            slot *here = slot_of(own, slots, last, texts);
            if (!here->hash && mask_ids(own.shape, own.size)) {
                own.hash = hashed(key[0], own.shape, own.size, key) | 1;
                here = slot_of(own, slots, last, texts);
            }
            if (!here->hash) {
                if (*count == most)
                    return -1;
                *here = (slot){own.hash, (uint32_t)*count, (uint32_t)cuts[*count]};
                memmove(texts + here->at, own.shape, own.size + 1);
                cuts[*count + 1] = cuts[*count] + (int64_t)own.size + 1;
                ++*count;
            }
            which[line++] = here->group;
        }
    }
    return line;
}

/* Of each of some places in a text: do other bytes stand there than at the one before it? So many are compared. */
void k3slogs_differ(const uint8_t *text, const int64_t *places, int64_t count, int64_t size, uint8_t *found) {
    for (int64_t each = 1; each < count; each++)
        found[each] = memcmp(text + places[each], text + places[each - 1], (size_t)size) != 0;
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
                here->group = (uint32_t)kinds;
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
