/* planted: what tests/analyze/run must find, or it finds nothing. Never linked. */
struct thing {
    int n;
};

static struct thing *find(struct thing *t, int n) {
    return t->n == n ? t : (struct thing *)0;
}

int planted_null(struct thing *t, int n);
int planted_null(struct thing *t, int n) {
    return find(t, n)->n;
}

int planted_unset(int n);
int planted_unset(int n) {
    int v;
    if (n > 3) v = n;
    return v + 1;
}
