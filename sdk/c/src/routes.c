/* Which context a path belongs to: the longest, on whole segments; those for the request's host come first. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "internal.h"

static bool valid_context(const char *context)
{
    if (context[0] != '/') {
        return false;
    }
    if (context[1] == '\0') {
        return true;
    }
    for (const char *segment = context + 1;;) {
        size_t size = strcspn(segment, "/");
        bool dots = (size == 1 && segment[0] == '.') || (size == 2 && segment[0] == '.' && segment[1] == '.');
        if (size == 0 || dots) {
            return false;
        }
        segment += size;
        if (*segment == '\0' || (segment[0] == '/' && segment[1] == '\0')) {
            break;
        }
        segment++;
    }
    for (const char *p = context; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;
        if (c < ' ' || c == 127 || strchr("?#%", c) != NULL) {
            return false;
        }
    }
    return is_utf8(context, strlen(context));
}

static int add(struct routes *t, const char *host, size_t host_size, const char *context, const struct route *given)
{
    struct route *all = realloc(t->all, (t->count + 1) * sizeof *all);
    if (all == NULL) {
        return -1;
    }
    t->all = all;
    struct route *route = &all[t->count];
    *route = *given;
    if (host_size > 1 && host[host_size - 1] == '.') {
        host_size--;
    }
    route->host = strndup(host, host_size);
    size_t size = strlen(context);
    route->context = strndup(context, size > 1 && context[size - 1] == '/' ? size - 1 : size);
    if (route->host == NULL || route->context == NULL) {
        free(route->host);
        free(route->context);
        return -1;
    }
    for (char *p = route->host; *p != '\0'; p++) {
        *p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
    }
    t->count++;
    return 0;
}

int routes_add_all(struct routes *t, const char *list, handoff_handler handler, void *user)
{
    char *copy = strdup(list == NULL || list[strspn(list, " ")] == '\0' ? "/" : list);
    char *rest = NULL;
    int result = copy == NULL ? -1 : 0;
    for (char *one = copy == NULL ? NULL : strtok_r(copy, " ", &rest); one != NULL && result == 0;
         one = strtok_r(NULL, " ", &rest)) {
        result = routes_add(t, one, handler, user);
    }
    free(copy);
    return result;
}

int routes_add(struct routes *t, const char *where, handoff_handler handler, void *user)
{
    const char *context = strchr(where, '/');
    if (context == NULL || !valid_context(context) || handler == NULL) {
        errno = EINVAL;
        return -1;
    }
    return add(t, where, (size_t)(context - where), context, &(struct route){.handler = handler, .user = user});
}

static void drop_foreign(struct routes *t)
{
    size_t kept = 0;
    for (size_t i = 0; i < t->count; i++) {
        if (t->all[i].foreign) {
            free(t->all[i].host);
            free(t->all[i].context);
        } else {
            t->all[kept++] = t->all[i];
        }
    }
    t->count = kept;
}

static bool is_under(const char *path, const char *context)
{
    size_t size = strlen(context);
    return size == 1 || (strncmp(path, context, size) == 0 && (path[size] == '\0' || path[size] == '/'));
}

/* Whether a context of somebody else can win over one of ours; of all others there may be many thousands. */
static bool is_relevant(const struct routes *t, const struct route *foreign)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct route *r = &t->all[i];
        if (r->foreign || (r->host[0] != '\0' && strcmp(r->host, foreign->host) != 0)) {
            continue;
        }
        bool wins_shorter = r->host[0] == '\0' && foreign->host[0] != '\0';
        if (is_under(foreign->context, r->context) || (wins_shorter && is_under(r->context, foreign->context))) {
            return true;
        }
    }
    return false;
}

static void drop_last(struct routes *t)
{
    struct route *last = &t->all[--t->count];
    free(last->host);
    free(last->context);
}

int routes_elsewhere(struct routes *t, const char *lines)
{
    drop_foreign(t);
    while (*lines != '\0') {
        size_t size = strcspn(lines, "\n");
        const char *space = memchr(lines, ' ', size);
        if (space == NULL) {
            return -1;
        }
        char *context = strndup(space + 1, size - (size_t)(space + 1 - lines));
        struct route foreign = {.foreign = 1};
        int added = context == NULL ? -1 : add(t, lines, (size_t)(space - lines), context, &foreign);
        free(context);
        if (added != 0) {
            return -1;
        }
        if (!is_relevant(t, &t->all[t->count - 1])) {
            drop_last(t);
        }
        lines += size + (lines[size] == '\n');
    }
    return 0;
}

const struct route *routes_find(const struct routes *t, const char *host, const char *path)
{
    const struct route *found = NULL;
    size_t longest = 0;
    bool found_host = false;
    for (size_t i = 0; i < t->count; i++) {
        const struct route *r = &t->all[i];
        bool any = r->host[0] == '\0';
        if (!any && strcmp(r->host, host) != 0) {
            continue;
        }
        size_t size = strlen(r->context);
        bool better = !any != found_host ? !any : size > longest;
        if (better && is_under(path, r->context)) {
            found = r;
            longest = size;
            found_host = !any;
        }
    }
    return found != NULL && found->foreign ? NULL : found;
}

void routes_free(struct routes *t)
{
    for (size_t i = 0; i < t->count; i++) {
        free(t->all[i].host);
        free(t->all[i].context);
    }
    free(t->all);
    *t = (struct routes){0};
}
